"""``audit …``: the trail proves itself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from crm import clock
from crm.commandline import OneLineGroup, json_option, print_json
from crm.seals import service
from crm.seals.service import Broken
from models import db

commands = OneLineGroup("audit", help="The trail.")


@commands.command("seal")
def seal() -> None:
    """Seal what has become known since the last seal; the worker does it by itself."""
    laid = service.seal(db.engine, clock.now(), most=1_000_000)
    click.echo(f"{laid} seals", err=True)


@commands.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """Prove that the trail is what was sealed; exit 1 and say where when it is not."""
    proof = service.prove(db.engine)
    if as_json:
        broken = [_as_json(one) for one in proof.broken]
        print_json({"ok": not broken, **asdict(proof), "broken": broken})
    else:
        click.echo(
            f"{proof.seals} seals over {proof.change_sets} change sets; {proof.waiting} unsealed"
        )
        click.echo(f"head {proof.head}")
        for one in proof.broken:
            click.echo(f"broken: seal {one.number}, {_said(one.after)} to {_said(one.until)}")
    if proof.broken:
        raise SystemExit(1)


def _as_json(broken: Broken) -> dict[str, Any]:
    after = broken.after.isoformat() if broken.after else None
    return {"seal": broken.number, "after": after, "until": broken.until.isoformat()}


def _said(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.ZONE):%Y-%m-%d %H:%M:%S}" if moment else "the beginning"


COMMANDS = (commands,)
