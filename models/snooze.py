"""What a person has set aside until a day."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref


class Snooze(Model):
    """A reminder's cause set aside (稍后) by whom it reminds; it comes back by itself.

    ``occurrence`` is the reminder's own. A row is never rewritten but for being taken back.
    """

    __tablename__ = "snooze"
    __table_args__ = (
        sa.Index("ix_snooze_person_until", "person_id", "until", "lead_id"),
        sa.CheckConstraint("until > made_on", name="later"),
    )
    audit_subject = "snooze"
    # Why somebody waits may hold personal words.
    audit_omit = frozenset({"reason"})

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = ref("lead.id", index=True)
    person_id: Mapped[int] = ref("user_account.id")
    rule: Mapped[str] = mapped_column(sa.String(32))
    occurrence: Mapped[str] = mapped_column(sa.String(96))
    until: Mapped[date]
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    made_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
