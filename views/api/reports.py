"""Reports: the same numbers as the pages and files, for machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from werkzeug.wrappers import Response

from crm import clock, timing
from crm.access import Right, sees_the_city
from crm.companies.queries import editions
from crm.errors import NotFound
from crm.exports import Cell
from crm.formats import say
from crm.leads.filters import LeadFilter
from crm.reports.forecast.hindsight import hindsight_of
from crm.reports.forecast.queries import forecast_of
from crm.reports.forecast.written import as_object
from crm.reports.ledger import CURSOR, Ledger, fields_of, ledger_page
from crm.reports.ledger_fields import Project
from crm.reports.overview import overview as overview_of
from crm.reports.past import pipeline_at
from crm.reports.pipeline import as_json
from crm.spans import Period
from crm.targets.queries import Standing, standings
from models import db
from models.plain import Database
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import JSON_TYPE, Noun
from views.api.schemas.facts import EditionSchema
from views.api.schemas.reports import (
    LandingForecastSchema,
    LedgerQuery,
    LedgerRowSchema,
    OverviewQuery,
    OverviewSchema,
    PipelineQuery,
    PipelineSchema,
)
from views.api.targets import edition_row
from views.figures import href
from views.guard import actor

noun = Noun("reports", "Reports: what stands on the overview, in the ledgers, at any past moment.")


@noun.get("/overview")
@noun.needs(Right.READ_LEADS)
@noun.arguments(OverviewQuery, location="query")
@noun.answers(OverviewSchema)
def overview(query: dict[str, Any]) -> Response:
    """Get the overview

    Every figure of the page, within what the caller may see. Goals stand in `/goals`, the lists in
    `/reports/coverage`.
    """
    found = overview_of(actor(), query.get("period", Period.QUARTER), clock.now())
    figures = [
        {
            "name": one.name,
            "value": one.value,
            "sum": one.sum if one.sum_of else None,
            "sum_of": one.sum_of or None,
            "opens": href(one),
        }
        for one in found.figures()
    ]
    span = {"first": found.span.first, "last": found.span.last}
    return answers.as_json(OverviewSchema().dump({**vars(found), **span, "figures": figures}))


@noun.get("/landing-forecast")
@noun.needs(Right.READ_LEADS)
@noun.answers(LandingForecastSchema)
def landing_forecast() -> Response:
    """Get what will land

    The ranges of the overview, and the page's working: the leads by stage that the caller may see,
    and what became of the city's in the last eight complete quarters. Leads that are registered
    later come on top. `hindsight` is what would have been said of the last four quarters when they
    began, beside what landed.
    """
    today = clock.today()
    found = as_object(forecast_of(actor(), today), hindsight_of(actor(), today))
    return answers.as_json(found)


@noun.get("/coverage")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ShortPaging, location="query")
@noun.pages(EditionSchema)
def coverage(query: dict[str, Any]) -> dict[str, Any]:
    """List the coverage of the target lists

    Each edition on one page, with its entries by how far they got.
    """
    stand = standings(clock.now())
    return answers.all_of(
        [
            edition_row(one, one.target_list.code, stand.get(one.id, Standing()))
            for one in editions()
        ],
        query,
    )


@noun.get("/ledger")
@noun.needs(Right.READ_LEADS)
@noun.arguments(LedgerQuery, location="query")
@noun.pages(LedgerRowSchema)
def ledger(query: dict[str, Any]) -> dict[str, Any]:
    """List the projects of a ledger

    In talks, signed or landed, numbered as on paper: by team, then in the order of registration.
    """
    kind, limit = query.pop("kind", Ledger.NEGOTIATING), query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.row_key,) * CURSOR)
    wanted = LeadFilter(**query)
    found = ledger_page(kind, actor(), wanted, clock.today(), limit=limit, cursor=cursor)
    return answers.page(found, [dict(_row(kind, project)) for project in found.items])


@noun.get("/pipeline")
@noun.needs(Right.READ_LEADS)
@noun.arguments(PipelineQuery, location="query")
@noun.answers(PipelineSchema)
def pipeline(query: dict[str, Any]) -> Response:
    """Get the pipeline of a moment

    What was known then of what had happened by then, for who sees the whole city: the same two
    moments answer the same for ever, whatever was changed since.
    """
    if not sees_the_city(actor()):
        raise NotFound
    moments = (
        query.get("known_at", clock.now().astimezone(clock.ZONE)),
        query.get("effective_at"),
    )
    found = pipeline_at(Database.of(db.engine, timing.note), *moments)
    return Response(as_json(found), mimetype=JSON_TYPE)


def _row(kind: Ledger, project: Project) -> Iterator[tuple[str, Any]]:
    yield "lead", project.lead.public_id
    yield from dict.fromkeys(LedgerRowSchema().fields.keys() - {"lead"}).items()
    for field in fields_of(kind):
        yield field.code, _plain(field.read(project))


def _plain(value: Cell) -> Any:
    """Numbers and days as they are, the rest in the reader's words."""
    return value if value is None or isinstance(value, int | date) else say(value)
