"""Which trips an actor may see: those they go on or planned, their teams', or all of the city."""

from __future__ import annotations

import sqlalchemy as sa

from crm import clock
from crm.access.actor import Actor, held_on
from crm.access.conditions import Condition, sees_the_city
from crm.access.policy import Right, allowed
from crm.access.scopes import Scope
from crm.errors import NotFound
from models.enums import Role
from models.trip import Trip, TripMember
from models.user import Membership


def visible_trips(actor: Actor) -> Condition:
    """The trips the actor may read; what of their visits, ``visible_visits`` says."""
    if not allowed(actor, Right.READ_LEADS):
        return sa.false()
    return sa.or_(*(_of(actor, scope) for scope in (*trip_scopes(actor), Scope.MINE)))


def writable_trips(actor: Actor) -> Condition:
    """The trips the actor may change: those they see, for who plans any."""
    return visible_trips(actor) if allowed(actor, Right.WRITE_LEADS) else sa.false()


def trip_scopes(actor: Actor) -> tuple[Scope, ...]:
    """Whose trips the actor may choose to see; the first is where they start."""
    if sees_the_city(actor):
        return (Scope.CITY, Scope.MINE) if allowed(actor, Right.LOG_VISITS) else (Scope.CITY,)
    if actor.role is Role.TEAM_LEAD and actor.teams:
        return (Scope.TEAM, Scope.MINE)
    return (Scope.MINE,)


def trips_in(actor: Actor, scope: Scope) -> Condition:
    """The trips of a scope that the actor may choose. Raises NotFound for any other."""
    if not allowed(actor, Right.READ_LEADS) or scope not in trip_scopes(actor):
        raise NotFound
    return _of(actor, scope)


def _of(actor: Actor, scope: Scope) -> Condition:
    match scope:
        case Scope.CITY:
            return sa.true()
        case Scope.TEAM:
            colleagues = (
                sa.select(TripMember.trip_id)
                .join(Membership, Membership.user_id == TripMember.user_id)
                .where(Membership.team_id.in_(actor.teams), held_on(clock.today()))
            )
            return sa.or_(Trip.team_id.in_(actor.teams), Trip.id.in_(colleagues))
        case _:
            goes = sa.select(TripMember.trip_id).where(TripMember.user_id == actor.id)
            return sa.or_(Trip.author_id == actor.id, Trip.id.in_(goes))
