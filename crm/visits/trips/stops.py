"""The stops of a trip: put a company on it, move it, take it off. The trip's row is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.companies.archiving import refuse_archived
from crm.companies.survivors import company_of
from crm.errors import NotFound, Refusal
from crm.messages import msg
from crm.together import Read, merged
from crm.visits.trips.linking import locked_trip, settle
from crm.visits.trips.rules import Errors, Planned, check_day, nudged, placed, too_long
from models import db
from models.trip import Trip, TripStop


@dataclass(frozen=True)
class Stops:
    """The stops of a trip by their public ids, and their plan."""

    by_key: dict[str, TripStop]
    plan: list[Planned]


def plan_of(trip: Trip) -> Stops:
    """The stops of a trip in their order (one statement)."""
    rows = db.session.scalars(
        sa.select(TripStop)
        .where(TripStop.trip_id == trip.id)
        .order_by(TripStop.day, TripStop.position, TripStop.id)
        .options(joinedload(TripStop.company))
    ).all()
    return Stops(
        {row.public_id: row for row in rows}, [Planned(row.public_id, row.day) for row in rows]
    )


def lay(stops: Stops, plan: Sequence[Planned]) -> None:
    """Write a plan down: the day and the place of each stop."""
    for position, one in enumerate(plan, start=1):
        stop = stops.by_key[one.key]
        stop.day, stop.position = one.day, position
    db.session.flush()


def add_stop(
    trip_id: str, company: str, day: date | None, actor: Actor, today: date, note: str = ""
) -> TripStop:
    """Put a company on the trip, at the end of a day.

    Without a day: today while the trip is under way, else its first day. Put on twice it is there
    once. Raises NotFound, Forbidden and Refusal.
    """
    trip = locked_trip(trip_id, actor)
    found = company_of(company)
    errors: Errors = {}
    if day is None:
        day = today if trip.first_on <= today <= trip.last_on else trip.first_on
    elif wrong := check_day(day, trip.first_on, trip.last_on):
        errors["day"] = [wrong]
    if found is None:
        errors["company"] = [msg("没有找到这家企业，请重新选。")]
    if wrong := too_long("note", note):
        errors["note"] = [wrong]
    if errors or found is None:
        raise Refusal(errors)
    refuse_archived(found.id)
    stops = plan_of(trip)
    known = next((one for one in stops.by_key.values() if one.company_id == found.id), None)
    if known is not None:
        return known
    stop = TripStop(
        trip_id=trip.id, company_id=found.id, company=found, day=day, position=0, note=note.strip()
    )
    db.session.add(stop)
    db.session.flush()
    stops.by_key[stop.public_id] = stop
    lay(stops, placed(stops.plan, stop.public_id, day, None))
    settle(trip)
    return stop


def stop_known(stop: TripStop) -> dict[str, object]:
    """What an edit of a stop may change, as it stands."""
    return {"day": stop.day, "note": stop.note}


def stop_or_404(trip_id: str, stop_id: str, actor: Actor) -> tuple[Trip, Stops, TripStop]:
    """A stop with its trip held, for who may change it. Raises NotFound and Forbidden."""
    trip = locked_trip(trip_id, actor)
    stops = plan_of(trip)
    if stop_id not in stops.by_key:
        raise NotFound
    return trip, stops, stops.by_key[stop_id]


def edit_stop(
    trip_id: str, stop_id: str, day: date | None, note: str, actor: Actor, *, read: Read | None
) -> TripStop:
    """Another day or another note. Raises NotFound, Forbidden, Refusal and Stale."""
    trip, stops, stop = stop_or_404(trip_id, stop_id, actor)
    wanted = merged(stop_known(stop), {"day": day, "note": note.strip()}, read, [stop])
    found = {
        "day": check_day(wanted["day"], trip.first_on, trip.last_on),
        "note": too_long("note", wanted["note"]),
    }
    if errors := {name: [wrong] for name, wrong in found.items() if wrong}:
        raise Refusal(errors)
    stop.note = wanted["note"]
    if wanted["day"] != stop.day:
        lay(stops, placed(stops.plan, stop_id, wanted["day"], None))
    db.session.flush()
    return stop


def place_stop(trip_id: str, stop_id: str, day: date, before: str | None, actor: Actor) -> TripStop:
    """Put a stop on a day, before another of that day or at its end.

    Raises NotFound, Forbidden and Refusal at ``day``.
    """
    trip, stops, stop = stop_or_404(trip_id, stop_id, actor)
    if wrong := check_day(day, trip.first_on, trip.last_on):
        raise Refusal({"day": [wrong]})
    lay(stops, placed(stops.plan, stop_id, day, before))
    return stop


def nudge_stop(trip_id: str, stop_id: str, by: int, actor: Actor) -> TripStop:
    """One place up (-1) or down (1). Raises NotFound and Forbidden."""
    trip, stops, stop = stop_or_404(trip_id, stop_id, actor)
    lay(stops, nudged(stops.plan, stop_id, by, trip.first_on, trip.last_on))
    return stop


def remove_stop(trip_id: str, stop_id: str, actor: Actor) -> TripStop:
    """Take a company off the trip; what it said is returned, for a way back.

    Raises NotFound and Forbidden.
    """
    trip, _stops, stop = stop_or_404(trip_id, stop_id, actor)
    db.session.delete(stop)
    db.session.flush()
    settle(trip)
    return stop
