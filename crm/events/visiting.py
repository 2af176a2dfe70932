"""A guest's presence as a visit: the touch that it was, once, whoever logs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm.access import Actor, Right, require
from crm.clock import local_date, midnight
from crm.events.invitations import held_invitation
from crm.events.rules import check_logging
from crm.visits.service import Logged, NewVisit, log_visit
from models import db
from models.company import Company
from models.contact import Contact
from models.enums import VisitMode
from models.event import Event, Invitation
from models.visit import Visit

NOON = timedelta(hours=12)


def log_presence(event_id: str, public_id: str, actor: Actor, now: datetime) -> Logged:
    """Log that somebody was met at an event, with all that follows from a visit.

    The invitation is held meanwhile and keeps the visit, so that the second who asks gets the first
    one's. Raises Forbidden, NotFound, and Refusal for a guest who was not there or is not named.
    """
    require(actor, Right.LOG_VISITS)
    invitation = held_invitation(event_id, public_id)
    if invitation.visit_id is not None:
        return Logged(db.session.get_one(Visit, invitation.visit_id), created=False)
    check_logging(invitation.attendance, named=invitation.contact_id is not None)
    event = db.session.get_one(Event, invitation.event_id)
    logged = log_visit(_visit(event, invitation, now), actor, now)
    invitation.visit_id = logged.visit.id
    db.session.flush()
    return logged


def _visit(event: Event, invitation: Invitation, now: datetime) -> NewVisit:
    company = db.session.get_one(Company, invitation.company_id)
    contact = db.session.get_one(Contact, invitation.contact_id)
    return NewVisit(
        client_key=f"event-{invitation.public_id}",
        company=company.public_id,
        mode=VisitMode.EVENT,
        occurred_at=_moment(event, invitation, now),
        reached=True,
        contacts=(contact.public_id,),
        summary=event.name,
    )


def _moment(event: Event, invitation: Invitation, now: datetime) -> datetime:
    """When they were met: when that was marked, where it was marked there; else the last noon."""
    marked = invitation.marked_at
    if marked is not None and event.starts_on <= local_date(marked) <= event.ends_on:
        return marked
    return min(midnight(min(event.ends_on, local_date(now))) + NOON, now)
