"""What is to be done about a lead, by whom, by when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, only_where, public_id, ref, str_enum
from models.enums import TaskKind, TaskState


class Task(Model):
    """A next step, task, promise or directive; at most one open next step a lead."""

    __tablename__ = "task"
    __table_args__ = (
        sa.Index(
            "uq_task_open_next_step",
            "lead_id",
            unique=True,
            **only_where("kind = 'next_step' AND state = 'open'"),
        ),
        # The last step of a lead is found without touching the rows.
        sa.Index("ix_task_lead_state", "lead_id", "state", "kind", "closed_at"),
        sa.Index("ix_task_assignee_due", "assignee_id", "state", "due_on"),
        sa.Index("ix_task_assignee_closed", "assignee_id", "closed_at"),
        # With its lead: a calendar counts a month of them from this alone.
        sa.Index("ix_task_kind_due", "kind", "state", "due_on", "lead_id", "id"),
    )
    audit_subject = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = ref("lead.id")
    kind: Mapped[TaskKind] = mapped_column(str_enum(TaskKind))
    state: Mapped[TaskState] = mapped_column(str_enum(TaskState), default=TaskState.OPEN)
    text: Mapped[str] = mapped_column(sa.String(400))
    due_on: Mapped[date | None]
    assignee_id: Mapped[int | None] = ref("user_account.id")
    created_by_id: Mapped[int | None] = ref("user_account.id")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
