"""Whom and what permissions name: an account, teams, parks."""

from __future__ import annotations

import sqlalchemy as sa

from crm.errors import Refusal
from crm.messages import msg
from models import db
from models.place import Park
from models.team import Team
from models.user import User


def account_named(email: str) -> User:
    """The account of an address, for commands. Raises Refusal."""
    found: User | None = db.session.scalar(
        sa.select(User).where(User.email == email.strip().lower())
    )
    if found is None:
        raise Refusal({}, msg("没有邮箱为“%(email)s”的账号。", email=email))
    return found


def teams() -> list[Team]:
    """The scouting teams, in their order."""
    return list(db.session.scalars(sa.select(Team).order_by(Team.sort, Team.id)))


def parks() -> list[Park]:
    """The parks, in their order."""
    return list(db.session.scalars(sa.select(Park).order_by(Park.position, Park.id)))
