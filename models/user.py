"""People who sign in, and where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_security.core import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, query_expression

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.enums import Role
from models.place import District, Park
from models.team import Team


@dataclass(frozen=True)
class RoleName:
    """What Flask-Security reads of a role; ours are codes, not rows."""

    name: str

    def get_permissions(self) -> set[str]:
        """Permissions are decided in crm.access, never by a role's name alone."""
        return set()


class User(Model, UserMixin):
    """An account with one role; memberships say for which team, park or district, and when."""

    __tablename__ = "user_account"
    audit_subject = "user"
    audit_omit = frozenset({"password", "fs_uniquifier"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    role: Mapped[Role] = mapped_column(str_enum(Role))
    password: Mapped[str] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    locale: Mapped[str | None] = mapped_column(sa.String(16))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    memberships: Mapped[list[Membership]] = link(back_populates="user")
    unread: Mapped[int | None] = query_expression()
    """How many reminders wait to be looked at, where the query that found them asks."""

    @property
    def roles(self) -> list[RoleName]:
        """The one role, in the shape Flask-Security asks for."""
        return [RoleName(self.role.value)]


class Membership(Model):
    """A person belongs to exactly one team, park or district for a time."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN park_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN district_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="exactly_one",
        ),
    )
    audit_subject = "membership"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = ref("user_account.id", index=True)
    team_id: Mapped[int | None] = ref("team.id", index=True)
    park_id: Mapped[int | None] = ref("park.id", index=True)
    district_id: Mapped[int | None] = ref("district.id", index=True)
    role: Mapped[str] = mapped_column(sa.String(32), default="member")
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    user: Mapped[User] = link(back_populates="memberships")
    team: Mapped[Team | None] = link()
    park: Mapped[Park | None] = link()
    district: Mapped[District | None] = link()
