"""What the calendar reads: three statements, whoever looks and however many days there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import (
    Actor,
    Scope,
    may_write_held,
    present,
    scopes,
    visible_leads,
    visible_visits,
)
from crm.access.conditions import in_scope
from crm.errors import NotFound
from crm.visits.calendar.entries import MOVABLE, Entry, EntryKind
from models import db
from models.company import Company
from models.enums import Stage, Status, TaskKind, TaskState
from models.lead import Lead
from models.place import Park
from models.task import Task
from models.team import Team
from models.user import Membership, User
from models.visit import Visit, VisitLead, VisitUser

# More on one page would be read by nobody; the page says that it stops there.
MOST = 3_000
_KINDS = {
    TaskKind.NEXT_STEP: EntryKind.NEXT_STEP,
    TaskKind.TASK: EntryKind.TASK,
    TaskKind.PROMISE: EntryKind.PROMISE,
    TaskKind.DIRECTIVE: EntryKind.DIRECTIVE,
}
_EARLY = (Stage.IDENTIFIED, Stage.ENGAGED, Stage.NEGOTIATING)


@dataclass(frozen=True)
class Whose:
    """Whose days: a scope of the actor's, and within it a person, a team or a park (by code)."""

    scope: Scope
    person: str | None = None
    team: str | None = None
    park: str | None = None


def entries_between(actor: Actor, whose: Whose, first: date, last: date) -> list[Entry]:
    """What the actor may see of the days from ``first`` to ``last``, at most MOST of each kind."""
    when = (
        Visit.occurred_at >= clock.midnight(first),
        Visit.occurred_at < clock.midnight(last + timedelta(days=1)),
    )
    found = [
        *_milestones(actor, _dated(first, last), *_leads(actor, whose)),
        *_tasks(actor, Task.due_on.between(first, last), *_task_leads(actor, whose)),
        *_visits(actor, *when, *_visited_by(actor, whose)),
    ]
    return [entry for entry in found if first <= entry.day <= last]


def readable_entry(actor: Actor, kind: EntryKind, public_id: str) -> Entry:
    """One entry by its id; NotFound when it is not there for this actor."""
    match kind:
        case EntryKind.VISIT:
            found = _visits(actor, Visit.public_id == public_id)
        case EntryKind.SIGNING | EntryKind.LANDING | EntryKind.LANDED | EntryKind.WAKING:
            found = _milestones(actor, Lead.public_id == public_id, visible_leads(actor))
        case _:
            found = _tasks(actor, Task.public_id == public_id, visible_leads(actor))
    entry = next((entry for entry in found if entry.kind is kind), None)
    if entry is None:
        raise NotFound
    return entry


def own_scope(actor: Actor) -> Scope | None:
    """The scope that is the actor's own work; None for who has no leads to see."""
    mine = [scope for scope in scopes(actor) if scope in {Scope.MINE, Scope.PLACE}]
    return mine[0] if mine else next(iter(scopes(actor)), None)


def _dated(first: date, last: date) -> sa.ColumnElement[bool]:
    """The leads with any of these days between these, each found by its own index."""
    days = (Lead.expected_signing_on, Lead.expected_landing_on, Lead.landed_on, Lead.hold_until)
    return sa.or_(*(day.between(first, last) for day in days))


def _milestones(actor: Actor, *which: sa.ColumnElement[bool]) -> Iterator[Entry]:
    rows = db.session.execute(
        sa.select(
            *(
                Lead.public_id,
                Lead.updated_at,
                Lead.stage,
                Lead.status,
                Lead.expected_signing_on,
                Lead.expected_landing_on,
                Lead.landed_on,
                Lead.hold_until,
                Lead.team_id,
                Lead.owner_id,
                Lead.project,
                Company.short_name,
                User.name,
            )
        )
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Lead.owner_id)
        .where(Lead.status != Status.LOST, *which)
        .order_by(Lead.id)
        .limit(MOST)
    )
    for row in rows:
        for kind, day in _days_of(row):
            if day is not None:
                yield Entry(
                    kind,
                    day,
                    row.public_id,
                    row.short_name,
                    row.updated_at,
                    text=row.project,
                    who=row.name,
                    lead=row.public_id,
                    movable=kind in MOVABLE and may_write_held(row.team_id, row.owner_id, actor),
                )


def _days_of(row: Any) -> Iterator[tuple[EntryKind, date | None]]:
    """The days of a lead that are still to come about, and the one on which it came."""
    if row.stage in _EARLY:
        yield EntryKind.SIGNING, row.expected_signing_on
    if row.stage != Stage.LANDED:
        yield EntryKind.LANDING, row.expected_landing_on
    yield EntryKind.LANDED, row.landed_on
    if row.status == Status.ON_HOLD:
        yield EntryKind.WAKING, row.hold_until


def _tasks(actor: Actor, *which: sa.ColumnElement[bool]) -> Iterator[Entry]:
    """Open ones only: what is done shows as the visit that did it."""
    rows = db.session.execute(
        sa.select(
            *(
                Task.public_id,
                Task.kind,
                Task.text,
                Task.due_on,
                Task.created_at,
                Lead.public_id.label("lead"),
                Lead.team_id,
                Lead.owner_id,
                Company.short_name,
                User.name,
            )
        )
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(User, User.id == Task.assignee_id)
        .where(
            Task.kind.in_(_KINDS),
            Task.state == TaskState.OPEN,
            Task.due_on.is_not(None),
            *which,
        )
        .order_by(Task.due_on, Task.id)
        .limit(MOST)
    )
    for row in rows:
        kind = _KINDS[row.kind]
        yield Entry(
            kind,
            row.due_on,
            row.public_id,
            row.short_name,
            row.created_at,
            text=row.text,
            who=row.name,
            lead=row.lead,
            movable=kind in MOVABLE and may_write_held(row.team_id, row.owner_id, actor),
        )


def _visits(actor: Actor, *which: sa.ColumnElement[bool]) -> Iterator[Entry]:
    rows = db.session.execute(
        sa.select(
            *(
                Visit.public_id,
                Visit.mode,
                Visit.occurred_at,
                Visit.recorded_at,
                Company.short_name,
                User.name,
            )
        )
        .join(Company, Company.id == Visit.company_id)
        .join(User, User.id == Visit.author_id)
        .where(visible_visits(actor), *which)
        .order_by(Visit.occurred_at, Visit.id)
        .limit(MOST)
    )
    for row in rows:
        yield Entry(
            EntryKind.VISIT,
            clock.local_date(row.occurred_at),
            row.public_id,
            row.short_name,
            row.recorded_at,
            who=row.name,
            at=row.occurred_at,
            mode=row.mode,
        )


def _leads(actor: Actor, whose: Whose) -> list[sa.ColumnElement[bool]]:
    found = [in_scope(actor, whose.scope), visible_leads(actor, by_row=True), *_places(whose)]
    if whose.person:
        found.append(Lead.owner_id == _person(whose.person))
    return found


def _task_leads(actor: Actor, whose: Whose) -> list[sa.ColumnElement[bool]]:
    """A task is of who is to do it; a team's and a place's are those of its leads."""
    seen = [visible_leads(actor, by_row=True), *_places(whose)]
    if whose.person:
        return [*seen, Task.assignee_id == _person(whose.person)]
    if whose.scope is Scope.MINE:
        return [*seen, Task.assignee_id == actor.id]
    return [*seen, in_scope(actor, whose.scope)]


def _visited_by(actor: Actor, whose: Whose) -> list[sa.ColumnElement[bool]]:
    """A visit is of who was there; a team's those of its people, a place's those of its leads."""
    found: list[sa.ColumnElement[bool]] = []
    if whose.person:
        found.append(_was_there(_person(whose.person)))
    elif whose.scope is Scope.MINE:
        found.append(_was_there(sa.literal(actor.id)))
    elif whose.scope is Scope.TEAM:
        found.append(Visit.author_id.in_(_members(Membership.team_id.in_(actor.teams))))
    if whose.team:
        team = sa.select(Team.id).where(Team.code == whose.team).scalar_subquery()
        found.append(Visit.author_id.in_(_members(Membership.team_id == team)))
    if whose.park or whose.scope is Scope.PLACE:
        about = sa.select(VisitLead.visit_id).join(Lead, Lead.id == VisitLead.lead_id)
        places = [*_places(Whose(whose.scope, park=whose.park)), present()]
        if whose.scope is Scope.PLACE:
            places.append(in_scope(actor, Scope.PLACE))
        found.append(about.where(VisitLead.visit_id == Visit.id, *places).exists())
    return found


def _was_there(user: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    came = sa.select(VisitUser.visit_id).where(VisitUser.user_id == user)
    return sa.or_(Visit.author_id == user, Visit.id.in_(came))


def _members(which: sa.ColumnElement[bool]) -> sa.Select[int]:
    today = clock.today()
    return sa.select(Membership.user_id).where(
        which,
        Membership.from_on <= today,
        sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
    )


def _places(whose: Whose) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if whose.team:
        found.append(
            Lead.team_id == sa.select(Team.id).where(Team.code == whose.team).scalar_subquery()
        )
    if whose.park:
        found.append(
            Lead.park_id == sa.select(Park.id).where(Park.code == whose.park).scalar_subquery()
        )
    return found


def _person(public_id: str) -> sa.ScalarSelect[int]:
    return sa.select(User.id).where(User.public_id == public_id).scalar_subquery()
