"""Visits: listed, read, logged."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Conflict, NotFound, Refusal
from crm.messages import Message, msg
from crm.promises.rules import NewPromise
from crm.visits import archiving, queries, service
from crm.visits.filters import VisitFilter
from models.enums import VisitMode
from models.visit import Visit
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import NewVisitSchema, VisitQuery, VisitSchema
from views.guard import actor

noun = Noun("visits", "Visits, calls and messages: who was met, when, and what was said.")

_SEVERAL = ("leads", "contacts", "companions")
_OF_PROMISE = re.compile(r"promise_([0-9]+)(_on|_who)?")
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
@noun.makes(VisitSchema)
@noun.answers(VisitSchema, 200, description="It was logged before, by the same client_key")
def create(sent: dict[str, Any]) -> Response:
    """Log a visit

    One entry is the touch, the evidence, the need and the next step. The same `client_key` of the
    same person is the same visit: sent again it answers 200 with what was logged, or 409 when it
    was put away since.

    Need, plans and next step are kept on `lead`. Without it they are kept on the only lead that is
    meant, and refused where there are several. Who may not change the lead sets no next step.
    """

    def make() -> Response:
        values = {**sent, **{name: tuple(sent[name]) for name in _SEVERAL if name in sent}}
        values["promises"] = tuple(NewPromise(**row) for row in sent.get("promises", ()))
        try:
            with answers.named("lead" if "lead" in sent else "leads"):
                logged = service.log_visit(service.NewVisit(**values), actor(), clock.now())
        except Refusal as refusal:
            raise _by_number(refusal) from None
        try:
            dumped = _dumped(logged.visit.public_id)
        except NotFound:
            raise Conflict(msg("这次走访记过，后来归档了。要用它，请在回收站恢复。")) from None
        if not logged.created:
            return answers.as_json(dumped)
        return answers.made(dumped, f"visits/{logged.visit.public_id}")

    return answers.once(make)


@noun.delete("/<id:visit_id>")
@noun.needs(Right.LOG_VISITS)
@noun.gone
def remove(visit_id: str) -> Response:
    """Put a visit away

    For who logged it, the team lead of one of its leads and managers. It counts for nothing any
    more: last touches and protection go back to the touch before. Stages that were passed stay. It
    lies in the trash and can be brought back there.
    """
    answers.matched(
        lambda: archiving.removable_visit(visit_id, actor()), lambda _held: _dumped(visit_id)
    )
    archiving.archive_visit(visit_id, "", actor(), clock.now())
    return answers.gone()


def _by_number(refusal: Refusal) -> Refusal:
    """The same with what is wrong of each promise at the list of them, with its number."""
    errors: dict[str, list[Message]] = {}
    for name, texts in refusal.errors.items():
        found = _OF_PROMISE.fullmatch(name)
        said = (
            [msg("第 %(n)s 条：%(text)s", n=int(found[1]), text=text) for text in texts]
            if found
            else texts
        )
        errors.setdefault("promises" if found else name, []).extend(said)
    return Refusal(errors, refusal.message, code=refusal.code)


def _dumped(visit_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = VisitSchema().dump(_row(queries.readable_visit(actor(), visit_id)))
    return dumped


def _row(visit: Visit) -> dict[str, Any]:
    told = visit.reception if visit.mode is VisitMode.IN else None
    received = {f"reception_{name}": getattr(told, name, None) for name in _RECEPTION}
    names = VisitSchema().fields.keys() - {"id", *received, *_SEVERAL}
    people = {name: sorted(row.public_id for row in getattr(visit, name)) for name in _SEVERAL}
    return {
        **{name: getattr(visit, name) for name in names},
        "public_id": visit.public_id,
        **received,
        **people,
    }
