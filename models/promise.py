"""What was promised: who owes it, from which visit, and to which days it was put off."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, ref, str_enum
from models.contact import Contact
from models.enums import Side
from models.visit import Visit


class Promise(Model):
    """A promise (承诺事项), a task of that kind: what, by when and whether kept stand there.

    Of ours the task's assignee owes it. Of theirs the company does, perhaps one person of it, and
    the assignee is who of ours asks after it.
    """

    __tablename__ = "promise"
    __table_args__ = (
        sa.CheckConstraint("side = 'theirs' OR contact_id IS NULL", name="contact_of_theirs"),
    )
    audit_subject = "promise"
    # Why somebody can not keep their word may hold personal words.
    audit_omit = frozenset({"reason"})

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(str_enum(Side))
    contact_id: Mapped[int | None] = ref("contact.id", index=True)
    visit_id: Mapped[int | None] = ref("visit.id", index=True, ondelete="SET NULL")
    reason: Mapped[str | None] = mapped_column(sa.String(400))
    """Why it was withdrawn."""

    contact: Mapped[Contact | None] = link()
    visit: Mapped[Visit | None] = link()


class PromiseDay(Model):
    """Another day for a promise, and why; the day it was due before stays in sight. Never
    rewritten: the promise itself has the last of them.
    """

    __tablename__ = "promise_day"
    __table_args__ = (
        sa.CheckConstraint("due_on <> was_on", name="another_day"),
        sa.Index("ix_promise_day_task", "task_id", "id"),
    )
    audit_subject = "promise_day"
    audit_omit = frozenset({"reason"})

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = ref("task.id")
    was_on: Mapped[date]
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(400))
    set_by_id: Mapped[int] = ref("user_account.id")
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
