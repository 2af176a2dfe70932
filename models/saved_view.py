"""Lists that people come back to, and show each other."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.team import Team
from models.user import User


class Visibility(enum.StrEnum):
    """Who finds a view among their tabs."""

    PRIVATE = "private"
    TEAM = "team"
    EVERYONE = "everyone"


class SavedView(Model):
    """A list of leads by name: its conditions, its order, its columns.

    It holds no records: whoever opens it sees what they may see. A removed one can come back.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.CheckConstraint("(visibility = 'team') = (team_id IS NOT NULL)", name="team_has_team"),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.Index("ix_saved_view_visibility", "visibility", "team_id"),
    )
    audit_subject = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    owner_id: Mapped[int] = ref("user_account.id", index=True)
    name: Mapped[str] = mapped_column(sa.String(32))
    visibility: Mapped[Visibility] = mapped_column(str_enum(Visibility))
    team_id: Mapped[int | None] = ref("team.id")
    filter: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """The conditions as arguments of an address."""
    sort: Mapped[str] = mapped_column(sa.String(32))
    columns: Mapped[list[str]] = mapped_column(sa.JSON)
    """The codes of the columns in their order; empty: those that everybody begins with."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    owner: Mapped[User] = link()
    team: Mapped[Team | None] = link()
