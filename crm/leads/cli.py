"""``leads …``: upkeep of what follows from the leads."""

from __future__ import annotations

import click

from crm.commandline import OneLineGroup
from crm.leads import totals
from models import db

commands = OneLineGroup("leads", help="Leads.")


@commands.command("rebuild-totals")
def rebuild_totals() -> None:
    """Write the board's counts and sums anew from the leads."""
    totals.rebuild(db.session())
    db.session.commit()
    click.echo("ok", err=True)


COMMANDS = (commands,)
