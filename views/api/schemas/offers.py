"""Offers and their lines."""

from __future__ import annotations

from marshmallow import fields

from crm.offers.rules import MAX_NOTE, Decision
from models.enums import OfferState
from views.api.fields import (
    EXAMPLES,
    LARGEST_WHOLE,
    Body,
    Choice,
    Code,
    Flag,
    Key,
    Length,
    Moment,
    Paging,
    Part,
    Record,
    Several,
    Text,
    Whole,
    about,
    money,
)

_RULE = "Code of a rule of the policy"
_EXAMPLE_RULE = "training"


class OfferLineSchema(Record):
    """One incentive, held to the cap of the moment in which it was proposed."""

    rule = Code(_RULE, _EXAMPLE_RULE, attribute="rule_code", required=True)
    amount_cny = money("Amount", 600_000, required=True)
    calculated_cny = Whole(
        "What the policy gave from the facts known then; null where it could not say",
        600_000,
        most=10**12,
        allow_none=True,
    )
    cap_cny = Whole("Its cap then; null: none", 1_000_000, most=10**12, allow_none=True)


class OfferSchema(Record):
    """A version of what a lead is offered, or the statement that nothing is asked."""

    id = Key("Id", attribute="public_id", required=True)
    lead = Key("Id of the lead", attribute="lead.public_id", required=True)
    number = Whole(
        "Number of the version within the lead",
        1,
        most=LARGEST_WHOLE,
        attribute="version",
        required=True,
    )
    state = Choice(OfferState, "Where it stands", "proposed", required=True)
    no_incentive = Flag("The statement that nothing is asked", example=False, required=True)
    rules_version = Text(
        required=True, metadata=about("The policy's rules as they were then", "2026-draft")
    )
    lines = fields.List(
        fields.Nested(OfferLineSchema), required=True, metadata={"description": "Incentives"}
    )
    note = Text(allow_none=True, metadata=about("The proposer's reason", EXAMPLES["need"]))
    proposer = Key("Id of who proposed it", attribute="proposer.public_id", required=True)
    approver = Key(
        "Id of who decided it",
        attribute="approver.public_id",
        dump_default=None,
        allow_none=True,
    )
    reason = Text(allow_none=True, metadata=about("The decider's reason"))
    created_at = Moment("Proposed", required=True)
    decided_at = Moment("Decided", allow_none=True)
    withdrawn_at = Moment("Withdrawn", allow_none=True)


class OfferQuery(Paging):
    """Filters by field."""

    lead = Key("Of this lead")
    state = Choice(OfferState, "In this state", "proposed")


class NewOfferLineSchema(Body):
    """An amount for a rule of the policy."""

    rule = Code(_RULE, _EXAMPLE_RULE, required=True)
    amount_cny = money("Amount, at most the rule's cap", 600_000, required=True)


class NewOfferSchema(Body):
    """A proposal: lines, or `no_incentive` with a note that says why."""

    lead = Key("Id of the lead", required=True)
    lines = Several(
        Part(NewOfferLineSchema),
        "Incentives, each rule once",
        [{"rule": _EXAMPLE_RULE, "amount_cny": 600_000}],
        validate=Length(50),
    )
    no_incentive = Flag("State that nothing is asked", example=False)
    note = Text(validate=Length(MAX_NOTE), metadata=about("Why", EXAMPLES["need"]))


class NewDecisionSchema(Body):
    """Approve, or refuse with a reason."""

    decision = Choice(Decision, "What becomes of it", "approve", required=True)
    reason = Text(
        validate=Length(MAX_NOTE), metadata=about("Why; needed to refuse", EXAMPLES["need"])
    )
