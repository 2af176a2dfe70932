"""The outbox: what waits, what went, and what the server said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.contact import Contact
from models.enums import MessageState, Way
from models.user import User


class Message(Model):
    """One mail. Its Message-ID is fixed when it is written; a person gets one of a kind a period.

    It goes to a person of ours (``recipient``) or of theirs (``contact``). ``calendar_body`` is an
    entry for their calendar (iCalendar), which goes with it. ``way`` is mail, or the messenger that
    a short message without HTML goes by; whoever reads some reminders here and some there gets one
    of each, and the period of what is no mail ends with its way.
    A sender claims it by setting ``lease_until`` and raising ``fence``; only the sender that holds
    the fence may record the outcome. ``uncertain``: a server may have taken it without saying so.
    ``thread_id``: the Message-ID, of no mail, under which all mails about one lead stand.
    ``merged_into``: the later mail that says what this one, which never went, should have said.
    """

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("kind", "recipient_id", "period"),
        sa.UniqueConstraint("kind", "contact_id", "period"),
        sa.Index("ix_message_state_due", "state", "due_at", "id"),
        # What an administrator looks at, the latest first.
        sa.Index("ix_message_state", "state", "id"),
        sa.CheckConstraint("way <> 'app'", name="leaves_the_house"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    message_id: Mapped[str] = mapped_column(sa.String(128), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(32))
    way: Mapped[Way] = mapped_column(str_enum(Way), default=Way.MAIL)
    recipient_id: Mapped[int | None] = ref("user_account.id", index=True)
    contact_id: Mapped[int | None] = ref("contact.id", ondelete="SET NULL")
    period: Mapped[str] = mapped_column(sa.String(32))
    to_address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(255))
    text_body: Mapped[str] = mapped_column(sa.Text)
    html_body: Mapped[str] = mapped_column(sa.Text)
    calendar_body: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[MessageState] = mapped_column(str_enum(MessageState), default=MessageState.QUEUED)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    uncertain: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = ref("message.id", index=True)
    thread_id: Mapped[str | None] = mapped_column(sa.String(128))

    recipient: Mapped[User | None] = link()
    contact: Mapped[Contact | None] = link()
    merged_into: Mapped[Message | None] = link(remote_side="Message.id")

    @property
    def addressee(self) -> str:
        """Whom it is for, by name."""
        person = self.recipient or self.contact
        return person.name if person else ""


class RefusedAddress(Model):
    """An address that a server knows no mailbox of: nothing more goes there until it is cleared.

    It is the address that is marked: whose account gets another is free of it.
    """

    __tablename__ = "refused_address"

    address: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    reply: Mapped[str] = mapped_column(sa.Text)
    refused_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DeliveryAttempt(Model):
    """One try at sending a message and what came of it, or what an administrator did with it."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "number"),
        sa.Index("ix_delivery_attempt_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = ref("message.id")
    number: Mapped[int]
    worker: Mapped[str] = mapped_column(sa.String(96))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(sa.String(16))
    reply: Mapped[str] = mapped_column(sa.Text, default="")


class JobRun(Model):
    """One run of a job for a period: by which worker, when, and what it did.

    The key decides which of many workers runs it; one that died leaves ``ended_at`` empty.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        sa.UniqueConstraint("name", "period"),
        sa.Index("ix_job_run_started_at", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32))
    period: Mapped[str] = mapped_column(sa.String(32))
    worker: Mapped[str] = mapped_column(sa.String(96))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    result: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    error: Mapped[str | None] = mapped_column(sa.Text)
