"""What was found due, for whom, and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, ref, str_enum
from models.enums import ReminderState
from models.lead import Lead
from models.user import User


class Reminder(Model):
    """A reminder (跟进提醒). Its key names a cause, so that planning twice writes once.

    ``occurrence`` is e.g. ``touch 812 +14``; ``reason`` keeps the sentence as it was found.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("rule", "lead_id", "person_id", "occurrence"),
        sa.Index("ix_reminder_person_state", "person_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(32))
    lead_id: Mapped[int] = ref("lead.id", index=True)
    person_id: Mapped[int] = ref("user_account.id")
    occurrence: Mapped[str] = mapped_column(sa.String(96))
    due_on: Mapped[date]
    reason: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[ReminderState] = mapped_column(
        str_enum(ReminderState), default=ReminderState.PLANNED
    )
    message_id: Mapped[int | None] = ref("message.id", index=True)
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)

    lead: Mapped[Lead] = link()
    person: Mapped[User] = link()
