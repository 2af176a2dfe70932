"""Appointments by machine: arranged, moved, called off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.visits.appointments import queries, service
from crm.visits.appointments.queries import Wanted
from crm.visits.appointments.rules import AppointmentState, Plan
from models.appointment import Appointment
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.appointments import (
    AppointmentChangesSchema,
    AppointmentQuery,
    AppointmentSchema,
    NewAppointmentSchema,
)
from views.guard import actor

noun = Noun("appointments", "Appointments: what is arranged, with whom, when and where.")

_PEOPLE = ("companions", "contacts", "invited")


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(AppointmentQuery, location="query")
@noun.pages(AppointmentSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List appointments

    Those on which the caller takes part and those of the leads that the caller may read; the
    earliest first.
    """
    limit = query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.moment, answers.row_key))
    found = queries.appointments_page(actor(), Wanted(**query), cursor, limit)
    return answers.page(found, _rows(found.items))


@noun.get("/<id:appointment_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(AppointmentSchema)
def show(appointment_id: str) -> Response:
    """Get an appointment"""
    return answers.read(_dumped(appointment_id))


@noun.post("")
@noun.needs(Right.LOG_VISITS)
@noun.arguments(NewAppointmentSchema)
@noun.makes(AppointmentSchema)
@noun.answers(AppointmentSchema, 200, description="It was arranged before, by the same client_key")
def create(sent: dict[str, Any]) -> Response:
    """Arrange a meeting

    Who of ours takes part gets an invitation for their calendar, and so do those of theirs in
    `invited`. The same `client_key` of the same person is the same appointment: sent again it
    answers 200 with what was arranged.
    """

    def make() -> Response:
        named = {name: sent.pop(name) for name in ("lead", "company") if name in sent}
        key = sent.pop("client_key")
        new = service.NewAppointment(key, Plan(**_typed(sent)), **named)
        with answers.named("lead"):
            one, made = service.arrange(new, actor(), clock.now())
        dumped = _dumped(one.public_id)
        if not made:
            return answers.as_json(dumped)
        return answers.made(dumped, f"appointments/{one.public_id}")

    return answers.once(make)


@noun.patch("/<id:appointment_id>")
@noun.needs(Right.LOG_VISITS)
@noun.arguments(AppointmentChangesSchema)
@noun.answers(AppointmentSchema)
def change(sent: dict[str, Any], appointment_id: str) -> Response:
    """Change or move an appointment, call it off

    For who takes part and who works on its lead. `{"cancelled": true}` calls it off and
    `{"cancelled": false}` takes that back; all are told. One that was logged as a visit stays.
    """
    one = answers.matched(
        lambda: service.own_appointment(actor(), appointment_id),
        lambda _held: _dumped(appointment_id),
    )
    cancelled = sent.pop("cancelled", None)
    if cancelled is False:
        service.restore(one, actor(), clock.now())
    if sent:
        plan = service.plan_of(service.known_of(one) | _typed(sent))
        service.change(one, plan, actor(), clock.now())
    if cancelled is True:
        service.cancel(one, actor(), clock.now())
    return answers.changed(_dumped(appointment_id))


def _typed(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _PEOPLE else value for name, value in sent.items()}


def _dumped(appointment_id: str) -> dict[str, Any]:
    one = queries.readable_appointment(actor(), appointment_id)
    dumped: dict[str, Any] = AppointmentSchema().dump(_rows([one])[0])
    return dumped


def _rows(found: Sequence[Appointment]) -> list[dict[str, Any]]:
    invited = queries.invited_among([one.id for one in found])
    return [_row(one, invited.get(one.id, set())) for one in found]


def _row(one: Appointment, invited: set[int]) -> dict[str, Any]:
    names = ("public_id", "client_key", "author", "company", "mode", "starts_at", "minutes")
    texts = ("place", "host", "materials")
    state = AppointmentState.OPEN
    if one.visit is not None:
        state = AppointmentState.HELD
    elif one.cancelled_at is not None:
        state = AppointmentState.CANCELLED
    return {
        **{name: getattr(one, name) for name in (*names, *texts)},
        "lead": one.lead.public_id if one.lead else None,
        "visit": one.visit.public_id if one.visit else None,
        "companions": sorted(user.public_id for user in one.users),
        "contacts": sorted(contact.public_id for contact in one.contacts),
        "invited": sorted(each.public_id for each in one.contacts if each.id in invited),
        "state": state,
    }
