"""``users``: accounts made, changed, switched off and on."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from typing import Any

import click

from crm import clock
from crm.access.queries import account_named
from crm.accounts import service
from crm.accounts.rules import AccountInput
from crm.accounts.service import Changed
from crm.commandline import OneLineGroup
from models import db
from models.enums import Role

commands = OneLineGroup("users", help="Accounts.")

_ROLES = click.Choice([role.value for role in Role])
_heir = click.option("--heir", help="Address of the colleague who takes their team's open leads.")


@commands.command("create")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=_ROLES)
@click.option("--team", default="", help="Code of a scouting team.")
@click.option("--park", default="", help="Code of a park.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, name: str, role: str, team: str, park: str, *, password_stdin: bool) -> None:
    """Make an account. Without --password-stdin a password is made and printed once."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    typed = AccountInput(email, name, Role(role), team, park)
    service.create_user(typed, password=password, now=clock.now())
    db.session.commit()
    click.echo(email if password_stdin else password)


@commands.command("change")
@click.argument("email")
@click.option("--email", "new_email", help="Another address.")
@click.option("--name")
@click.option("--role", type=_ROLES)
@click.option("--team", help="Code of a scouting team; empty: none.")
@click.option("--park", help="Code of a park; empty: none.")
@_heir
def change(email: str, new_email: str | None, heir: str | None, **given: Any) -> None:
    """Change an account; what is not named stays as it is."""
    user, now = account_named(email), clock.now()
    known = service.known_of(user, service.memberships_of(user, clock.local_date(now)))
    wanted = {name: value for name, value in given.items() if value is not None}
    typed = AccountInput(**{**asdict(known), **wanted, "email": new_email or known.email})
    _say(service.change_account(user.public_id, typed, by=None, now=now, heir=_id_of(heir)))


@commands.command("deactivate")
@click.argument("email")
@_heir
def deactivate(email: str, heir: str | None) -> None:
    """Switch an account off; what the person did stays."""
    public_id = account_named(email).public_id
    _say(service.deactivate(public_id, by=None, now=clock.now(), heir=_id_of(heir)))


@commands.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Switch an account on again."""
    user = service.activate(account_named(email).public_id)
    db.session.commit()
    click.echo(user.email)


def _id_of(email: str | None) -> str:
    return account_named(email).public_id if email else ""


def _say(changed: Changed) -> None:
    """The address, and how many leads went to somebody else."""
    db.session.commit()
    click.echo(f"{changed.user.email}\t{changed.handed_over}")


COMMANDS = (commands,)
