"""Who led whom to us (以商引商)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref
from models.company import Company
from models.contact import Contact
from models.lead import Lead
from models.user import User

SOURCE_LENGTH = 120
NOTE_LENGTH = 1000


class Referral(Model):
    """A lead, or a company without one, was led to us: by a company, or by somebody outside.

    ``company_id`` is who came. One of ``referrer_id`` and ``source`` says through whom;
    ``contact_id`` is a person of the referrer.
    """

    __tablename__ = "referral"
    __table_args__ = (
        sa.Index(
            "uq_referral_company",
            "company_id",
            unique=True,
            **only_where("lead_id IS NULL"),
        ),
        sa.Index("ix_referral_company", "company_id", "referrer_id"),
        sa.Index("ix_referral_referrer", "referrer_id", "company_id"),
        sa.CheckConstraint("(referrer_id IS NULL) <> (source = '')", name="one_source"),
        sa.CheckConstraint("contact_id IS NULL OR referrer_id IS NOT NULL", name="contact_of"),
        sa.CheckConstraint("company_id <> referrer_id", name="not_itself"),
    )
    audit_subject = "referral"
    # What was said of somebody; the trail keeps that it changed.
    audit_omit = frozenset({"note", "source"})

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lead.id"), unique=True)
    company_id: Mapped[int] = ref("company.id")
    referrer_id: Mapped[int | None] = ref("company.id")
    contact_id: Mapped[int | None] = ref("contact.id", index=True)
    source: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH), default="")
    happened_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[int] = ref("user_account.id")

    lead: Mapped[Lead | None] = link()
    company: Mapped[Company] = link(foreign_keys=[company_id])
    referrer: Mapped[Company | None] = link(foreign_keys=[referrer_id])
    contact: Mapped[Contact | None] = link()
    recorded_by: Mapped[User] = link()
