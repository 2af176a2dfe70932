"""What was arranged for a lead that is lost: called off with the loss, and back with its undo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor
from crm.errors import NotFound
from crm.visits.appointments.queries import ahead_of
from crm.visits.appointments.service import cancel, own_appointment, restore
from crm.visits.appointments.words import Arranged
from models import db
from models.appointment import Appointment
from models.lead import Lead
from models.stage_change import StageChange


def still_ahead(actor: Actor, lead: Lead, now: datetime) -> list[Arranged]:
    """What is arranged for a lead and has not begun, the first first (one statement)."""
    return [one for one in ahead_of(actor, lead, now) if one.starts_at > now]


def call_off(lead: Lead, public_ids: Iterable[str], actor: Actor, now: datetime) -> None:
    """Call off appointments of a lead, with their mails; one that has ended meanwhile is left.

    Raises NotFound for one that is not the lead's, Forbidden for one that is others' to change.
    """
    for public_id in sorted(set(public_ids)):
        one = own_appointment(actor, public_id)
        if one.lead_id != lead.id:
            raise NotFound
        if one.open:
            cancel(one, actor, now)


def called_off_with(change: StageChange) -> list[str]:
    """The appointments that were called off with a move, which is at its very moment."""
    rows = sa.select(Appointment.public_id).where(
        Appointment.lead_id == change.lead_id, Appointment.cancelled_at == change.recorded_at
    )
    return list(db.session.scalars(rows.order_by(Appointment.id)))


def put_back(public_ids: Iterable[str], actor: Actor, now: datetime) -> None:
    """They take place after all: the loss was taken back."""
    for public_id in public_ids:
        restore(own_appointment(actor, public_id), actor, now)
