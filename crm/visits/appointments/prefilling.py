"""What an appointment knows of the visit that comes of it, for the visit's form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm.access import Actor
from crm.errors import NotFound
from crm.visits.appointments.queries import people_of, readable_appointment


def prefilled(actor: Actor, public_id: str, now: datetime) -> dict[str, Any]:
    """Values of a visit's form by field; nothing for an appointment that is not there or done.

    What begins later is being written down now; who was there beside the author came along.
    """
    if not public_id:
        return {}
    try:
        one = readable_appointment(actor, public_id)
    except NotFound:
        return {}
    if one.visit_id is not None:
        return {}
    return {
        "appointment": one.public_id,
        "mode": one.mode.value,
        "occurred_at": min(one.starts_at, now),
        "contacts": [contact.public_id for contact in one.contacts],
        "companions": [user.public_id for user in people_of(one) if user.id != actor.id],
        "reception_host": one.host,
        "reception_place": one.place,
        "reception_materials": one.materials,
    }
