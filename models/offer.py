"""What a lead may be offered under the policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, link, only_where, public_id, ref, str_enum
from models.enums import OfferState
from models.lead import Lead
from models.user import User


class Offer(Model):
    """A version of what a lead is offered (政策测算), or the statement that nothing is asked.

    Nobody approves their own. ``note`` is the proposer's: why so, or why nothing is asked;
    ``reason`` is the decider's. ``rules_version`` names the policy's rules as they were then, and
    ``facts`` what was known of the lead: with both, the working can be shown again. A decision is
    told to the proposer until it is answered: by a newer version, by their word, or an approval by
    the signing.
    """

    __tablename__ = "offer"
    __table_args__ = (
        sa.UniqueConstraint("lead_id", "version"),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> proposer_id", name="two_people"),
        sa.CheckConstraint(
            "(state NOT IN ('approved', 'refused') OR approver_id IS NOT NULL)"
            " AND (state NOT IN ('proposed', 'recorded', 'withdrawn') OR approver_id IS NULL)"
            " AND (approver_id IS NULL) = (decided_at IS NULL)",
            name="decided_by",
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)"
            " AND (withdrawn_by_id IS NULL) = (withdrawn_at IS NULL)",
            name="withdrawn_by",
        ),
        sa.CheckConstraint("state <> 'refused' OR reason IS NOT NULL", name="refused_why"),
        sa.CheckConstraint(
            "answered_at IS NULL OR decided_at IS NOT NULL",
            name="answered_decision",
        ),
        sa.CheckConstraint("state <> 'recorded' OR no_incentive", name="recorded_statement"),
        sa.CheckConstraint("NOT no_incentive OR note IS NOT NULL", name="statement_why"),
        # One version waits at most, and one stands at most: the last word on two at once.
        sa.Index(
            "uq_offer_proposed_lead",
            "lead_id",
            unique=True,
            **only_where("state = 'proposed'"),
        ),
        sa.Index(
            "uq_offer_standing_lead",
            "lead_id",
            unique=True,
            **only_where("state IN ('approved', 'recorded')"),
        ),
        # Few among all: decisions that nobody has answered.
        sa.Index(
            "ix_offer_unanswered",
            "lead_id",
            **only_where("decided_at IS NOT NULL AND answered_at IS NULL"),
        ),
        # What waits for a decision, the oldest first.
        sa.Index("ix_offer_state_created", "state", "created_at"),
    )
    audit_subject = "offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = public_id()
    lead_id: Mapped[int] = ref("lead.id")
    version: Mapped[int]
    rules_version: Mapped[str] = mapped_column(sa.String(64))
    no_incentive: Mapped[bool] = mapped_column(default=False)
    state: Mapped[OfferState] = mapped_column(str_enum(OfferState))
    note: Mapped[str | None] = mapped_column(sa.Text)
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    proposer_id: Mapped[int] = ref("user_account.id")
    approver_id: Mapped[int | None] = ref("user_account.id")
    reason: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = ref("user_account.id")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    lead: Mapped[Lead] = link()
    proposer: Mapped[User] = link(foreign_keys=[proposer_id])
    approver: Mapped[User | None] = link(foreign_keys=[approver_id])
    withdrawn_by: Mapped[User | None] = link(foreign_keys=[withdrawn_by_id])
    lines: Mapped[list[OfferLine]] = link(order_by="OfferLine.id")


class OfferLine(Model):
    """One incentive in an offer, by the code of its rule, held to the cap of that moment.

    ``calculated_cny`` is what the policy gave from the facts known then; null where it could not
    say. No cap: ``cap_cny`` is null.
    """

    __tablename__ = "offer_line"
    __table_args__ = (
        sa.UniqueConstraint("offer_id", "rule_code"),
        sa.CheckConstraint("amount_cny >= 0", name="amount"),
        sa.CheckConstraint("cap_cny IS NULL OR amount_cny <= cap_cny", name="within_cap"),
    )
    audit_subject = "offer_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = ref("offer.id")
    rule_code: Mapped[str] = mapped_column(sa.String(64))
    amount_cny: Mapped[int] = mapped_column(sa.BigInteger)
    calculated_cny: Mapped[int | None] = mapped_column(sa.BigInteger)
    cap_cny: Mapped[int | None] = mapped_column(sa.BigInteger)


class Fund(Model):
    """A fund of the policy, by the code of the rule that gives from it.

    What is left of it follows from the offers; its row is what they come one after the other by.
    """

    __tablename__ = "fund"

    code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
