"""Moves of a lead: written once, never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, ref, str_enum
from models.enums import Stage, Status
from models.user import User


class StageChange(Model):
    """A move (阶段流转) with the facts that the gate saw. ``seq`` counts within the lead.

    What happened outlives a lead whose import was taken back: no foreign key ties the two.
    """

    __tablename__ = "stage_change"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "seq"),
        sa.Index(
            "ix_stage_change_late",
            "recorded_at",
            **only_where("occurred_at < recorded_at"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int]
    seq: Mapped[int]
    from_stage: Mapped[Stage | None] = mapped_column(str_enum(Stage, "from_stage"))
    to_stage: Mapped[Stage] = mapped_column(str_enum(Stage, "to_stage"))
    from_status: Mapped[Status | None] = mapped_column(str_enum(Status, "from_status"))
    to_status: Mapped[Status] = mapped_column(str_enum(Status, "to_status"))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    actor_id: Mapped[int | None] = ref("user_account.id")
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)

    actor: Mapped[User | None] = link()
