"""When a person is away, and who stands in."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref
from models.user import User


class Leave(Model):
    """Days on which somebody is away (休假), both counted; their reminders go to the deputy.

    One that was taken back (``taken_back_at``) never counted; one that ended early has another
    ``to_on``.
    """

    __tablename__ = "leave"
    __table_args__ = (
        sa.CheckConstraint("to_on >= from_on", name="days"),
        sa.CheckConstraint("deputy_id <> person_id", name="deputy"),
        sa.Index("ix_leave_to_on", "to_on"),
    )
    audit_subject = "leave"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    person_id: Mapped[int] = ref("user_account.id", index=True)
    deputy_id: Mapped[int] = ref("user_account.id", index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[User] = link(foreign_keys=[person_id])
    deputy: Mapped[User] = link(foreign_keys=[deputy_id])
