"""Reads leaves: who is away on a day, whose they are, and who could stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.access import Actor, Right, held_on
from crm.access.policy import RIGHTS
from crm.errors import NotFound
from crm.messages import Name
from crm.pinyin import by_sound
from crm.reminders.leaves.rules import Absence, Away, Leaves, Span
from models import db
from models.enums import Role
from models.leave import Leave
from models.team import Team
from models.user import Membership, User

# Who is reminded at all; an auditor reads and does nothing.
REMINDED = tuple(
    role for role, rights in RIGHTS.items() if Right.READ_TODAY in rights and role != Role.AUDITOR
)


@dataclass(frozen=True)
class Colleague:
    """Somebody who could stand in; ``near``: of a team of who asks."""

    public_id: str
    name: str
    team: Name | None
    near: bool


def away_on(day: date) -> Away:
    """Everybody who is away on that day (one statement)."""
    return leaves_between(day, day).on(day)


def leaves_between(first: date, last: date) -> Leaves:
    """The leaves that count on some of these days (one statement)."""
    deputy = aliased(User)
    rows = db.session.execute(
        sa.select(
            *(Leave.person_id, Leave.from_on, User.name, Leave.to_on),
            *(Leave.deputy_id, deputy.active),
        )
        .join(User, User.id == Leave.person_id)
        .join(deputy, deputy.id == Leave.deputy_id)
        .where(holds(first, last))
        .order_by(Leave.id)
    )
    return Leaves(
        tuple(
            Span(
                row.person_id,
                row.from_on,
                Absence(row.name, row.to_on, row.deputy_id if row.active else None),
            )
            for row in rows
        )
    )


def holds(first: date, last: date) -> sa.ColumnElement[bool]:
    """The leaves that count on some of these days."""
    return sa.and_(Leave.taken_back_at.is_(None), Leave.from_on <= last, Leave.to_on >= first)


def ahead(person_id: int, today: date) -> Sequence[Leave]:
    """A person's leaves that are not over, the first first (one statement)."""
    return db.session.scalars(
        sa.select(Leave)
        .where(Leave.person_id == person_id, Leave.taken_back_at.is_(None), Leave.to_on >= today)
        .options(joinedload(Leave.deputy))
        .order_by(Leave.from_on)
    ).all()


def stood_in_for(person_id: int, today: date) -> Sequence[Leave]:
    """The leaves, going on and to come, in which this person is the deputy (one statement)."""
    return db.session.scalars(
        sa.select(Leave)
        .where(Leave.deputy_id == person_id, Leave.taken_back_at.is_(None), Leave.to_on >= today)
        .options(joinedload(Leave.person))
        .order_by(Leave.from_on)
    ).all()


def own_leave(public_id: str, person_id: int, today: date) -> Leave:
    """One of a person's leaves that is not over. NotFound for another's."""
    found = db.session.scalar(
        sa.select(Leave)
        .where(
            Leave.public_id == public_id,
            Leave.person_id == person_id,
            Leave.taken_back_at.is_(None),
            Leave.to_on >= today,
        )
        .options(joinedload(Leave.deputy))
    )
    if found is None:
        raise NotFound
    return found


def own_ended_leave(public_id: str, person_id: int, today: date) -> Leave:
    """One of a person's leaves that counts no more. NotFound for another's or one that counts."""
    ended = sa.or_(Leave.taken_back_at.is_not(None), Leave.to_on < today)
    found = db.session.scalar(
        sa.select(Leave)
        .where(Leave.public_id == public_id, Leave.person_id == person_id, ended)
        .options(joinedload(Leave.deputy))
    )
    if found is None:
        raise NotFound
    return found


def could_stand_in(actor: Actor, today: date) -> list[Colleague]:
    """Who may be named as a deputy, those of one's own team or park first (one statement)."""
    team = (
        sa.select(Membership.user_id, sa.func.min(Membership.team_id).label("team_id"))
        .where(held_on(today), Membership.team_id.is_not(None))
        .group_by(Membership.user_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(User.public_id, User.name, Team.id, Team.short_zh, Team.short_en)
        .outerjoin(team, team.c.user_id == User.id)
        .outerjoin(Team, Team.id == team.c.team_id)
        .where(_may_stand_in(actor, today))
    )
    found = [
        Colleague(
            row.public_id,
            row.name,
            Name(row.short_zh, row.short_en) if row.short_zh else None,
            row.id in actor.teams,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.near, by_sound(one.name), one.public_id))


def deputy_of(actor: Actor, public_id: str, today: date) -> User | None:
    """The colleague of that public id; None for who may not stand in."""
    return db.session.scalar(
        sa.select(User).where(User.public_id == public_id, _may_stand_in(actor, today))
    )


def _may_stand_in(actor: Actor, today: date) -> sa.ColumnElement[bool]:
    """Who is reminded at all and belongs where the actor does, or leads a team, or the city."""
    shared = sa.select(Membership.user_id).where(
        held_on(today),
        sa.or_(Membership.team_id.in_(actor.teams), Membership.park_id.in_(actor.parks)),
    )
    return sa.and_(
        User.active,
        User.id != actor.id,
        User.role.in_(REMINDED),
        sa.or_(User.id.in_(shared), User.role.in_((Role.TEAM_LEAD, Role.MANAGER))),
    )
