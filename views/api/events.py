"""Promotion events by machine: written down, guests invited, what they answered and who came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import g
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Refusal
from crm.events import guests, invitations, leads, queries, service
from crm.events.guests import GuestFilter, Guests
from crm.events.invitations import Guest
from crm.events.queries import EventFilter, EventRow
from crm.events.rules import EventInput
from crm.messages import msg
from crm.visits.people import NewPerson
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.events import (
    EventChangesSchema,
    EventLeadSchema,
    EventQuery,
    EventSchema,
    InvitationChangesSchema,
    InvitationQuery,
    InvitationSchema,
    NewEventSchema,
    NewInvitationSchema,
)
from views.guard import actor

noun = Noun("events", "Promotion events: who was invited, who came, and the leads that came of it.")

_NAMES = {"new_name": "name"}


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(EventQuery, location="query")
@noun.pages(EventSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List events

    The latest first.
    """
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.day, answers.row_key))
    wanted = EventFilter(query.get("status"), query.get("channel", ""))
    found = queries.events_page(actor(), wanted, cursor, clock.today(), query["limit"])
    return answers.page(found, _rows(found.items))


@noun.get("/<id:event_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(EventSchema)
def show(event_id: str) -> Response:
    """Get an event"""
    return answers.read(_dumped(event_id))


@noun.post("")
@noun.needs(Right.WRITE_EVENTS)
@noun.arguments(NewEventSchema)
@noun.makes(EventSchema)
def create(sent: dict[str, Any]) -> Response:
    """Write an event down

    The caller is there where nobody is named.
    """

    def make() -> Response:
        typed = {"people": (g.api_user.public_id,), **_typed(sent)}
        event = service.create_event(EventInput(**typed), actor(), clock.now())
        return answers.made(_dumped(event.public_id), f"events/{event.public_id}")

    return answers.once(make)


@noun.patch("/<id:event_id>")
@noun.needs(Right.WRITE_EVENTS)
@noun.arguments(EventChangesSchema)
@noun.answers(EventSchema)
def change(sent: dict[str, Any], event_id: str) -> Response:
    """Change an event"""
    event = answers.matched(lambda: service.held_event(event_id), lambda _held: _dumped(event_id))
    wanted = EventInput(**{**asdict(service.known_of(event)), **_typed(sent)})
    service.edit_event(event_id, wanted, actor())
    return answers.changed(_dumped(event_id))


@noun.delete("/<id:event_id>")
@noun.needs(Right.WRITE_EVENTS)
@noun.gone
def remove(event_id: str) -> Response:
    """Put an event away

    With its guests; visits and leads stay what they are. For who wrote it down, the lead of its
    team and managers. It lies in the trash and can be brought back there.
    """
    answers.matched(lambda: service.held_event(event_id), lambda _held: _dumped(event_id))
    service.archive_event(event_id, "", actor(), clock.now())
    return answers.gone()


@noun.get("/<id:event_id>/invitations")
@noun.needs(Right.READ_LEADS)
@noun.arguments(InvitationQuery, location="query")
@noun.pages(InvitationSchema)
def list_invitations(query: dict[str, Any], event_id: str) -> dict[str, Any]:
    """List the guests of an event

    By their company's name.
    """
    event = queries.event_or_404(event_id)
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.word, answers.row_key))
    wanted = GuestFilter(query.get("kind"))
    found = guests.guests_page(event, wanted, cursor, query["limit"])
    return answers.page(found, found.items)


@noun.get("/<id:event_id>/invitations/<id:invitation_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(InvitationSchema)
def show_invitation(event_id: str, invitation_id: str) -> Response:
    """Get a guest"""
    return answers.read(_guest(event_id, invitation_id))


@noun.post("/<id:event_id>/invitations")
@noun.needs(Right.WRITE_EVENTS)
@noun.arguments(NewInvitationSchema)
@noun.makes(InvitationSchema)
def invite(sent: dict[str, Any], event_id: str) -> Response:
    """Invite somebody

    A company, and where known a person of it: a contact, or one by `name` who becomes its contact.
    With `walk_in` they came uninvited, which can be said from the first day on. Who is on the list
    already is refused.
    """

    def make() -> Response:
        queries.event_or_404(event_id)
        person = NewPerson(sent["name"]) if sent.get("name", "").strip() else None
        guest = Guest(sent["company"], sent.get("contact", ""), person)
        walk_in = sent.get("walk_in", False)
        try:
            made = invitations.invite(event_id, [guest], actor(), clock.now(), walk_in=walk_in).made
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
        if not made:
            raise Refusal({"company": [msg("这位已在名单里。")]})
        key = made[0].public_id
        return answers.made(_guest(event_id, key), f"events/{event_id}/invitations/{key}")

    return answers.once(make)


@noun.patch("/<id:event_id>/invitations/<id:invitation_id>")
@noun.needs(Right.WRITE_EVENTS)
@noun.arguments(InvitationChangesSchema)
@noun.answers(InvitationSchema)
def change_invitation(sent: dict[str, Any], event_id: str, invitation_id: str) -> Response:
    """Say what a guest answered, whether they came, and who it is"""
    answers.matched(
        lambda: invitations.held_invitation(event_id, invitation_id),
        lambda _held: _guest(event_id, invitation_id),
    )
    if "contact" in sent:
        guest = Guest("", sent["contact"])
        invitations.name_guest(event_id, invitation_id, guest, actor(), clock.now())
    if "reply" in sent:
        invitations.answer(event_id, invitation_id, sent["reply"], actor())
    if "attendance" in sent:
        invitations.mark(event_id, invitation_id, sent["attendance"], actor(), clock.now())
    return answers.changed(_guest(event_id, invitation_id))


@noun.delete("/<id:event_id>/invitations/<id:invitation_id>")
@noun.needs(Right.WRITE_EVENTS)
@noun.gone
def remove_invitation(event_id: str, invitation_id: str) -> Response:
    """Take a guest off the list

    Not one whose presence was logged as a visit.
    """
    answers.matched(
        lambda: invitations.held_invitation(event_id, invitation_id),
        lambda _held: _guest(event_id, invitation_id),
    )
    invitations.remove(event_id, invitation_id, actor())
    return answers.gone()


@noun.post("/<id:event_id>/leads")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(EventLeadSchema)
@noun.makes(EventSchema)
def link_lead(sent: dict[str, Any], event_id: str) -> Response:
    """Say that a lead came of an event

    For who may change the lead; said again it stays.
    """

    def make() -> Response:
        queries.event_or_404(event_id)
        with answers.named("lead"):
            leads.link_lead(event_id, sent["lead"], actor(), clock.now())
        return answers.made(_dumped(event_id), f"events/{event_id}")

    return answers.once(make)


@noun.delete("/<id:event_id>/leads/<id:lead_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.gone
def unlink_lead(event_id: str, lead_id: str) -> Response:
    """Take back that a lead came of an event

    `If-Match` is the event's.
    """
    answers.matched(lambda: service.held_event(event_id), lambda _held: _dumped(event_id))
    leads.unlink_lead(event_id, lead_id, actor())
    return answers.gone()


def _typed(sent: dict[str, Any]) -> dict[str, Any]:
    """As the service takes it: no team is an empty code, people stand in a row."""
    typed = dict(sent)
    if "team" in typed:
        typed["team"] = typed["team"] or ""
    if "people" in typed:
        typed["people"] = tuple(typed["people"])
    return typed


def _dumped(event_id: str) -> dict[str, Any]:
    row = queries.row_of(queries.event_or_404(event_id), actor(), clock.today())
    dumped: dict[str, Any] = EventSchema().dump(_rows([row])[0])
    return dumped


def _rows(rows: Sequence[EventRow]) -> list[dict[str, Any]]:
    came = queries.lead_ids_of([row.event.id for row in rows], actor())
    return [
        {
            "event": row.event,
            "status": row.status,
            "team": row.event.team.code if row.event.team else None,
            "people": sorted(user.public_id for user in row.event.people),
            "invited": row.guests[Guests.INVITED],
            "accepted": row.guests[Guests.ACCEPTED],
            "attended": row.guests[Guests.ATTENDED],
            "leads": came.get(row.event.id, []),
        }
        for row in rows
    ]


def _guest(event_id: str, invitation_id: str) -> dict[str, Any]:
    found = invitations.invitation_or_404(event_id, invitation_id)
    dumped: dict[str, Any] = InvitationSchema().dump(found)
    return dumped
