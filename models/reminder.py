"""What was found due, for whom, and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, ref, str_enum
from models.enums import CalledOff, ReminderState
from models.lead import Lead
from models.target import ListEntry
from models.user import User

UNREAD = "read_at IS NULL AND state <> 'cancelled'"
UNREAD_INSTEAD = "deputy_id IS NOT NULL AND deputy_read_at IS NULL AND state <> 'cancelled'"
INSTEAD = "deputy_id IS NOT NULL"


class Reminder(Model):
    """A reminder (跟进提醒). Its key names a cause, so that planning twice writes once.

    ``subject`` is what it is about, ``lead 5`` or ``entry 812``, as the key names it; the column
    beside it says so to the database. ``occurrence`` is e.g. ``touch 812 +14``; ``reason`` keeps
    the sentence as it was found. ``called_off`` says why one was not sent after all. ``read_at``:
    when its person opened it in the application. ``deputy_id``: who was told instead while its
    person was on leave, and ``deputy_read_at`` when they opened it.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("rule", "subject", "person_id", "occurrence"),
        sa.Index("ix_reminder_person_state", "person_id", "state", "id"),
        # What somebody has not looked at: few among all that was said to them.
        sa.Index(
            "ix_reminder_unread",
            "person_id",
            "id",
            **only_where(UNREAD),
        ),
        # The same for what somebody heard in place of a colleague, and all of that: few rows.
        sa.Index(
            "ix_reminder_unread_instead",
            "deputy_id",
            "id",
            **only_where(UNREAD_INSTEAD),
        ),
        sa.Index(
            "ix_reminder_instead",
            "deputy_id",
            "id",
            **only_where(INSTEAD),
        ),
        sa.CheckConstraint("(lead_id IS NULL) <> (entry_id IS NULL)", name="one_subject"),
        sa.CheckConstraint("deputy_id <> person_id", name="deputy"),
        sa.CheckConstraint(
            "deputy_id IS NOT NULL OR deputy_read_at IS NULL", name="read_by_deputy"
        ),
        sa.CheckConstraint("state = 'cancelled' OR called_off IS NULL", name="called_off"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(32))
    subject: Mapped[str] = mapped_column(sa.String(32))
    lead_id: Mapped[int | None] = ref("lead.id", index=True)
    entry_id: Mapped[int | None] = ref("list_entry.id", index=True, ondelete="CASCADE")
    person_id: Mapped[int] = ref("user_account.id")
    occurrence: Mapped[str] = mapped_column(sa.String(96))
    due_on: Mapped[date]
    reason: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[ReminderState] = mapped_column(
        str_enum(ReminderState), default=ReminderState.PLANNED
    )
    called_off: Mapped[CalledOff | None] = mapped_column(str_enum(CalledOff))
    message_id: Mapped[int | None] = ref("message.id", index=True)
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deputy_id: Mapped[int | None] = ref("user_account.id")
    deputy_read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    lead: Mapped[Lead | None] = link()
    entry: Mapped[ListEntry | None] = link()
    person: Mapped[User] = link(foreign_keys=[person_id])
