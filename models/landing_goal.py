"""How many projects are to land in a year."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, ref
from models.user import User


class LandingGoal(Model):
    """The city's goal of landings (落地目标) for a calendar year; none where there is no row.

    A goal that was cleared keeps its row, under which the trail knows all that became of it.
    """

    __tablename__ = "landing_goal"
    __table_args__ = (
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="year_known"),
        sa.CheckConstraint("landings BETWEEN 1 AND 9999", name="landings_known"),
    )
    audit_subject = "landing_goal"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    landings: Mapped[int | None]
    """None: it was cleared."""
    set_by_id: Mapped[int | None] = ref("user_account.id")
    """Who set or cleared it last; None: a command."""
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)

    set_by: Mapped[User | None] = link()
