"""``visits …``: upkeep of what follows from the visits."""

from __future__ import annotations

import click

from crm.commandline import OneLineGroup
from crm.visits import totals
from models import db

commands = OneLineGroup("visits", help="Visits.")


@commands.command("rebuild-totals")
def rebuild_totals() -> None:
    """Count the visits of every day anew."""
    totals.rebuild(db.session())
    db.session.commit()
    click.echo("ok", err=True)


COMMANDS = (commands,)
