"""What became of a manager's directive: what was answered, and to which day it was put off."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref


class DirectiveAnswer(Model):
    """The one answer to a directive (批示), a task of that kind: never rewritten."""

    __tablename__ = "directive_answer"
    audit_subject = "directive_answer"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(400))
    answered_by_id: Mapped[int] = ref("user_account.id")
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DirectiveDay(Model):
    """Another day for a directive, and why; the day it was due before stays in sight. Never
    rewritten: the directive itself has the last of them.
    """

    __tablename__ = "directive_day"
    __table_args__ = (
        sa.CheckConstraint("due_on <> was_on", name="another_day"),
        sa.Index("ix_directive_day_task", "task_id", "id"),
    )
    audit_subject = "directive_day"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = ref("task.id")
    was_on: Mapped[date]
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(400))
    set_by_id: Mapped[int] = ref("user_account.id")
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
