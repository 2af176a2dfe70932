"""``pipeline``: where every lead stood, as it was known at a moment."""

from __future__ import annotations

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from crm import beside
from crm.commandline import Moment, OneLineCommand
from crm.reports.past import pipeline_at, uncollected
from crm.reports.pipeline import as_json, as_table
from models.plain import Database


@click.command("pipeline", cls=OneLineCommand)
@click.option(
    "--known-at",
    type=Moment(),
    required=True,
    help="What was known then; without an offset Shanghai's time.",
)
@click.option(
    "--effective-at",
    type=Moment(),
    help="What had happened by then; without it whatever was known.",
)
@click.option("--json", "as_one_object", is_flag=True, help="One object on stdout.")
@with_appcontext
def pipeline(known_at: datetime, effective_at: datetime | None, as_one_object: bool) -> None:
    """Print the pipeline of a past moment: the same two moments print the same for ever."""
    with uncollected():
        database = Database(current_app.config["SQLALCHEMY_DATABASE_URI"])
        found = pipeline_at(database, known_at, effective_at, parts=beside.useful())
        if not as_one_object:
            click.echo("\n".join(as_table(found)))
            return
        for piece in as_json(found):
            click.echo(piece, nl=False)


COMMANDS = (pipeline,)
