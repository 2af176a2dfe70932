"""Promotion events: who was invited, who came, and the leads that came of it."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref, str_enum
from models.channel import Channel
from models.company import Company
from models.contact import Contact
from models.lead import Lead
from models.team import Team
from models.user import User
from models.visit import Visit

NAME_LENGTH = 120
CITY_LENGTH = 60
VENUE_LENGTH = 120
PURPOSE_LENGTH = 2000


class Reply(enum.StrEnum):
    """What somebody who was invited answered."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Attendance(enum.StrEnum):
    """Whether somebody came; nothing while nobody has said."""

    ATTENDED = "attended"
    ABSENT = "absent"


class Event(Model):
    """A promotion event (推介活动), of one of the channels; its status follows from its days."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.Index("ix_event_starts", "starts_on", "id"),
    )
    audit_subject = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    channel_id: Mapped[int] = ref("channel.id")
    city: Mapped[str] = mapped_column(sa.String(CITY_LENGTH), default="")
    venue: Mapped[str] = mapped_column(sa.String(VENUE_LENGTH), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(sa.Text, default="")
    team_id: Mapped[int | None] = ref("team.id", index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int] = ref("user_account.id")

    channel: Mapped[Channel] = link()
    team: Mapped[Team | None] = link()
    created_by: Mapped[User] = link(foreign_keys=[created_by_id])
    people: Mapped[list[User]] = link(
        secondary="event_user", viewonly=True, order_by="User.id", overlaps="created_by"
    )


class EventUser(Model):
    """A person of ours who is there."""

    __tablename__ = "event_user"
    audit_subject = "event_user"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True, index=True
    )


class Invitation(Model):
    """A company, and a person of it where known, invited to an event or come by itself.

    ``walk_in``: nobody had invited them. ``visit_id`` is the touch that their presence was logged
    as: once, whoever logs it.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "company_id", "contact_id"),
        # A person is named once, and so is a company of which nobody is known yet.
        sa.Index(
            "uq_invitation_nobody",
            "event_id",
            "company_id",
            unique=True,
            **only_where("contact_id IS NULL"),
        ),
        sa.CheckConstraint("walk_in = (invited_by_id IS NULL)", name="invited_by_somebody"),
    )
    audit_subject = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    event_id: Mapped[int] = ref("event.id")
    company_id: Mapped[int] = ref("company.id", index=True)
    contact_id: Mapped[int | None] = ref("contact.id", index=True)
    invited_by_id: Mapped[int | None] = ref("user_account.id")
    walk_in: Mapped[bool] = mapped_column(default=False)
    reply: Mapped[Reply] = mapped_column(str_enum(Reply), default=Reply.NONE)
    attendance: Mapped[Attendance | None] = mapped_column(str_enum(Attendance))
    marked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When somebody said whether they came."""
    visit_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("visit.id", ondelete="SET NULL"), unique=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    event: Mapped[Event] = link()
    company: Mapped[Company] = link()
    contact: Mapped[Contact | None] = link()
    invited_by: Mapped[User | None] = link()
    visit: Mapped[Visit | None] = link()


class EventLead(Model):
    """A lead came of this event."""

    __tablename__ = "event_lead"
    audit_subject = "event_lead"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), primary_key=True, index=True)
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    linked_by_id: Mapped[int] = ref("user_account.id")

    event: Mapped[Event] = link()
    lead: Mapped[Lead] = link()
