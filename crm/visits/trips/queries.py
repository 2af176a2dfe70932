"""What the pages of trips read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm.access import (
    Actor,
    Right,
    Scope,
    allowed,
    present,
    trip_scopes,
    trips_in,
    visible_leads,
    visible_trips,
    visible_visits,
)
from crm.access.conditions import Condition
from crm.companies.badges import Badge, badges_of
from crm.errors import NotFound
from crm.paging import Key, Page, after, day, decode, encode, order_by, row_key
from crm.targets.queries import LeadOf, leading_leads
from crm.visits.rules import is_visit
from crm.visits.trips.linking import of_travellers
from crm.visits.trips.rules import TripState, days_of
from models import db
from models.place import Place
from models.trip import Trip, TripStop, TripVisit
from models.visit import Visit

PAGE = 30
MOST_LEFT_OUT = 12

_LATEST = tuple(
    Key(column, descending=True) for column in (Trip.__table__.c.first_on, Trip.__table__.c.id)
)


@dataclass(frozen=True)
class TripFilter:
    """Which trips a list shows; without a state all but those that were cancelled."""

    scope: Scope
    state: TripState | None = None

    def as_args(self) -> dict[str, str]:
        """The same as arguments of an address."""
        args = {"scope": self.scope.value, "state": self.state.value if self.state else ""}
        return {name: value for name, value in args.items() if value}

    def without_state(self) -> TripFilter:
        """The same without its state."""
        return replace(self, state=None)


def read_filter(args: Mapping[str, str], actor: Actor) -> TripFilter:
    """Read a filter; what nobody knows, or the actor may not choose, is left out."""
    scope, state = args.get("scope", ""), args.get("state", "")
    may = trip_scopes(actor)
    return TripFilter(
        Scope(scope) if scope in may else may[0],
        TripState(state) if state in set(TripState) else None,
    )


@dataclass(frozen=True)
class TripRow:
    """A trip in a list, with how many companies it means to see and how many visits it has."""

    trip: Trip
    stops: int
    visits: int


def trips_page(
    actor: Actor, wanted: TripFilter, today: date, cursor: str | None = None, limit: int = PAGE
) -> Page[TripRow]:
    """Trips, the latest to set out first. A visit that the reader may not see is not counted."""
    stops = sa.select(sa.func.count()).where(TripStop.trip_id == Trip.id).scalar_subquery()
    visits = (
        sa.select(sa.func.count())
        .select_from(TripVisit)
        .join(Visit, Visit.id == TripVisit.visit_id)
        .where(TripVisit.trip_id == Trip.id, TripVisit.belongs, visible_visits(actor))
        .correlate(Trip)
        .scalar_subquery()
    )
    query = (
        sa.select(Trip, stops, visits)
        .where(trips_in(actor, wanted.scope), _in_state(wanted.state, today))
        .options(*_people())
        .order_by(*order_by(_LATEST))
        .limit(limit + 1)
    )
    if (values := decode(cursor, (day, row_key))) is not None:
        query = query.where(after(_LATEST, values))
    rows = db.session.execute(query).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    more = encode((last.first_on, last.id)) if last else None
    return Page([TripRow(*row) for row in rows[:limit]], more)


def _in_state(state: TripState | None, today: date) -> Condition:
    if state is TripState.CANCELLED:
        return Trip.cancelled_at.is_not(None)
    standing = Trip.cancelled_at.is_(None)
    match state:
        case TripState.AHEAD:
            return sa.and_(standing, Trip.first_on > today)
        case TripState.UNDER_WAY:
            return sa.and_(standing, Trip.first_on <= today, Trip.last_on >= today)
        case TripState.OVER:
            return sa.and_(standing, Trip.last_on < today)
        case _:
            return standing


def _people(members: Any = selectinload) -> tuple[ExecutableOption, ...]:
    """Load where it goes, whose it is and who goes; ``members`` says how."""
    ours = (joinedload(Trip.author), joinedload(Trip.team), members(Trip.members))
    return joinedload(Trip.place), *ours


def readable_trip(actor: Actor, public_id: str) -> Trip:
    """A trip for who may read it; NotFound for others."""
    found = db.session.scalars(
        sa.select(Trip)
        .where(Trip.public_id == public_id, visible_trips(actor))
        .options(*_people(joinedload))
        .execution_options(populate_existing=True)
    )
    trip: Trip | None = found.unique().one_or_none()
    if trip is None:
        raise NotFound
    return trip


def may_change(actor: Actor) -> bool:
    """Whether the actor may change the trips that they can read (as ``writable_trips`` says)."""
    return allowed(actor, Right.WRITE_LEADS)


@dataclass(frozen=True)
class Stop:
    """A stop as the page shows it; of its visits those that the reader may see."""

    stop: TripStop
    lead: LeadOf | None
    badges: Sequence[Badge]
    visits: Sequence[Visit]

    @property
    def lead_id(self) -> str | None:
        """The lead that the reader may open."""
        return self.lead.lead.public_id if self.lead and self.lead.readable else None


@dataclass(frozen=True)
class Itinerary:
    """The days of a trip with their stops, and the visits that nobody had planned."""

    days: Mapping[date, Sequence[Stop]]
    unplanned: Sequence[Visit]

    @property
    def stops(self) -> list[Stop]:
        """All stops in their order."""
        return [stop for stops in self.days.values() for stop in stops]


def itinerary(trip: Trip, actor: Actor) -> Itinerary:
    """What was planned and what came of it (five statements)."""
    rows = db.session.scalars(
        sa.select(TripStop)
        .where(TripStop.trip_id == trip.id)
        .order_by(TripStop.day, TripStop.position, TripStop.id)
        .options(joinedload(TripStop.company))
    ).all()
    companies = [row.company_id for row in rows]
    leads, badges = leading_leads(companies, actor), badges_of(companies)
    visits = db.session.scalars(_visits_of(trip, actor)).all()
    days: dict[date, list[Stop]] = {day: [] for day in days_of(trip.first_on, trip.last_on)}
    for row in rows:
        made = [visit for visit in visits if visit.company_id == row.company_id]
        days[row.day].append(
            Stop(row, leads.get(row.company_id), badges.get(row.company_id, ()), made)
        )
    return Itinerary(days, [one for one in visits if one.company_id not in set(companies)])


def visits_of(trip: Trip, actor: Actor) -> Sequence[Visit]:
    """The visits of a trip that the reader may see, in the order in which they were made, each
    with the leads that the reader may see."""
    leads = selectinload(Visit.leads.and_(visible_leads(actor, by_row=True)))
    return db.session.scalars(_visits_of(trip, actor).options(leads)).all()


def _visits_of(trip: Trip, actor: Actor) -> sa.Select[Visit]:
    belong = sa.select(TripVisit.visit_id).where(TripVisit.trip_id == trip.id, TripVisit.belongs)
    return (
        sa.select(Visit)
        .where(Visit.id.in_(belong), visible_visits(actor))
        .order_by(Visit.occurred_at, Visit.id)
        .options(joinedload(Visit.company), joinedload(Visit.author), selectinload(Visit.contacts))
    )


def left_out(trip: Trip, actor: Actor) -> Sequence[Visit]:
    """Visits (走访) of the travellers in those days that are not on the trip: to be put on it."""
    on = sa.select(TripVisit.visit_id).where(TripVisit.trip_id == trip.id, TripVisit.belongs)
    found = db.session.scalars(
        sa.select(Visit)
        .where(*of_travellers(trip), Visit.id.not_in(on), visible_visits(actor), present(Visit))
        .order_by(Visit.occurred_at, Visit.id)
        .limit(MOST_LEFT_OUT * 4)
        .options(joinedload(Visit.company), joinedload(Visit.author))
    ).all()
    visits = [one for one in found if is_visit(one.mode, arranged=one.arranged)]
    return visits[:MOST_LEFT_OUT]


def cities() -> list[tuple[str, str]]:
    """The cities that a trip may go to, by code."""
    rows = db.session.execute(sa.select(Place.code, Place.city).order_by(Place.id))
    return [(code, city) for code, city in rows]


def with_parts(trips: Sequence[Trip], actor: Actor) -> list[tuple[Trip, list[TripStop], list[str]]]:
    """Trips with their stops in order and the ids of their visits that the reader may see (two
    statements, however many trips)."""
    keys = [trip.id for trip in trips]
    planned: dict[int, list[TripStop]] = defaultdict(list)
    for stop in db.session.scalars(
        sa.select(TripStop)
        .where(TripStop.trip_id.in_(keys))
        .order_by(TripStop.day, TripStop.position, TripStop.id)
        .options(joinedload(TripStop.company))
        .execution_options(populate_existing=True)
    ):
        planned[stop.trip_id].append(stop)
    made: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(TripVisit.trip_id, Visit.public_id)
        .join(Visit, Visit.id == TripVisit.visit_id)
        .where(TripVisit.trip_id.in_(keys), TripVisit.belongs, visible_visits(actor))
        .order_by(Visit.occurred_at, Visit.id)
    )
    for trip_id, visit_id in rows:
        made[trip_id].append(visit_id)
    return [(trip, planned[trip.id], made[trip.id]) for trip in trips]
