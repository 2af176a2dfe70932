"""Whose days a page of the calendar shows, as conditions of queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import (
    Actor,
    Scope,
    held_on,
    no_hidden_promise,
    present,
    scopes,
    takes_part,
    visible_appointments,
    visible_leads,
    visible_trips,
    visible_visits,
)
from crm.access.conditions import Condition, in_scope
from models.appointment import Appointment, AppointmentUser
from models.lead import Lead
from models.place import Park
from models.task import Task
from models.team import Team
from models.trip import Trip, TripMember
from models.user import Membership, User
from models.visit import Visit, VisitLead, VisitUser


@dataclass(frozen=True)
class Whose:
    """Whose days: a scope of the actor's, and within it a person, a team or a park (by code)."""

    scope: Scope
    person: str | None = None
    team: str | None = None
    park: str | None = None

    @property
    def one_person(self) -> bool:
        """Whether these are the days of a single person."""
        return self.scope is Scope.MINE or self.person is not None

    @property
    def whole_city(self) -> bool:
        """Whether these are the days of everybody."""
        return self.scope is Scope.CITY and not (self.person or self.team or self.park)


def own_scope(actor: Actor) -> Scope | None:
    """The scope that is the actor's own work; None for who has no leads to see."""
    mine = [scope for scope in scopes(actor) if scope in {Scope.MINE, Scope.PLACE}]
    return mine[0] if mine else next(iter(scopes(actor)), None)


def leads_of(actor: Actor, whose: Whose) -> list[Condition]:
    """The leads whose own days these are, found by a day."""
    found = [in_scope(actor, whose.scope), visible_leads(actor, by_row=True), *_places(whose)]
    if whose.person:
        found.append(Lead.owner_id == _person(whose.person))
    return found


def tasks_of(actor: Actor, whose: Whose) -> list[Condition]:
    """A task is of who is to do it; a team's and a place's are those of its leads."""
    seen = [visible_leads(actor, by_row=True), no_hidden_promise(actor), *_places(whose)]
    if whose.person:
        return [*seen, Task.assignee_id == _person(whose.person)]
    if whose.scope is Scope.MINE:
        return [*seen, Task.assignee_id == actor.id]
    return [*seen, in_scope(actor, whose.scope)]


def visits_of(actor: Actor, whose: Whose, when: Condition) -> list[Condition]:
    """The visits of those moments: a person's are where they were, a team's its people's, a
    place's those of its leads."""
    if whose.one_person:
        person = _person(whose.person) if whose.person else sa.literal(actor.id)
        own = sa.and_(Visit.author_id == person, when)
        came = sa.select(VisitUser.visit_id).where(VisitUser.user_id == person)
        ids = sa.union_all(
            sa.select(Visit.id).where(own),
            sa.select(Visit.id).where(Visit.id.in_(came), when),
        )
        return [Visit.id.in_(ids), visible_visits(actor), *_about(whose)]
    return [when, visible_visits(actor), *_written_by(actor, whose), *_about(whose)]


def trips_of(actor: Actor, whose: Whose) -> list[Condition]:
    """The trips on which these people go; a place has none of its own."""
    goes = sa.select(TripMember.trip_id)
    if whose.one_person:
        person = _person(whose.person) if whose.person else sa.literal(actor.id)
        goes = goes.where(TripMember.user_id == person)
    elif whose.scope is Scope.PLACE or whose.park:
        return [sa.false()]
    elif (people := members_of(whose, actor)) is not None:
        goes = goes.where(TripMember.user_id.in_(people))
    return [Trip.id.in_(goes), visible_trips(actor)]


def appointments_of(actor: Actor, whose: Whose) -> list[Condition]:
    """The appointments: a person's are those they take part in, a team's its people's, a place's
    those of its leads."""
    found = [visible_appointments(actor)]
    if whose.one_person:
        return [*found, takes_part(_person(whose.person) if whose.person else sa.literal(actor.id))]
    if (people := members_of(whose, actor)) is not None:
        comes = sa.select(AppointmentUser.appointment_id).where(AppointmentUser.user_id.in_(people))
        theirs = sa.or_(Appointment.author_id.in_(people), Appointment.id.in_(comes))
        found.append(theirs)
    placed = _places(replace(whose, team=None))
    if whose.scope is Scope.PLACE:
        placed.append(in_scope(actor, Scope.PLACE))
    if placed:
        of_lead = sa.select(Lead.id).where(Lead.id == Appointment.lead_id, *placed)
        found.append(of_lead.exists())
    return found


def members_of(whose: Whose, actor: Actor) -> sa.Select[int] | None:
    """Whose people wrote the visits of a team; None where all of the city's did."""
    if whose.team:
        team = sa.select(Team.id).where(Team.code == whose.team).scalar_subquery()
        return _members(Membership.team_id == team)
    return _members(Membership.team_id.in_(actor.teams)) if whose.scope is Scope.TEAM else None


def _written_by(actor: Actor, whose: Whose) -> Iterator[Condition]:
    if (people := members_of(whose, actor)) is not None:
        yield Visit.author_id.in_(people)
    if whose.scope is Scope.PLACE:
        yield _of_leads(in_scope(actor, Scope.PLACE))


def _about(whose: Whose) -> Iterator[Condition]:
    if whose.park:
        yield _of_leads(*_places(replace(whose, team=None)))


def _of_leads(*which: Condition) -> Condition:
    about = sa.select(VisitLead.visit_id).join(Lead, Lead.id == VisitLead.lead_id)
    return about.where(VisitLead.visit_id == Visit.id, present(), *which).exists()


def _members(which: Condition) -> sa.Select[int]:
    today = clock.today()
    return sa.select(Membership.user_id).where(
        which,
        held_on(today),
    )


def _places(whose: Whose) -> list[Condition]:
    found: list[Condition] = []
    if whose.team:
        found.append(
            Lead.team_id == sa.select(Team.id).where(Team.code == whose.team).scalar_subquery()
        )
    if whose.park:
        found.append(
            Lead.park_id == sa.select(Park.id).where(Park.code == whose.park).scalar_subquery()
        )
    return found


def _person(public_id: str) -> sa.ColumnElement[Any]:
    return sa.select(User.id).where(User.public_id == public_id).scalar_subquery()
