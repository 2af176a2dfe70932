"""``demo load``: fills an empty database with a believable city office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask_security import verify_password

from crm import clock
from crm.accounts.rules import wrong_password
from crm.commandline import Moment, OneLineGroup, fail, json_option, print_json
from crm.demo.cast import DOMAIN, LOGINS
from crm.demo.load import Size, load
from crm.errors import Refusal
from models import db, statistics
from models.company import Company
from models.lead import Lead
from models.user import User
from models.visit import Visit

PASSWORD = "jiaxing-demo-2026"  # noqa: S105 (of made-up people, and printed)
FEWEST = 6
MOST = 10_000_000

commands = OneLineGroup("demo", help="Made-up data to look at.")


@commands.command("load")
@click.option("--leads", type=click.IntRange(FEWEST, MOST), default=400, show_default=True)
@click.option("--visits", type=click.IntRange(FEWEST, MOST), default=2500, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same demo."
)
@click.option("--at", type=Moment(), help="The moment at which the story ends; default now.")
@click.option("--password", default=PASSWORD, help="For all accounts of the demo.")
@json_option
def load_demo(
    leads: int, visits: int, seed: int, at: datetime | None, password: str, as_json: bool
) -> None:
    """Make people, lists, leads and visits. A database that holds a demo is left as it is."""
    if text := wrong_password(password):
        raise Refusal({"password": [text]})
    if _is_demo():
        click.echo("The demo is there already; nothing was changed.", err=True)
    elif _holds_anything():
        fail("This database holds records that are not the demo's; load it into an empty one.")
    else:
        size = Size(leads, visits)
        files = current_app.extensions["crm.files"]
        load(size, seed=seed, at=at or clock.now(), password=password, files=files)
        db.session.commit()
        statistics.sweep(db.engine)
    _say(password, as_json=as_json)


def _is_demo() -> bool:
    addresses = [f"{part.email}@{DOMAIN}" for part in LOGINS]
    known = db.session.scalar(
        sa.select(sa.func.count()).select_from(User).where(User.email.in_(addresses))
    )
    return known == len(addresses)


def _holds_anything() -> bool:
    return any(
        db.session.scalar(sa.select(model.id).limit(1)) is not None
        for model in (User, Company, Lead, Visit)
    )


def _say(password: str, *, as_json: bool) -> None:
    # The accounts share one hash as long as nobody changes theirs; to check it is slow on purpose.
    holds = cache(partial(verify_password, password))
    found: dict[str, Any] = {
        "logins": [_login(f"{part.email}@{DOMAIN}", password, holds) for part in LOGINS],
        "leads": db.session.scalar(sa.select(sa.func.count()).select_from(Lead)),
        "visits": db.session.scalar(sa.select(sa.func.count()).select_from(Visit)),
    }
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['leads']} leads, {found['visits']} visits")
    for login in found["logins"]:
        click.echo(f"{login['email']:28} {login['role']:18} {login['password'] or '(changed)'}")


def _login(email: str, password: str, holds: Callable[[str], bool]) -> dict[str, Any]:
    """An account of the demo; its password is said while it is still this one."""
    user = db.session.scalars(sa.select(User).where(User.email == email)).one()
    known = password if holds(user.password) else None
    return {"email": email, "role": user.role.value, "password": known}


COMMANDS = (commands,)
