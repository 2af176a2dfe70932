"""What the pages about events read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.access import Actor, held_on, present, visible_leads
from crm.errors import NotFound
from crm.events.guests import Guests, counts_of
from crm.events.rules import EventStatus, status_of
from crm.paging import Key, Page, after, day, decode, encode, order_by, row_key
from models import db
from models.archive import ArchiveEntry
from models.channel import Channel
from models.enums import Role, Stage, Status
from models.event import Attendance, Event, EventLead, Invitation
from models.lead import Lead
from models.referral import Referral
from models.user import Membership, User

PAGE = 30
LEADS_SHOWN = 200

_NEWEST = (
    Key(Event.__table__.c.starts_on, descending=True),
    Key(Event.__table__.c.id, descending=True),
)
# Who of ours goes to events.
_OURS = (Role.SCOUT, Role.TEAM_LEAD, Role.MANAGER, Role.PARK_OFFICER, Role.LIAISON_LEADER)


@dataclass(frozen=True)
class EventFilter:
    """Which events a list shows: by their days, by channel."""

    status: EventStatus | None = None
    channel: str = ""

    def as_args(self) -> dict[str, str]:
        """The same as arguments of an address."""
        found = {"status": self.status.value if self.status else "", "channel": self.channel}
        return {name: value for name, value in found.items() if value}


def read_filter(args: Mapping[str, str]) -> EventFilter:
    """Read a filter from an address; what nobody knows finds nothing or is left out."""
    status = args.get("status", "")
    known = EventStatus(status) if status in set(EventStatus) else None
    return EventFilter(known, args.get("channel", "")[:32])


@dataclass(frozen=True)
class EventRow:
    """An event in a list with its figures; ``leads`` as far as the reader may see them."""

    event: Event
    status: EventStatus
    guests: Mapping[Guests, int]
    leads: int


def _conditions(wanted: EventFilter, today: date) -> list[sa.ColumnElement[bool]]:
    found = [present(Event)]
    if wanted.channel:
        found.append(
            Event.channel_id.in_(sa.select(Channel.id).where(Channel.code == wanted.channel))
        )
    match wanted.status:
        case EventStatus.PLANNED:
            found.append(Event.starts_on > today)
        case EventStatus.RUNNING:
            found += [Event.starts_on <= today, Event.ends_on >= today]
        case EventStatus.OVER:
            found.append(Event.ends_on < today)
    return found


def events_page(
    actor: Actor, wanted: EventFilter, cursor: str | None, today: date, limit: int = PAGE
) -> Page[EventRow]:
    """Events with their people, the latest first, a page at a time (four statements)."""
    query = (
        sa.select(Event)
        .where(*_conditions(wanted, today))
        .options(joinedload(Event.channel), joinedload(Event.team), selectinload(Event.people))
        .order_by(*order_by(_NEWEST))
        .limit(limit + 1)
    )
    if (behind := decode(cursor, (day, row_key))) is not None:
        query = query.where(after(_NEWEST, behind))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    found = _with_figures(shown, actor, today)
    return Page(found, encode([last.starts_on, last.id]) if last else None)


def row_of(event: Event, actor: Actor, today: date) -> EventRow:
    """One event as the list has it (two statements)."""
    return _with_figures([event], actor, today)[0]


def _with_figures(events: Sequence[Event], actor: Actor, today: date) -> list[EventRow]:
    keys = [event.id for event in events]
    guests, leads = counts_of(keys), _lead_counts(keys, actor)
    return [
        EventRow(
            event,
            status_of(event.starts_on, event.ends_on, today),
            guests[event.id],
            leads.get(event.id, 0),
        )
        for event in events
    ]


def lead_ids_of(event_ids: Sequence[int], actor: Actor) -> dict[int, list[str]]:
    """The public ids of the leads that came of each event and that the actor may read, in order
    (one statement)."""
    rows = db.session.execute(
        sa.select(EventLead.event_id, Lead.public_id)
        .join(Lead, Lead.id == EventLead.lead_id)
        .where(EventLead.event_id.in_(event_ids), visible_leads(actor))
        .order_by(Lead.public_id)
    )
    found: dict[int, list[str]] = {}
    for key, public_id in rows:
        found.setdefault(key, []).append(public_id)
    return found


def events_total(wanted: EventFilter, today: date) -> int:
    """How many events a filter finds."""
    query = sa.select(sa.func.count()).select_from(Event).where(*_conditions(wanted, today))
    return db.session.scalar(query) or 0


def _lead_counts(event_ids: Sequence[int], actor: Actor) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(EventLead.event_id, sa.func.count())
        .join(Lead, Lead.id == EventLead.lead_id)
        .where(EventLead.event_id.in_(event_ids), visible_leads(actor))
        .group_by(EventLead.event_id)
    )
    return {key: number for key, number in rows}  # noqa: C416 (rows are no pairs to mypy)


def event_or_404(public_id: str) -> Event:
    """An event with its channel, team and people (two statements). Raises NotFound."""
    event: Event | None = db.session.scalar(
        sa.select(Event)
        .where(Event.public_id == public_id, present(Event))
        .options(
            joinedload(Event.channel),
            joinedload(Event.team),
            joinedload(Event.created_by),
            selectinload(Event.people),
        )
        .execution_options(populate_existing=True)
    )
    if event is None:
        raise NotFound
    return event


def archived_event(public_id: str) -> ArchiveEntry:
    """The entry of an event in the trash, for everybody who reads events. Raises NotFound."""
    entry: ArchiveEntry | None = db.session.scalar(
        sa.select(ArchiveEntry)
        .join(Event, Event.id == ArchiveEntry.event_id)
        .where(Event.public_id == public_id)
        .options(joinedload(ArchiveEntry.event), joinedload(ArchiveEntry.archived_by))
    )
    if entry is None:
        raise NotFound
    return entry


def leads_of(event: Event, actor: Actor) -> list[Lead]:
    """The leads that came of an event and that the actor may read, the farthest stage last known
    first by their making (one statement)."""
    query = (
        sa.select(Lead)
        .join(EventLead, EventLead.lead_id == Lead.id)
        .where(EventLead.event_id == event.id, visible_leads(actor))
        .options(joinedload(Lead.company), joinedload(Lead.owner), joinedload(Lead.team))
        .order_by(Lead.created_at.desc(), Lead.id.desc())
        .limit(LEADS_SHOWN)
    )
    return list(db.session.scalars(query))


def stages_of(event: Event, actor: Actor) -> dict[Stage, int]:
    """How many of its leads stand in each stage now, lost ones too, as far as the actor may read
    them (one statement)."""
    rows = db.session.execute(
        sa.select(Lead.stage, sa.func.count())
        .join(EventLead, EventLead.lead_id == Lead.id)
        .where(EventLead.event_id == event.id, visible_leads(actor))
        .group_by(Lead.stage)
    )
    return {stage: number for stage, number in rows}  # noqa: C416 (rows are no pairs to mypy)


def may_have_come(event: Event, actor: Actor) -> list[Lead]:
    """Open leads of companies that were there, which the actor may read and nobody has linked."""
    there = sa.select(Invitation.company_id).where(
        Invitation.event_id == event.id, Invitation.attendance == Attendance.ATTENDED
    )
    linked = sa.select(EventLead.lead_id).where(EventLead.event_id == event.id)
    query = (
        sa.select(Lead)
        .where(
            Lead.company_id.in_(there),
            Lead.id.not_in(linked),
            Lead.status != Status.LOST,
            visible_leads(actor),
        )
        .options(joinedload(Lead.company), joinedload(Lead.owner), joinedload(Lead.team))
        .order_by(Lead.created_at.desc(), Lead.id.desc())
        .limit(LEADS_SHOWN)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Origins:
    """Where a lead came from: who led it to us, and the events that it came of, latest first."""

    referral: Referral | None
    events: Sequence[Event]


def origins_of(lead: Lead) -> Origins:
    """Where a lead came from (one statement); where nobody said who led it to us, who led its
    company."""
    own = Referral.lead_id == lead.id
    of_company = sa.and_(Referral.company_id == lead.company_id, Referral.lead_id.is_(None))
    rows = db.session.execute(
        sa.select(Referral, Event)
        .select_from(Lead)
        .outerjoin(Referral, sa.or_(own, of_company))
        .outerjoin(EventLead, EventLead.lead_id == Lead.id)
        .outerjoin(Event, sa.and_(Event.id == EventLead.event_id, present(Event)))
        .where(Lead.id == lead.id)
        .options(joinedload(Referral.referrer), joinedload(Referral.contact))
        .order_by(Referral.lead_id.is_(None), *order_by(_NEWEST))
    ).all()
    referrals = [referral for referral, _event in rows if referral is not None]
    events = [event for _referral, event in rows if event is not None]
    return Origins(next(iter(referrals), None), list(dict.fromkeys(events)))


def our_people(today: date) -> Sequence[User]:
    """Who of ours may be there, by their team, for a choice."""
    query = (
        sa.select(User)
        .outerjoin(Membership, sa.and_(Membership.user_id == User.id, held_on(today)))
        .where(User.active.is_(True), User.role.in_(_OURS))
        .order_by(Membership.team_id, User.id)
    )
    return db.session.scalars(query).unique().all()
