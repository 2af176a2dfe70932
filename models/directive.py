"""What was answered to a manager's directive."""

from __future__ import annotations

from datetime import datetime

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
