"""What pages and mails read of appointments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.access import Actor, present, visible_appointments, visible_leads
from crm.access.conditions import Condition
from crm.clock import local_date, midnight
from crm.errors import NotFound
from crm.paging import Key, Page, after, decode, encode, moment, order_by, row_key
from crm.spans import YEARS
from crm.visits.appointments.rules import AppointmentState
from crm.visits.appointments.words import Arranged
from models import db
from models.appointment import Appointment, AppointmentContact, AppointmentUser
from models.company import Company
from models.lead import Lead
from models.user import User

# So long an appointment that nobody wrote down is asked for.
ASKED_FOR = timedelta(days=14)
# Of more the latest are told: what is arranged for today is among them.
MOST = 20


def standing() -> Condition:
    """Appointments that are neither called off nor written down as a visit; none of a lead in
    the trash."""
    there = sa.or_(Appointment.lead_id.is_(None), present(Lead, Appointment.lead_id))
    return sa.and_(Appointment.cancelled_at.is_(None), Appointment.visit_id.is_(None), there)


def day_of(actor: Actor, at: datetime) -> list[Arranged]:
    """What somebody has arranged on the day of ``at``, and before it what was not written down
    yet; the earliest first (one statement). Today's page and the digest read this."""
    span = _told_of(at)
    comes = sa.select(AppointmentUser.appointment_id).where(AppointmentUser.user_id == actor.id)
    theirs = sa.union_all(
        sa.select(Appointment.id).where(Appointment.author_id == actor.id, *span),
        sa.select(Appointment.id).where(Appointment.id.in_(comes), *span),
    )
    return _arranged(actor, [Appointment.id.in_(theirs), standing()])


def who_has_a_day(people: Collection[int], at: datetime) -> set[int]:
    """Of whom of these people ``day_of`` says something (one statement)."""
    told = sa.and_(*_told_of(at), standing())
    comes = (
        sa.select(AppointmentUser.user_id)
        .join(Appointment, Appointment.id == AppointmentUser.appointment_id)
        .where(told, AppointmentUser.user_id.in_(people))
    )
    made = sa.select(Appointment.author_id).where(told, Appointment.author_id.in_(people))
    return set(db.session.scalars(sa.union(made, comes)))


def _told_of(at: datetime) -> tuple[Condition, Condition]:
    today = local_date(at)
    return (
        Appointment.starts_at >= midnight(today) - ASKED_FOR,
        Appointment.starts_at < midnight(today + timedelta(days=1)),
    )


def people_with_appointments(at: datetime) -> sa.Select[int]:
    """The keys of everybody who has something arranged on the day of ``at``."""
    today = local_date(at)
    on_it = sa.and_(
        Appointment.starts_at >= midnight(today),
        Appointment.starts_at < midnight(today + timedelta(days=1)),
        standing(),
    )
    comes = (
        sa.select(AppointmentUser.user_id)
        .join(Appointment, Appointment.id == AppointmentUser.appointment_id)
        .where(on_it)
    )
    both = sa.union_all(sa.select(Appointment.author_id).where(on_it), comes).subquery()
    return sa.select(both.c[0])


def ahead_of(actor: Actor, lead: Lead, now: datetime) -> list[Arranged]:
    """What is arranged in the course of a lead that the reader can see (one statement)."""
    since = midnight(local_date(now)) - ASKED_FOR
    of_lead = [Appointment.lead_id == lead.id, Appointment.starts_at >= since, standing()]
    return _arranged(actor, of_lead)


def readable_appointment(actor: Actor, public_id: str) -> Appointment:
    """An appointment with all who take part; its lead only for who may read that. NotFound for
    who may not see it."""
    one: Appointment | None = db.session.scalar(
        _whole(actor)
        .where(Appointment.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    if one is None:
        raise NotFound
    return one


def _whole(actor: Actor) -> sa.Select[Appointment]:
    """Appointments that the actor may read, with all that is shown of each."""
    return (
        sa.select(Appointment)
        .where(visible_appointments(actor))
        .options(
            joinedload(Appointment.company),
            joinedload(Appointment.author),
            joinedload(Appointment.lead.and_(visible_leads(actor, by_row=True))),
            joinedload(Appointment.visit),
            selectinload(Appointment.users),
            selectinload(Appointment.contacts),
        )
    )


def invited_contacts(one: Appointment) -> set[int]:
    """Who of theirs gets a mail, by key."""
    rows = sa.select(AppointmentContact.contact_id).where(
        AppointmentContact.appointment_id == one.id, AppointmentContact.invited
    )
    return set(db.session.scalars(rows))


def people_of(one: Appointment) -> Sequence[User]:
    """Who of ours takes part: whoever arranged it first."""
    return [one.author, *(user for user in one.users if user.id != one.author_id)]


def _arranged(actor: Actor, which: Iterable[Condition]) -> list[Arranged]:
    rows = db.session.execute(
        sa.select(
            *(Appointment.public_id, Appointment.mode, Appointment.place),
            *(Appointment.starts_at, Appointment.minutes),
            *(Company.short_name, Company.public_id.label("company"), Lead.public_id.label("lead")),
        )
        .join(Company, Company.id == Appointment.company_id)
        .outerjoin(Lead, sa.and_(Lead.id == Appointment.lead_id, visible_leads(actor, by_row=True)))
        .where(*which)
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
        .limit(MOST)
    ).all()
    return [
        Arranged(
            row.public_id,
            row.mode,
            row.short_name,
            row.company,
            row.lead,
            row.place,
            row.starts_at,
            row.starts_at + timedelta(minutes=row.minutes),
        )
        for row in reversed(rows)
    ]


@dataclass(frozen=True)
class Wanted:
    """Which appointments a list shows: by public ids, by days, and where they stand."""

    lead: str = ""
    company: str = ""
    first_on: date | None = None
    last_on: date | None = None
    state: AppointmentState | None = None


# Nothing is arranged outside; the ends of the calendar have no midnight here.
_FIRST, _LAST = date(YEARS[0], 1, 1), date(YEARS[1], 12, 31)
_EARLIEST = (Key(Appointment.__table__.c.starts_at), Key(Appointment.__table__.c.id))


def appointments_page(
    actor: Actor, wanted: Wanted, cursor: str | None, limit: int
) -> Page[Appointment]:
    """Appointments that the actor may read, the earliest first (three statements)."""
    query = _whole(actor).order_by(*order_by(_EARLIEST)).limit(limit + 1)
    for column, noun, public_id in (
        (Appointment.lead_id, Lead, wanted.lead),
        (Appointment.company_id, Company, wanted.company),
    ):
        if public_id:
            query = query.where(column.in_(sa.select(noun.id).where(noun.public_id == public_id)))
    if wanted.first_on:
        first = max(wanted.first_on, _FIRST)
        query = query.where(Appointment.starts_at >= midnight(first))
    if wanted.last_on:
        last = min(wanted.last_on, _LAST)
        query = query.where(Appointment.starts_at < midnight(last + timedelta(days=1)))
    if wanted.state:
        query = query.where(_STATES[wanted.state]())
    if (behind := decode(cursor, (moment, row_key))) is not None:
        query = query.where(after(_EARLIEST, behind))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    more = encode([shown[-1].starts_at, shown[-1].id]) if len(rows) > limit else None
    return Page(shown, more)


def invited_among(keys: Sequence[int]) -> dict[int, set[int]]:
    """Who of theirs gets a mail, by the appointment's key (one statement)."""
    rows = db.session.execute(
        sa.select(AppointmentContact.appointment_id, AppointmentContact.contact_id).where(
            AppointmentContact.appointment_id.in_(keys), AppointmentContact.invited
        )
    )
    found: dict[int, set[int]] = {}
    for key, contact in rows:
        found.setdefault(key, set()).add(contact)
    return found


_STATES: Mapping[AppointmentState, Callable[[], Condition]] = {
    AppointmentState.OPEN: standing,
    AppointmentState.HELD: lambda: Appointment.visit_id.is_not(None),
    AppointmentState.CANCELLED: lambda: Appointment.cancelled_at.is_not(None),
}
