"""What was said to whom, and when: the evidence."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, public_id, ref, str_enum
from models.company import Company
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.user import User

BACK_DATED_AFTER = timedelta(days=7)


class Visit(Model):
    """A visit, call or message (走访/联系). ``client_key`` makes a double tap one visit."""

    __tablename__ = "visit"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "client_key"),
        sa.Index("ix_visit_company_occurred", "company_id", "occurred_at"),
        sa.Index("ix_visit_author_occurred", "author_id", "occurred_at"),
        sa.Index("ix_visit_occurred", "occurred_at", "id"),
    )
    audit_subject = "visit"
    # What was said may hold personal words; the trail keeps that it changed.
    audit_omit = frozenset({"summary", "need", "outcome", "rival_cities"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    author_id: Mapped[int] = ref("user_account.id")
    client_key: Mapped[str] = mapped_column(sa.String(64))
    company_id: Mapped[int] = ref("company.id")
    mode: Mapped[VisitMode] = mapped_column(str_enum(VisitMode))
    arranged: Mapped[bool] = mapped_column(default=True)
    reached: Mapped[bool]
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    need: Mapped[str | None] = mapped_column(sa.Text)
    outcome: Mapped[str | None] = mapped_column(sa.String(400))
    rival_cities: Mapped[str | None] = mapped_column(sa.String(200))
    """Other cities that court the company, as it said."""
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    amended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was last changed after the day in which its author may do so without a trace."""

    author: Mapped[User] = link()
    company: Mapped[Company] = link()
    contacts: Mapped[list[Contact]] = link(secondary="visit_contact", viewonly=True)
    companions: Mapped[list[User]] = link(secondary="visit_user", viewonly=True)
    leads: Mapped[list[Lead]] = link(secondary="visit_lead", viewonly=True)
    reception: Mapped[Reception | None] = link(viewonly=True)

    @property
    def back_dated(self) -> bool:
        """Whether it was written down (补记) more than a week after it happened."""
        return self.recorded_at - self.occurred_at > BACK_DATED_AFTER


class Reception(Model):
    """How who came to us was received (接待方案): by whom, where, with what."""

    __tablename__ = "reception"
    audit_subject = "reception"
    audit_omit = frozenset({"host", "place", "materials"})

    visit_id: Mapped[int] = mapped_column(
        sa.ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True
    )
    host: Mapped[str] = mapped_column(sa.String(200), default="")
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    materials: Mapped[str] = mapped_column(sa.String(400), default="")


class VisitTotal(Model):
    """How many visits (走访) somebody made on a day, kept by each visit's own transaction.

    Only what counts as a visit is in it: not calls, messages or who was not there
    (crm/visits/totals.py).
    """

    __tablename__ = "visit_total"
    # A team's of some days are found person by person.
    __table_args__ = (sa.Index("ix_visit_total_author", "author_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    mode: Mapped[VisitMode] = mapped_column(str_enum(VisitMode), primary_key=True)
    n: Mapped[int] = mapped_column(default=0)


class VisitLead(Model):
    """A visit is about these leads."""

    __tablename__ = "visit_lead"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("lead.id"), primary_key=True, index=True)


class VisitContact(Model):
    """A person of theirs who was met."""

    __tablename__ = "visit_contact"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contact.id"), primary_key=True, index=True
    )


class VisitUser(Model):
    """A person of ours who was there, beside the author."""

    __tablename__ = "visit_user"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True, index=True
    )
