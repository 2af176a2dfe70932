"""One change of many leads, and what it did to each, so that the whole can be undone."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.lead import Lead


class BulkKind(enum.StrEnum):
    """What is changed."""

    OWNER = "owner"
    PLACE = "place"
    STEP = "step"
    STEP_DAY = "step_day"
    HOLD = "hold"
    TASK = "task"
    """Each is given a task; nothing of the lead itself is changed."""


class BulkState(enum.StrEnum):
    """Where it stands; until it is applied, no lead has changed."""

    CHOSEN = "chosen"
    PREVIEW = "preview"
    APPLIED = "applied"
    UNDONE = "undone"


class LineState(enum.StrEnum):
    """What became, or would become, of one lead."""

    CHOSEN = "chosen"
    READY = "ready"
    REFUSED = "refused"
    APPLIED = "applied"
    UNDONE = "undone"
    KEPT = "kept"
    """Changed since: the undo left it as it is."""


class BulkEdit(Model):
    """A change that somebody prepares for many leads (批量修改)."""

    __tablename__ = "bulk_edit"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('applied', 'undone')) = (applied_at IS NOT NULL)", name="applied_has_moment"
        ),
        sa.CheckConstraint(
            "(state = 'undone') = (undone_at IS NOT NULL)", name="undone_has_moment"
        ),
    )
    audit_subject = "bulk_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    kind: Mapped[BulkKind] = mapped_column(str_enum(BulkKind))
    state: Mapped[BulkState] = mapped_column(str_enum(BulkState))
    change: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_by_id: Mapped[int] = ref("user_account.id", index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class BulkEditLine(Model):
    """One of the leads: ``version`` is what the person has seen, later what the change left."""

    __tablename__ = "bulk_edit_line"
    __table_args__ = (
        sa.UniqueConstraint("bulk_edit_id", "lead_id"),
        sa.CheckConstraint("(state IN ('refused', 'kept')) = (why IS NOT NULL)", name="says_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bulk_edit_id: Mapped[int] = ref("bulk_edit.id")
    lead_id: Mapped[int] = ref("lead.id", index=True)
    state: Mapped[LineState] = mapped_column(str_enum(LineState))
    version: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    why: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    lead: Mapped[Lead] = link()
