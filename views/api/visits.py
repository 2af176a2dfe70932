"""Visits: listed, read, logged."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.visits import queries, service
from crm.visits.filters import VisitFilter
from models.visit import Visit
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import NewVisitSchema, VisitQuery, VisitSchema
from views.guard import actor

noun = Noun("visits", "Visits, calls and messages: who was met, when, and what was said.")

_SEVERAL = ("leads", "contacts", "companions")
_RECEPTION = ("host", "place", "materials")


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(VisitQuery, location="query")
@noun.pages(VisitSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List visits

    Those that the caller logged or whose leads the caller may read, the latest first.
    """
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.moment, answers.row_key))
    limit = query.pop("limit")
    found = queries.visits_page(actor(), VisitFilter(**query), cursor, limit, whole=True)
    return answers.page(found, [_row(visit) for visit in found.items])


@noun.get("/<id:visit_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(VisitSchema)
def show(visit_id: str) -> Response:
    """Get a visit"""
    return answers.read(_dumped(visit_id))


@noun.post("")
@noun.needs(Right.LOG_VISITS)
@noun.arguments(NewVisitSchema)
@noun.answers(VisitSchema, 201)
@noun.answers(VisitSchema, 200, description="It was logged before, by the same client_key")
def create(sent: dict[str, Any]) -> Response:
    """Log a visit

    One entry is the touch, the evidence, the need and the next step. The same `client_key` of the
    same person is the same visit: sent again it answers 200 with what was logged.
    """

    def make() -> Response:
        values = {**sent, **{name: tuple(sent[name]) for name in _SEVERAL if name in sent}}
        logged = service.log_visit(service.NewVisit(**values), actor(), clock.now())
        dumped = _dumped(logged.visit.public_id)
        if not logged.created:
            return answers.as_json(dumped)
        return answers.made(dumped, f"visits/{logged.visit.public_id}")

    return answers.once(make)


def _dumped(visit_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = VisitSchema().dump(_row(queries.readable_visit(actor(), visit_id)))
    return dumped


def _row(visit: Visit) -> dict[str, Any]:
    told = visit.reception
    received = {f"reception_{name}": getattr(told, name, None) for name in _RECEPTION}
    names = VisitSchema().fields.keys() - {"id", *received, *_SEVERAL}
    people = {name: sorted(row.public_id for row in getattr(visit, name)) for name in _SEVERAL}
    return {
        **{name: getattr(visit, name) for name in names},
        "public_id": visit.public_id,
        **received,
        **people,
    }
