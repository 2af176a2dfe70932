"""Plan a trip, change it, cancel it and take that back, and write down what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, Right, require
from crm.access.policy import RIGHTS
from crm.errors import Refusal
from crm.messages import msg
from crm.together import Read, merged
from crm.visits.trips.linking import locked_trip, settle
from crm.visits.trips.rules import Errors, check_trip, shifted, too_long
from crm.visits.trips.stops import lay, plan_of
from models import db
from models.place import Place
from models.trip import Trip, TripMember
from models.user import User

_VISITING = [role for role, rights in RIGHTS.items() if Right.LOG_VISITS in rights]
_COLUMNS = {"place": ("place_id",), "members": ("*",)}


@dataclass(frozen=True)
class TripInput:
    """A trip as a person types it: a city by its code, people by their public ids."""

    place: str
    first_on: date | None
    last_on: date | None
    members: Sequence[str]
    purpose: str

    def as_values(self) -> dict[str, Any]:
        """The same by the names of the form, as ``known_of`` has them."""
        return {
            "place": self.place,
            "first_on": self.first_on,
            "last_on": self.last_on,
            "members": sorted(set(self.members)),
            "purpose": self.purpose.strip(),
        }


def plan_trip(new: TripInput, actor: Actor, now: datetime) -> Trip:
    """Plan a trip; visits that its people made in those days already belong to it.

    Raises Forbidden and Refusal that names each wrong field.
    """
    require(actor, Right.WRITE_LEADS)
    place, members = _checked(new, [])
    trip = Trip(
        author_id=actor.id,
        team_id=actor.team,
        place_id=place,
        first_on=new.first_on,
        last_on=new.last_on,
        purpose=new.purpose.strip(),
        created_at=now,
    )
    db.session.add(trip)
    db.session.flush()
    db.session.add_all(TripMember(trip_id=trip.id, user_id=key) for key in members)
    db.session.flush()
    settle(trip)
    return trip


def known_of(trip: Trip) -> dict[str, Any]:
    """What an edit may change, as it stands (two statements)."""
    code = db.session.scalar(sa.select(Place.code).where(Place.id == trip.place_id))
    members = db.session.scalars(
        sa.select(User.public_id)
        .join(TripMember, TripMember.user_id == User.id)
        .where(TripMember.trip_id == trip.id)
    )
    return TripInput(
        str(code), trip.first_on, trip.last_on, members.all(), trip.purpose
    ).as_values()


def edit_trip(public_id: str, new: TripInput, actor: Actor, *, read: Read | None = None) -> Trip:
    """Change who goes, where, when and why. A trip put off takes its stops along.

    ``read`` is what the person had read of it. Raises NotFound, Forbidden, Refusal and Stale.
    """
    trip = locked_trip(public_id, actor)
    known = known_of(trip)
    wanted = TripInput(**merged(known, new.as_values(), read, [trip], _COLUMNS))
    place, members = _checked(wanted, known["members"])
    assert wanted.first_on  # noqa: S101 (checked just now)
    assert wanted.last_on  # noqa: S101 (as well)
    stops = plan_of(trip)
    plan, outside = shifted(
        stops.plan, (trip.first_on, trip.last_on), (wanted.first_on, wanted.last_on)
    )
    if outside:
        moved = "first_on" if wanted.first_on != trip.first_on else "last_on"
        raise Refusal({moved: [outside]})
    trip.place_id, trip.purpose = place, wanted.purpose.strip()
    trip.first_on, trip.last_on = wanted.first_on, wanted.last_on
    lay(stops, plan)
    _go(trip, members)
    settle(trip)
    return trip


def cancel_trip(public_id: str, actor: Actor, now: datetime) -> Trip:
    """The trip does not take place; what was planned stays readable. Raises NotFound, Forbidden."""
    trip = locked_trip(public_id, actor)
    trip.cancelled_at = trip.cancelled_at or now
    db.session.flush()
    return trip


def restore_trip(public_id: str, actor: Actor) -> Trip:
    """It takes place after all. Raises NotFound and Forbidden."""
    trip = locked_trip(public_id, actor)
    trip.cancelled_at = None
    db.session.flush()
    return trip


def conclude(public_id: str, text: str, actor: Actor, *, read: Read | None = None) -> Trip:
    """Write down what its people make of it. Raises NotFound, Forbidden, Refusal and Stale."""
    trip = locked_trip(public_id, actor)
    yours = {"conclusions": text.strip()}
    wanted = merged({"conclusions": trip.conclusions}, yours, read, [trip])["conclusions"]
    if wrong := too_long("conclusions", wanted):
        raise Refusal({"conclusions": [wrong]})
    trip.conclusions = wanted
    db.session.flush()
    return trip


def _checked(new: TripInput, known: Sequence[str]) -> tuple[int, list[int]]:
    """The keys of city and people; people who go already are not asked again whether they may."""
    errors: Errors = check_trip(new.first_on, new.last_on, new.purpose, len(new.members))
    place = db.session.scalar(sa.select(Place.id).where(Place.code == new.place))
    if place is None:
        errors["place"] = [msg("请从列表里选一个城市。")]
    wanted = set(new.members)
    may_go = sa.and_(User.active, User.role.in_(_VISITING))
    members = list(
        db.session.scalars(
            sa.select(User.id)
            .where(User.public_id.in_(wanted), sa.or_(may_go, User.public_id.in_(known)))
            .order_by(User.id)
        )
    )
    if len(members) < len(wanted):
        errors["members"] = [msg("有一位没有账号，或他的角色不做走访，请重新选。")]
    if errors:
        raise Refusal(errors)
    assert place is not None  # noqa: S101 (refused else)
    return place, members


def _go(trip: Trip, members: Sequence[int]) -> None:
    rows = db.session.scalars(sa.select(TripMember).where(TripMember.trip_id == trip.id)).all()
    for row in rows:
        if row.user_id not in members:
            db.session.delete(row)
    known = {row.user_id for row in rows}
    db.session.add_all(
        TripMember(trip_id=trip.id, user_id=key) for key in members if key not in known
    )
    db.session.flush()
