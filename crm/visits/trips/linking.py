"""Which visits belong to a trip: by themselves, and by hand.

A visit joins when one of the travellers makes it on a day of the trip, at a company of its stops or
of its city. It is a row, so that a person may decide otherwise, and what they decided stays.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from crm.access import Actor, Right, require, visible_visits, writable_trips
from crm.access.conditions import Condition
from crm.clock import local_date, midnight
from crm.errors import NotFound, Refusal
from crm.held import held
from crm.messages import msg
from crm.visits.trips.rules import ON_THE_ROAD
from models import db
from models.company import Company
from models.trip import Trip, TripMember, TripStop, TripVisit
from models.visit import Visit


def locked_trip(public_id: str, actor: Actor) -> Trip:
    """The trip, its row held, for who may change it. Raises NotFound and Forbidden."""
    require(actor, Right.WRITE_LEADS)
    return held(Trip, Trip.public_id == public_id, writable_trips(actor))


def join_trips(visit: Visit) -> None:
    """Hang a visit that was just written down on the trips that it belongs to.

    The trips are held: nobody changes their days or stops meanwhile.
    """
    if visit.mode not in ON_THE_ROAD:
        return
    day = local_date(visit.occurred_at)
    goes = sa.select(TripMember.trip_id).where(TripMember.user_id == visit.author_id)
    stops = sa.select(TripStop.trip_id).where(TripStop.company_id == visit.company_id)
    city = sa.select(Company.place_id).where(Company.id == visit.company_id).scalar_subquery()
    trips = db.session.scalars(
        sa.select(Trip.id)
        .where(
            Trip.id.in_(goes),
            Trip.first_on <= day,
            Trip.last_on >= day,
            sa.or_(Trip.id.in_(stops), Trip.place_id == city),
        )
        .order_by(Trip.id)
        .with_for_update()
    ).all()
    if not trips:
        return
    linked = {row.trip_id for row in _rows(TripVisit.visit_id == visit.id)}
    db.session.add_all(
        TripVisit(trip_id=key, visit_id=visit.id) for key in trips if key not in linked
    )
    db.session.flush()


def settle(trip: Trip) -> None:
    """Bring what joined by itself in line with who goes, when and where; the trip is held.

    What is not in line any more leaves, unless a person put it there.
    """
    stops = sa.select(TripStop.company_id).where(TripStop.trip_id == trip.id)
    in_city = sa.select(Company.id).where(
        Company.id == Visit.company_id, Company.place_id == trip.place_id
    )
    wanted = set(
        db.session.scalars(
            sa.select(Visit.id).where(
                *of_travellers(trip),
                Visit.mode.in_(ON_THE_ROAD),
                sa.or_(Visit.company_id.in_(stops), in_city.exists()),
            )
        )
    )
    rows = _rows(TripVisit.trip_id == trip.id)
    for row in rows:
        if row.by_id is None and row.visit_id not in wanted:
            db.session.delete(row)
    known = {row.visit_id for row in rows}
    db.session.add_all(TripVisit(trip_id=trip.id, visit_id=key) for key in sorted(wanted - known))
    db.session.flush()


def of_travellers(trip: Trip) -> list[Condition]:
    """What the people of a trip wrote down of its days."""
    members = sa.select(TripMember.user_id).where(TripMember.trip_id == trip.id)
    return [
        Visit.author_id.in_(members),
        Visit.occurred_at >= midnight(trip.first_on),
        Visit.occurred_at < midnight(trip.last_on + timedelta(days=1)),
    ]


def put_on(trip_id: str, visit_id: str, actor: Actor) -> None:
    """Put a visit on a trip by hand. Raises NotFound, Forbidden, and Refusal for one that none of
    the travellers made in those days."""
    trip, visit = _both(trip_id, visit_id, actor)
    theirs = sa.select(Visit.id).where(Visit.id == visit.id, *of_travellers(trip))
    if db.session.scalar(theirs) is None:
        raise Refusal({"visit": [msg("只能放同去的人在这几天里记的走访。")]})
    _decide(trip, visit, actor, belongs=True)


def take_off(trip_id: str, visit_id: str, actor: Actor) -> None:
    """Take a visit off a trip; the visit itself stays. Raises NotFound and Forbidden."""
    trip, visit = _both(trip_id, visit_id, actor)
    _decide(trip, visit, actor, belongs=False)


def _both(trip_id: str, visit_id: str, actor: Actor) -> tuple[Trip, Visit]:
    trip = locked_trip(trip_id, actor)
    visit: Visit | None = db.session.scalar(
        sa.select(Visit).where(Visit.public_id == visit_id, visible_visits(actor))
    )
    if visit is None:
        raise NotFound
    return trip, visit


def _decide(trip: Trip, visit: Visit, actor: Actor, *, belongs: bool) -> None:
    row = next(iter(_rows(TripVisit.trip_id == trip.id, TripVisit.visit_id == visit.id)), None)
    if row is None:
        row = TripVisit(trip_id=trip.id, visit_id=visit.id)
        db.session.add(row)
    row.belongs, row.by_id = belongs, actor.id
    db.session.flush()


def _rows(*which: Condition) -> list[TripVisit]:
    return list(db.session.scalars(sa.select(TripVisit).where(*which)))
