"""Files that left the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref


class Export(Model):
    """A list that somebody took along (导出): which, by what filter, how many rows."""

    __tablename__ = "export"
    __table_args__ = (
        sa.CheckConstraint("rows >= 0", name="rows"),
        sa.Index("ix_export_user_at", "user_id", "at"),
    )
    audit_subject = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = ref("user_account.id")
    what: Mapped[str] = mapped_column(sa.String(32))
    format: Mapped[str] = mapped_column(sa.String(8))
    filter: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    rows: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
