"""Guests of an event: invite them, one or many at once, and say what they answered and who came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, present, require
from crm.clock import local_date
from crm.companies.archiving import refuse_archived
from crm.companies.reserving import reserve
from crm.errors import NotFound, Refusal
from crm.events.rules import Errors, check_many, check_mark, check_removal
from crm.events.service import held_event
from crm.held import held
from crm.leads.lookups import find_or_make_company
from crm.messages import msg
from crm.visits.people import NewPerson, their_people
from models import db
from models.company import Company
from models.event import Attendance, Event, Invitation, Reply


@dataclass(frozen=True)
class Guest:
    """Whom to invite. ``company`` is a public id or the name of a company not known yet.

    ``contact`` is the public id of a person of that company; ``person`` is one by name, who becomes
    its contact. Neither: whoever comes of them.
    """

    company: str
    contact: str = ""
    person: NewPerson | None = None


@dataclass(frozen=True)
class Invited:
    """The guests that a call invited, and how many of those named were on the list already."""

    made: Sequence[Invitation]
    known: int


def invite(
    event_id: str, guests: Sequence[Guest], actor: Actor, now: datetime, *, walk_in: bool = False
) -> Invited:
    """Invite guests, or write down that they came uninvited; who is on the list stays as they are.

    A person takes the place of their company's nobody. Raises Forbidden, NotFound, and Refusal at
    ``company`` or ``contact``; nothing is done then.
    """
    require(actor, Right.WRITE_EVENTS)
    check_many(len(guests))
    event = held_event(event_id)
    if walk_in:
        check_mark(Attendance.ATTENDED, event.starts_on, local_date(now), walk_in=True)
    there = _there(event.id)
    # All at once: two lists that name the same in another order do not wait for each other.
    reserve(guest.company for guest in guests)
    made, known = [], 0
    for guest in guests:
        company = _company(guest.company, now)
        contact = _contact(company, guest, actor, now)
        if _on_list(there, company.id, contact):
            known += 1
            continue
        found = there.get((company.id, None)) if contact else None
        if found is not None:
            found.contact_id = contact
        else:
            found = _add(event, company.id, contact, actor, now, walk_in=walk_in)
        if walk_in:
            found.attendance, found.marked_at = Attendance.ATTENDED, now
        there.pop((company.id, None), None)
        there[company.id, contact] = found
        made.append(found)
    db.session.flush()
    return Invited(made, known)


def _there(event_id: int) -> dict[tuple[int, int | None], Invitation]:
    rows = db.session.scalars(sa.select(Invitation).where(Invitation.event_id == event_id))
    return {(row.company_id, row.contact_id): row for row in rows}


def companies_on_list(event: Event) -> set[int]:
    """The companies of which somebody is on the list."""
    return {company_id for company_id, _contact in _there(event.id)}


def _on_list(
    there: Iterable[tuple[int, int | None]], company_id: int, contact_id: int | None
) -> bool:
    """Whether the person is there; for a company without one, whether anybody of it is."""
    if contact_id is not None:
        return (company_id, contact_id) in there
    return any(key == company_id for key, _contact in there)


def _add(
    event: Event,
    company_id: int,
    contact_id: int | None,
    actor: Actor,
    now: datetime,
    *,
    walk_in: bool,
) -> Invitation:
    invitation = Invitation(
        event_id=event.id,
        company_id=company_id,
        contact_id=contact_id,
        invited_by_id=None if walk_in else actor.id,
        walk_in=walk_in,
        created_at=now,
    )
    db.session.add(invitation)
    return invitation


def _company(named: str, now: datetime) -> Company:
    errors: Errors = {}
    company = find_or_make_company(named, errors, now)
    if company is None:
        raise Refusal(errors or {"company": [msg("请选企业。")]})
    refuse_archived(company.id)
    return company


def _contact(company: Company, guest: Guest, actor: Actor, now: datetime) -> int | None:
    """The key of the person, who is of this company; Refusal at ``contact`` for another's."""
    if not guest.contact and guest.person is None:
        return None
    try:
        known = (guest.contact,) if guest.contact else ()
        new = (guest.person,) if guest.person else ()
        return their_people(company, known, new, actor, now)[0]
    except Refusal as refusal:
        if "contacts" in refusal.errors:
            text = msg("这位不是这家企业的联系人，请重新选。")
            raise Refusal({"contact": [text]}) from None
        raise


def held_invitation(event_id: str, public_id: str) -> Invitation:
    """A guest of an event that is not in the trash, the row held. Raises NotFound."""
    of_event = sa.select(Event.id).where(Event.public_id == event_id, present(Event))
    return held(Invitation, Invitation.public_id == public_id, Invitation.event_id.in_(of_event))


def invitation_or_404(event_id: str, public_id: str) -> Invitation:
    """A guest with company, person and event, to be read. Raises NotFound."""
    found: Invitation | None = db.session.scalar(
        sa.select(Invitation)
        .join(Invitation.event)
        .where(Invitation.public_id == public_id, Event.public_id == event_id, present(Event))
        .options(
            joinedload(Invitation.event),
            joinedload(Invitation.company),
            joinedload(Invitation.contact),
            joinedload(Invitation.invited_by),
            joinedload(Invitation.visit),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def answer(event_id: str, public_id: str, reply: Reply, actor: Actor) -> Reply:
    """Write down what a guest answered; gives what stood there before."""
    require(actor, Right.WRITE_EVENTS)
    invitation = held_invitation(event_id, public_id)
    before, invitation.reply = invitation.reply, reply
    db.session.flush()
    return before


def mark(
    event_id: str, public_id: str, attendance: Attendance | None, actor: Actor, now: datetime
) -> Attendance | None:
    """Write down whether a guest came; gives what stood there before.

    Raises Refusal before the event's first day.
    """
    require(actor, Right.WRITE_EVENTS)
    invitation = held_invitation(event_id, public_id)
    event = db.session.get_one(Event, invitation.event_id)
    check_mark(attendance, event.starts_on, local_date(now), walk_in=invitation.walk_in)
    before = invitation.attendance
    if before is not attendance:
        invitation.attendance = attendance
        invitation.marked_at = now if attendance else None
    db.session.flush()
    return before


def name_guest(event_id: str, public_id: str, guest: Guest, actor: Actor, now: datetime) -> None:
    """Say who comes of a company. Raises Refusal at ``contact`` for another company's person."""
    require(actor, Right.WRITE_EVENTS)
    invitation = held_invitation(event_id, public_id)
    company = db.session.get_one(Company, invitation.company_id)
    contact = _contact(company, guest, actor, now)
    if contact is None:
        raise Refusal({"contact": [msg("点一下是谁，或写下姓名。")]})
    other = _there(invitation.event_id).get((company.id, contact))
    if other is not None and other is not invitation:
        raise Refusal({"contact": [msg("这位已在名单里。")]})
    check_removal(logged=invitation.visit_id is not None and invitation.contact_id != contact)
    invitation.contact_id = contact
    db.session.flush()


def remove(event_id: str, public_id: str, actor: Actor) -> Invitation:
    """Take a guest off the list; what is given back says what stood there.

    Raises Refusal for one whose presence has been logged.
    """
    require(actor, Right.WRITE_EVENTS)
    invitation = held_invitation(event_id, public_id)
    check_removal(logged=invitation.visit_id is not None)
    db.session.delete(invitation)
    db.session.flush()
    return invitation


def remove_made(event_id: str, public_ids: Sequence[str], actor: Actor) -> int:
    """Take back what was just invited, as far as nothing was said of it since; how many."""
    require(actor, Right.WRITE_EVENTS)
    event = held_event(event_id)
    rows = db.session.scalars(
        sa.select(Invitation).where(
            Invitation.event_id == event.id,
            Invitation.public_id.in_(public_ids),
            Invitation.reply == Reply.NONE,
            sa.or_(Invitation.attendance.is_(None), Invitation.walk_in),
            Invitation.visit_id.is_(None),
        )
    ).all()
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    return len(rows)


def bring_back(event_id: str, values: Sequence[object], actor: Actor, now: datetime) -> None:
    """Put a guest on the list again as they stood there (``values_of``)."""
    require(actor, Right.WRITE_EVENTS)
    event = held_event(event_id)
    company_id, contact_id, invited_by_id, walk_in, reply, attendance = values
    if (company_id, contact_id) in _there(event.id):
        return
    db.session.add(
        Invitation(
            event_id=event.id,
            company_id=company_id,
            contact_id=contact_id,
            invited_by_id=invited_by_id,
            walk_in=walk_in,
            reply=Reply(str(reply)),
            attendance=Attendance(str(attendance)) if attendance else None,
            created_at=now,
        )
    )
    db.session.flush()


def values_of(invitation: Invitation) -> list[object]:
    """What stands of a guest, to bring them back."""
    return [
        invitation.company_id,
        invitation.contact_id,
        invitation.invited_by_id,
        invitation.walk_in,
        invitation.reply.value,
        invitation.attendance.value if invitation.attendance else None,
    ]
