"""The leads that came of an event: registered with where they came from, or linked later."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, Right, may_write, readable_lead, require
from crm.errors import Forbidden, NotFound
from crm.events.service import held_event
from crm.leads.inputs import NewLead
from crm.leads.service import create_lead
from crm.messages import msg
from crm.referrals.service import ReferralInput, refer_lead
from models import db
from models.event import EventLead
from models.lead import Lead


def register_lead(
    new: NewLead,
    actor: Actor,
    now: datetime,
    *,
    event_id: str = "",
    referral: ReferralInput | None = None,
) -> Lead:
    """Make a lead together with where it came from: an event, who led it to us.

    Raises what ``create_lead``, ``link_lead`` and ``refer_lead`` raise; nothing is done then.
    """
    lead = create_lead(new, actor, now)
    if event_id:
        link_lead(event_id, lead.public_id, actor, now)
    if referral is not None and referral.said:
        refer_lead(lead.public_id, referral, actor, now)
    return lead


def link_lead(event_id: str, lead_id: str, actor: Actor, now: datetime) -> bool:
    """Say that a lead came of an event; False when that is known already.

    For who may change the lead. Raises Forbidden and NotFound.
    """
    event, lead = held_event(event_id), _writable(lead_id, actor)
    if _link(event.id, lead.id) is not None:
        return False
    db.session.add(
        EventLead(event_id=event.id, lead_id=lead.id, linked_at=now, linked_by_id=actor.id)
    )
    db.session.flush()
    return True


def unlink_lead(event_id: str, lead_id: str, actor: Actor) -> None:
    """Take that back. Raises Forbidden and NotFound."""
    event, lead = held_event(event_id), _writable(lead_id, actor)
    found = _link(event.id, lead.id)
    if found is None:
        raise NotFound
    db.session.delete(found)
    db.session.flush()


def _writable(lead_id: str, actor: Actor) -> Lead:
    require(actor, Right.WRITE_LEADS)
    lead = readable_lead(actor, lead_id)
    if not may_write(lead, actor):
        raise Forbidden(msg("这条线索请它的小分队来改。"))
    return lead


def _link(event_id: int, lead_id: int) -> EventLead | None:
    found: EventLead | None = db.session.scalar(
        sa.select(EventLead).where(EventLead.event_id == event_id, EventLead.lead_id == lead_id)
    )
    return found
