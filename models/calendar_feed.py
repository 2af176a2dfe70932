"""Private addresses under which a person's calendar can be subscribed to."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, only_where, ref


class CalendarFeed(Model):
    """An address (日历订阅) of a person, at most one that opens. Only its secret's hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        sa.Index(
            "uq_calendar_feed_open",
            "user_id",
            unique=True,
            **only_where("revoked_at IS NULL"),
        ),
    )
    audit_subject = "calendar_feed"
    # The trail says that an address was made or ended; what could open anything stays out of it.
    audit_omit = frozenset({"secret_hash"})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = ref("user_account.id")
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
