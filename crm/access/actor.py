"""Who asks, reduced to what a permission depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from crm.messages import Name
from models import db
from models.enums import Role
from models.place import Park
from models.team import Team
from models.user import Membership, User


@dataclass(frozen=True)
class Actor:
    """A signed-in person: their role and the teams, parks and districts they belong to today."""

    id: int
    role: Role
    teams: tuple[int, ...] = ()
    parks: tuple[int, ...] = ()
    districts: tuple[int, ...] = ()
    unit: Name | None = None
    """The short name of the first team, park or district, for the foot of the menu."""

    @property
    def team(self) -> int | None:
        """The team whose work this person does, if there is one."""
        return self.teams[0] if self.teams else None


READER = Actor(0, Role.AUDITOR)
"""Who a command reads for that nobody has signed in to: sees all, and changes nothing."""


def held_on(today: date) -> sa.ColumnElement[bool]:
    """The memberships that hold on that day."""
    return sa.and_(
        Membership.from_on <= today,
        sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
    )


def with_actor(today: date) -> ExecutableOption:
    """Load with a person, in the same statement, what ``load_actor`` reads of them."""
    return joinedload(User.memberships.and_(held_on(today))).options(*_units())


@lru_cache(maxsize=1)
def _units() -> tuple[Any, ...]:
    """Made when first asked for: SQLAlchemy puts all tables in relation for it."""
    return (
        joinedload(Membership.team),
        joinedload(Membership.park),
        joinedload(Membership.district),
    )


def load_actor(user: User, today: date) -> Actor:
    """Who a person is by the memberships that hold today (one query, none after ``with_actor``)."""
    held = _held(user, today)
    return Actor(
        id=user.id,
        role=user.role,
        teams=tuple(m.team_id for m in held if m.team_id is not None),
        parks=tuple(m.park_id for m in held if m.park_id is not None),
        districts=tuple(m.district_id for m in held if m.district_id is not None),
        unit=_unit(held[0]) if held else None,
    )


def _held(user: User, today: date) -> Sequence[Membership]:
    if "memberships" not in sa.inspect(user).unloaded:
        return sorted(user.memberships, key=lambda membership: membership.id)
    return db.session.scalars(
        sa.select(Membership)
        .where(Membership.user_id == user.id, held_on(today))
        .options(*_units())
        .order_by(Membership.id)
    ).all()


def _unit(membership: Membership) -> Name:
    """The team, park or district by its short name; a district has no shorter one in English."""
    if district := membership.district:
        return Name(district.short_zh, district.en)
    # Exactly one of the three: a CHECK of the table.
    unit = cast("Team | Park", membership.team or membership.park)
    return Name(unit.short_zh, unit.short_en)
