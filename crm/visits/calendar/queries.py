"""What the calendar reads: four statements, whoever looks and however many days there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import (
    Actor,
    Right,
    allowed,
    may_write_held,
    no_hidden_promise,
    sees_the_city,
    visible_appointments,
    visible_leads,
    visible_trips,
    visible_visits,
)
from crm.access.conditions import Condition
from crm.errors import NotFound
from crm.leads.words import TASK_WORDS
from crm.local_day import local_day
from crm.spans import Span
from crm.visits.appointments.queries import standing
from crm.visits.calendar.entries import MOVABLE, Entry, EntryKind
from crm.visits.calendar.whose import (
    Whose,
    appointments_of,
    leads_of,
    members_of,
    tasks_of,
    trips_of,
    visits_of,
)
from crm.visits.filters import within
from models import db
from models.appointment import Appointment, AppointmentUser
from models.company import Company
from models.enums import Side, Stage, Status, TaskState
from models.lead import Lead
from models.place import Place
from models.promise import Promise
from models.task import Task
from models.trip import Trip
from models.user import User
from models.visit import Visit, VisitTotal

# So many visits of one person are told; two a working hour for a month are fewer.
MOST_VISITS = 600
# The day of a lead, and of which leads it is one: what came about is expected no more.
_EARLY = Lead.stage.in_((Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING))
_DAYS: dict[EntryKind, tuple[Any, Condition]] = {
    EntryKind.SIGNING: (Lead.expected_signing_on, _EARLY),
    EntryKind.LANDING: (Lead.expected_landing_on, Lead.stage != Stage.LANDED),
    EntryKind.LANDED: (Lead.landed_on, Lead.stage == Stage.LANDED),
    EntryKind.WAKING: (Lead.hold_until, Lead.status == Status.ON_HOLD),
}


@dataclass(frozen=True)
class Days:
    """The entries of some days, how many more than these a day has, and how many visits a day
    has where they are too many to be named."""

    entries: list[Entry]
    more: Counter[date]
    visited: Counter[date]


def days_between(
    actor: Actor, whose: Whose, first: date, last: date, room: int, *, called_off: bool = False
) -> Days:
    """What the actor may see of the days from ``first`` to ``last``.

    Of each day at most ``room`` entries of a kind are told: of leads, tasks, appointments, and
    visits of a team or place. The whole city's visits are told for a single day; of longer they
    are counted for who reads them all. ``called_off``: appointments that were, too.
    """
    more: Counter[date] = Counter()
    span = (first, last)
    entries = [
        *_trips(trips_of(actor, whose), span, room),
        *_milestones(actor, _dated(leads_of(actor, whose), span), room, more),
        *_tasks(actor, (Task.due_on.between(*span), *tasks_of(actor, whose)), room, more),
        *_appointments(actor, _planned(actor, whose, span, called_off), room, more),
    ]
    visited: Counter[date] = Counter()
    when = _moments(Visit.occurred_at, span)
    if whose.one_person:
        entries += _visits(visits_of(actor, whose, when), MOST_VISITS)
    elif first == last or not whose.whole_city:
        entries += _visits_of_days(visits_of(actor, whose, when), room, more)
    elif sees_the_city(actor):
        visited = _visits_by_day(actor, whose, span)
    return Days(entries, more, visited)


def readable_entry(actor: Actor, kind: EntryKind, public_id: str) -> Entry:
    """One entry by its id; NotFound when it is not there for this actor."""
    found: Iterable[Entry]
    if kind is EntryKind.TRIP:
        found = _trips([Trip.public_id == public_id, visible_trips(actor)], None, 1)
    elif kind is EntryKind.VISIT:
        found = _visits([Visit.public_id == public_id, visible_visits(actor)], 1)
    elif kind is EntryKind.APPOINTMENT:
        known = [Appointment.public_id == public_id, visible_appointments(actor)]
        found = _appointments(actor, known, 1, Counter())
    elif kind in _DAYS:
        of_lead = [Lead.public_id == public_id, visible_leads(actor, by_row=True)]
        found = _milestones(actor, _dated(of_lead, None, kind), 1, Counter())
    else:
        seen = visible_leads(actor, by_row=True), no_hidden_promise(actor)
        of_task = (Task.public_id == public_id, *seen)
        found = _tasks(actor, of_task, 1, Counter())
    entry = next((entry for entry in found if entry.kind is kind), None)
    if entry is None:
        raise NotFound
    return entry


def _dated(
    which: list[Condition], span: tuple[date, date] | None, *kinds: EntryKind
) -> sa.Subquery:
    """Leads with each day that they have in the span, numbered within the day."""
    arms = [
        sa.select(
            Lead.id.label("key"), sa.literal(kind.value).label("kind"), column.label("day")
        ).where(
            column.between(*span) if span else column.is_not(None),
            is_one,
            Lead.status != Status.LOST,
            *which,
        )
        for kind, (column, is_one) in _DAYS.items()
        if not kinds or kind in kinds
    ]
    found = sa.union_all(*arms).subquery()
    return _numbered(
        sa.select(found.c.key, found.c.kind, found.c.day), found.c.day, found.c.kind, found.c.key
    )


def _numbered(query: Any, day: Any, *order: Any) -> sa.Subquery:
    """The rows with their number in the day, and how many the day has."""
    numbered: sa.Select[Any] = query.add_columns(
        sa.func.row_number().over(partition_by=day, order_by=order).label("number"),
        sa.func.count().over(partition_by=day).label("of"),
    )
    return numbered.subquery()


def _milestones(
    actor: Actor, dated: sa.Subquery, room: int, more: Counter[date]
) -> Iterator[Entry]:
    rows = db.session.execute(
        sa.select(
            *(dated.c.kind, dated.c.day, dated.c.of),
            *(Lead.public_id, Lead.updated_at, Lead.team_id, Lead.owner_id, Lead.project),
            *(Company.short_name, User.name),
        )
        .select_from(dated)
        .join(Lead, Lead.id == dated.c.key)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Lead.owner_id)
        .where(dated.c.number <= room)
    )
    for row in _counted(rows, room, more):
        kind = EntryKind(row.kind)
        yield _of_lead(actor, row, kind, row.public_id, row.updated_at, row.project)


def _tasks(
    actor: Actor, which: Iterable[Condition], room: int, more: Counter[date]
) -> Iterator[Entry]:
    """Open ones only: what is done shows as the visit that did it."""
    due = (
        sa.select(Task.id.label("key"), Task.due_on.label("day"))
        .join(Lead, Lead.id == Task.lead_id)
        .where(
            Task.kind.in_(TASK_WORDS),
            Task.state == TaskState.OPEN,
            Task.due_on.is_not(None),
            *which,
        )
    )
    found = _numbered(due, Task.due_on, Task.kind, Task.id)
    rows = db.session.execute(
        sa.select(
            *(found.c.day, found.c.of, Task.public_id, Task.kind, Task.text, Task.created_at),
            *(Lead.public_id.label("lead"), Lead.team_id, Lead.owner_id),
            *(Company.short_name, User.name, Promise.side),
        )
        .select_from(found)
        .join(Task, Task.id == found.c.key)
        .outerjoin(Promise, Promise.task_id == Task.id)
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == Task.assignee_id)
        .where(found.c.number <= room)
    )
    for row in _counted(rows, room, more):
        kind = EntryKind.AWAITED if row.side is Side.THEIRS else EntryKind(row.kind)
        yield _of_lead(actor, row, kind, row.lead, row.created_at, row.text)


def _of_lead(
    actor: Actor, row: Any, kind: EntryKind, lead: str, stamp: datetime, text: str
) -> Entry:
    """A row about a lead, of a day without hours."""
    movable = kind in MOVABLE and may_write_held(row.team_id, row.owner_id, actor)
    return Entry(
        kind,
        row.day,
        row.public_id,
        row.short_name,
        stamp,
        text=text,
        who=row.name,
        lead=lead,
        movable=movable,
    )


def _counted(rows: Iterable[Any], room: int, more: Counter[date]) -> Iterator[Any]:
    """The same rows; what has no room in its day is counted, once a day."""
    beyond: dict[date, int] = {}
    for row in rows:
        beyond[row.day] = max(row.of - room, 0)
        yield row
    more.update(beyond)


def _trips(
    which: Iterable[Condition], span: tuple[date, date] | None, most: int
) -> Iterator[Entry]:
    """Each once, whatever the days on which it stands; a cancelled one does not take place."""
    if span:
        which = [*which, Trip.first_on <= span[1], Trip.last_on >= span[0]]
    rows = db.session.execute(
        sa.select(
            *(Trip.public_id, Trip.first_on, Trip.last_on, Trip.purpose, Trip.created_at),
            *(Place.city, User.name),
        )
        .join(Place, Place.id == Trip.place_id)
        .join(User, User.id == Trip.author_id)
        .where(Trip.cancelled_at.is_(None), *which)
        .order_by(Trip.first_on, Trip.id)
        .limit(most)
    )
    for row in rows:
        yield Entry(
            EntryKind.TRIP,
            row.first_on,
            row.public_id,
            row.city,
            row.created_at,
            text=row.purpose,
            who=row.name,
            last=row.last_on,
        )


def _moments(column: Any, span: tuple[date, date]) -> Condition:
    """A moment of these days."""
    first, last = span
    return sa.and_(
        column >= clock.midnight(first), column < clock.midnight(last + timedelta(days=1))
    )


def _planned(
    actor: Actor, whose: Whose, span: tuple[date, date], called_off: bool
) -> list[Condition]:
    """Appointments of these days; what came of one stands there as its visit."""
    found = [_moments(Appointment.starts_at, span), *appointments_of(actor, whose)]
    return [*found, Appointment.visit_id.is_(None)] if called_off else [*found, standing()]


def _appointments(
    actor: Actor, which: Iterable[Condition], room: int, more: Counter[date]
) -> Iterator[Entry]:
    day = local_day(Appointment.starts_at)
    of_days = sa.select(Appointment.id.label("key"), day.label("day")).where(*which)
    found = _numbered(of_days, day, Appointment.starts_at, Appointment.id)
    comes = sa.select(AppointmentUser.user_id).where(
        AppointmentUser.appointment_id == Appointment.id, AppointmentUser.user_id == actor.id
    )
    rows = db.session.execute(
        sa.select(
            *(found.c.of, Appointment.public_id, Appointment.mode, Appointment.place),
            *(Appointment.starts_at, Appointment.minutes, Appointment.sequence),
            *(Appointment.updated_at, Appointment.cancelled_at, Appointment.author_id),
            *(Lead.team_id, Lead.owner_id, Company.short_name, User.name),
            comes.exists().label("comes"),
        )
        .select_from(found)
        .join(Appointment, Appointment.id == found.c.key)
        .join(Company, Company.id == Appointment.company_id)
        .join(User, User.id == Appointment.author_id)
        .outerjoin(Lead, Lead.id == Appointment.lead_id)
        .where(found.c.number <= room)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    beyond: dict[date, int] = {}
    for row in rows:
        on = clock.local_date(row.starts_at)
        beyond[on] = max(row.of - room, 0)
        theirs = row.author_id == actor.id or row.comes
        works = row.team_id is not None and may_write_held(row.team_id, row.owner_id, actor)
        yield Entry(
            EntryKind.APPOINTMENT,
            on,
            row.public_id,
            row.short_name,
            row.updated_at,
            who=row.name,
            at=row.starts_at,
            mode=row.mode,
            movable=(theirs or works) and allowed(actor, Right.WRITE_LEADS),
            until=row.starts_at + timedelta(minutes=row.minutes),
            place=row.place,
            sequence=row.sequence,
            cancelled=row.cancelled_at is not None,
        )
    more.update(beyond)


def _visits(which: Iterable[Condition], most: int) -> Iterator[Entry]:
    query = sa.select(*_OF_VISIT).where(*which).order_by(Visit.occurred_at, Visit.id).limit(most)
    for row in db.session.execute(_with_names(query)):
        yield _of_visit(row)


def _visits_of_days(which: Iterable[Condition], room: int, more: Counter[date]) -> Iterator[Entry]:
    """The first of each day, and how many more it has."""
    day = local_day(Visit.occurred_at)
    of_days = sa.select(Visit.id.label("key"), day.label("day")).where(*which)
    found = _numbered(of_days, day, Visit.occurred_at, Visit.id)
    query = (
        sa.select(*_OF_VISIT, found.c.of)
        .join(found, found.c.key == Visit.id)
        .where(found.c.number <= room)
    )
    beyond: dict[date, int] = {}
    for row in db.session.execute(_with_names(query)):
        entry = _of_visit(row)
        beyond[entry.day] = max(row.of - room, 0)
        yield entry
    more.update(beyond)


_OF_VISIT = (
    *(Visit.public_id, Visit.mode, Visit.occurred_at, Visit.recorded_at),
    *(Company.short_name, User.name),
)


def _with_names(query: Any) -> sa.Select[Any]:
    joined: sa.Select[Any] = query.join(Company, Company.id == Visit.company_id).join(
        User, User.id == Visit.author_id
    )
    return joined


def _of_visit(row: Any) -> Entry:
    return Entry(
        EntryKind.VISIT,
        clock.local_date(row.occurred_at),
        row.public_id,
        row.short_name,
        row.recorded_at,
        who=row.name,
        at=row.occurred_at,
        mode=row.mode,
    )


def _visits_by_day(actor: Actor, whose: Whose, span: tuple[date, date]) -> Counter[date]:
    """Visits (走访) of the city or a team, from the summary."""
    query = sa.select(VisitTotal.day, sa.func.sum(VisitTotal.n)).where(*within(Span(*span)))
    if (people := members_of(whose, actor)) is not None:
        query = query.where(VisitTotal.author_id.in_(people))
    rows = db.session.execute(query.group_by(VisitTotal.day))
    return Counter({day: int(n) for day, n in rows})
