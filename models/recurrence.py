"""How a task comes back when it is done."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, ref, str_enum
from models.enums import Every


class Recurrence(Model):
    """A task (待办) that comes back: every so many weeks or months from a day.

    It is the ``number``-th of them; a day off is not counted from but put off. ``follows_id`` is
    the one whose doing made it: one makes one.
    """

    __tablename__ = "recurrence"
    __table_args__ = (
        sa.UniqueConstraint("follows_id"),
        sa.CheckConstraint("every BETWEEN 1 AND 52", name="how_often"),
        sa.CheckConstraint("number >= 0", name="number"),
    )
    audit_subject = "recurrence"

    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    every: Mapped[int]
    unit: Mapped[Every] = mapped_column(str_enum(Every))
    starts_on: Mapped[date]
    number: Mapped[int] = mapped_column(default=0)
    follows_id: Mapped[int | None] = ref("task.id")
