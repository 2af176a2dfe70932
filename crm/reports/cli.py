"""``pipeline``: where every lead stood, as it was known at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from crm import beside
from crm.commandline import (
    Moment,
    OneLineCommand,
    OneLineGroup,
    at_option,
    json_option,
    print_json,
)
from crm.reports.past import pipeline_at, uncollected
from crm.reports.pipeline import as_json, as_table
from models.plain import Database

if TYPE_CHECKING:
    from crm.reports.forecast.hindsight import Hindsight
    from crm.reports.forecast.queries import LandingForecast
    from crm.reports.forecast.rules import Points

landings = OneLineGroup("landings", help="What landed of what stood, and what will.")


@click.command("pipeline", cls=OneLineCommand)
@click.option(
    "--known-at",
    type=Moment(),
    required=True,
    help="What was known then; without an offset in the teams' own time.",
)
@click.option(
    "--effective-at",
    type=Moment(),
    help="What had happened by then; without it whatever was known.",
)
@click.option("--json", "as_one_object", is_flag=True, help="Print one JSON object.")
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


@landings.command("observe")
@at_option
@json_option
def observe_landings(at: datetime | None, as_json: bool) -> None:
    """Write down what became of the leads of past quarters, as the worker does each day."""
    # The pipeline of a moment starts without the models.
    from crm import clock  # noqa: PLC0415
    from crm.reports.forecast.service import observe  # noqa: PLC0415
    from models import db  # noqa: PLC0415

    written = observe(clock.local_date(at or clock.now()))
    db.session.commit()
    if as_json:
        print_json(vars(written))
        return
    looked = f"; looked back on {written.looked_back} quarters" if written.looked_back else ""
    click.echo(f"{written.rates} shares of {written.standing} observations{looked}")


@landings.command("forecast")
@at_option
@json_option
def forecast_landings(at: datetime | None, as_json: bool) -> None:
    """Print what will land in the whole city: at least so many (90 %), most likely, at most.

    Then what would have been printed when the last four quarters began, and what landed in them.
    """
    from crm import clock  # noqa: PLC0415
    from crm.reports.forecast.hindsight import city_hindsight  # noqa: PLC0415
    from crm.reports.forecast.queries import city_forecast  # noqa: PLC0415
    from crm.reports.forecast.written import as_object  # noqa: PLC0415

    today = clock.local_date(at or clock.now())
    found, past = city_forecast(today), city_hindsight(today)
    if as_json:
        print_json(as_object(found, past))
        return
    click.echo("\n".join([*_lines(found), *_past_lines(past)]))


def _lines(found: LandingForecast) -> list[str]:
    said: list[tuple[Any, Any]] = [
        (f"{one.quarter.first.year} Q{one.quarter.number}", one.points) for one in found.quarters
    ]
    said += [(one.year, one.points) for one in found.years]
    return [f"{when}: {_said(points)}" for when, points in said]


def _past_lines(past: Hindsight) -> list[str]:
    return [
        f"{one.quarter.first.year} Q{one.quarter.number}, looking back: {_said(one.points)},"
        f" landed {one.landed.value}"
        for one in past.quarters
    ]


def _said(points: Points | None) -> str:
    return f"{points.sure} {points.likely} {points.possible}" if points else "unknown"


COMMANDS = (pipeline, landings)
