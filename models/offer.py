"""What a lead may be offered under the policy."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, public_id, ref, str_enum
from models.enums import OfferState


class Offer(Model):
    """An offer (政策测算); nobody approves their own."""

    __tablename__ = "offer"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "version"),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> proposer_id", name="two_people"),
        sa.CheckConstraint(
            "(state IN ('approved', 'refused')) = (approver_id IS NOT NULL)", name="decided_by"
        ),
    )
    audit_subject = "offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = ref("lead.id")
    version: Mapped[int]
    rules_version: Mapped[str] = mapped_column(sa.String(64))
    no_incentive: Mapped[bool] = mapped_column(default=False)
    state: Mapped[OfferState] = mapped_column(str_enum(OfferState))
    proposer_id: Mapped[int] = ref("user_account.id")
    approver_id: Mapped[int | None] = ref("user_account.id")
    reason: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OfferLine(Model):
    """One incentive in an offer, by the code of its rule."""

    __tablename__ = "offer_line"
    __table_args__ = (
        sa.UniqueConstraint("offer_id", "rule_code"),
        sa.CheckConstraint("amount_cny >= 0", name="amount"),
    )
    audit_subject = "offer_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = ref("offer.id")
    rule_code: Mapped[str] = mapped_column(sa.String(64))
    amount_cny: Mapped[int] = mapped_column(sa.BigInteger)
