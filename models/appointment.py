"""What was arranged with a company: when, where, and who comes."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.company import Company
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.user import User
from models.visit import Visit


class Appointment(Model):
    """A visit that is planned (日程约定). The visit that came of it closes it, exactly once.

    ``sequence`` counts what its participants were told (RFC 5545): a calendar that hears of two
    states keeps the later one. The last three texts are the reception plan of who comes to us.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "client_key"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes"),
        sa.CheckConstraint("mode <> 'message'", name="meeting"),
        sa.CheckConstraint("visit_id IS NULL OR cancelled_at IS NULL", name="one_end"),
        sa.Index("ix_appointment_starts", "starts_at", "id"),
        sa.Index("ix_appointment_author_starts", "author_id", "starts_at"),
        sa.Index("ix_appointment_lead_starts", "lead_id", "starts_at"),
        sa.Index("ix_appointment_company", "company_id"),
    )
    audit_subject = "appointment"
    audit_omit = frozenset({"place", "host", "materials"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    author_id: Mapped[int] = ref("user_account.id")
    client_key: Mapped[str] = mapped_column(sa.String(64))
    company_id: Mapped[int] = ref("company.id")
    lead_id: Mapped[int | None] = ref("lead.id")
    mode: Mapped[VisitMode] = mapped_column(str_enum(VisitMode))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    host: Mapped[str] = mapped_column(sa.String(200), default="")
    materials: Mapped[str] = mapped_column(sa.String(400), default="")
    sequence: Mapped[int] = mapped_column(default=0)
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"), unique=True)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    author: Mapped[User] = link()
    company: Mapped[Company] = link()
    lead: Mapped[Lead | None] = link()
    visit: Mapped[Visit | None] = link()
    users: Mapped[list[User]] = link(secondary="appointment_user", viewonly=True)
    contacts: Mapped[list[Contact]] = link(secondary="appointment_contact", viewonly=True)

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def open(self) -> bool:
        """Whether it still stands: neither called off nor followed by its visit."""
        return self.cancelled_at is None and self.visit_id is None


class AppointmentUser(Model):
    """A person of ours who takes part, beside the one who arranged it."""

    __tablename__ = "appointment_user"

    appointment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True, index=True
    )


class AppointmentContact(Model):
    """A person of theirs who takes part; ``invited``: by a mail of ours."""

    __tablename__ = "appointment_contact"

    appointment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    invited: Mapped[bool] = mapped_column(default=False)
