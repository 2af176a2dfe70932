"""``search …``: upkeep of what leads and people are found by."""

from __future__ import annotations

import click

from crm.commandline import OneLineGroup
from crm.companies import index
from models import db

commands = OneLineGroup("search", help="The search.")


@commands.command("rebuild")
def rebuild() -> None:
    """Write what leads and people are found by anew."""
    index.rebuild(db.session())
    db.session.commit()
    click.echo("ok", err=True)


COMMANDS = (commands,)
