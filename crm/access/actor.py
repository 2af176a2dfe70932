"""Who asks, reduced to what a permission depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.messages import Name
from models import db
from models.enums import Role
from models.place import District, Park
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


def load_actor(user: User, today: date) -> Actor:
    """Read the memberships that hold today (one query)."""
    rows = db.session.execute(
        sa.select(
            Membership.team_id,
            Membership.park_id,
            Membership.district_id,
            sa.func.coalesce(Team.short_zh, Park.short_zh, District.short_zh).label("zh"),
            sa.func.coalesce(Team.short_en, Park.short_en, District.en).label("en"),
        )
        .outerjoin(Team, Team.id == Membership.team_id)
        .outerjoin(Park, Park.id == Membership.park_id)
        .outerjoin(District, District.id == Membership.district_id)
        .where(
            Membership.user_id == user.id,
            Membership.from_on <= today,
            sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
        )
        .order_by(Membership.id)
    ).all()
    return Actor(
        id=user.id,
        role=user.role,
        teams=tuple(r.team_id for r in rows if r.team_id is not None),
        parks=tuple(r.park_id for r in rows if r.park_id is not None),
        districts=tuple(r.district_id for r in rows if r.district_id is not None),
        unit=Name(rows[0].zh, rows[0].en) if rows else None,
    )
