"""An entry of the calendar on another day: a step or task put off, an expected day said anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from crm.access import Actor
from crm.clock import local_date
from crm.errors import Conflict, NotFound, Refusal
from crm.formats import short_day
from crm.leads import to_do
from crm.leads.edits import edit_lead
from crm.leads.moves import locked_lead
from crm.leads.next_steps import locked_step, put_back, reschedule
from crm.leads.to_do import changeable_task
from crm.messages import msg
from crm.visits.appointments.service import move_to, own_appointment
from crm.visits.calendar.entries import EntryKind
from models.appointment import Appointment
from models.lead import Lead

# Which column of a lead an entry shows.
_COLUMNS = {
    EntryKind.SIGNING: "expected_signing_on",
    EntryKind.LANDING: "expected_landing_on",
}


@dataclass(frozen=True)
class Movable:
    """An entry that may be moved: its lead or itself, its words and the day it stands on."""

    kind: EntryKind
    public_id: str
    record: Lead | Appointment
    text: str
    day: date


def movable_entry(actor: Actor, kind: EntryKind, public_id: str) -> Movable:
    """The entry, locked with its lead, for somebody who may change that. NotFound for others."""
    if kind is EntryKind.APPOINTMENT:
        one = own_appointment(actor, public_id)
        return Movable(kind, public_id, one, one.place, local_date(one.starts_at))
    if kind in _COLUMNS:
        lead = locked_lead(public_id, actor)
        day = getattr(lead, _COLUMNS[kind])
        if day is None:
            raise NotFound
        return Movable(kind, public_id, lead, lead.project, day)
    if kind is EntryKind.TASK:
        task, lead = changeable_task(public_id, actor)
        assert task.due_on  # noqa: S101 (a task has a day)
        return Movable(kind, public_id, lead, task.text, task.due_on)
    if kind is not EntryKind.NEXT_STEP:
        raise NotFound
    lead, step = locked_step(public_id, actor)
    if step.due_on is None:
        raise NotFound
    return Movable(kind, public_id, lead, step.text, step.due_on)


def move(
    entry: Movable, day: date, actor: Actor, *, read: date, now: datetime, back: bool = False
) -> None:
    """Put the entry on that day. ``read`` is the day its reader saw it on.

    ``back``: it stood there before, so it may have passed. Raises Refusal for a day that can not
    be (at ``day``), and Conflict when somebody else moved it meanwhile.
    """
    if entry.day != read:
        raise Conflict(msg("已经有人把它改到 %(day)s，请看最新的日历。", day=short_day(entry.day)))
    column = _COLUMNS.get(entry.kind, "next_step_on")
    try:
        if isinstance(entry.record, Appointment):
            column = "starts_at"
            move_to(entry.record, day, actor, now, back=back)
        elif entry.kind is EntryKind.TASK:
            column = "due_on"
            _move_task(entry, day, actor, now, back=back)
        elif entry.kind is not EntryKind.NEXT_STEP:
            edit_lead(entry.record.public_id, {column: day}, actor, now)  # type: ignore[misc]
        elif back:
            put_back(entry.record, day, now=now)
        else:
            reschedule(entry.record, day, now=now)
    except Refusal as refusal:
        # Also what stands in the way elsewhere: an entry has but its day to say it at.
        raise Refusal({"day": refusal.errors.get(column) or refusal.texts}) from None


def _move_task(entry: Movable, day: date, actor: Actor, now: datetime, *, back: bool) -> None:
    if back:
        to_do.put_back(entry.public_id, day, entry.day, actor, now=now)
    else:
        to_do.move(entry.public_id, day, actor, now=now)
