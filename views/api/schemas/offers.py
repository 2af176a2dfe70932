"""Offers and their lines."""

from __future__ import annotations

from marshmallow import fields

from crm.offers.rules import MAX_NOTE, Decision
from models.enums import OfferState
from views.api import fields as f

_RULE = "Code of a rule of the policy"
_EXAMPLE_RULE = "training"


class OfferLineSchema(f.Record):
    """One incentive, held to the cap of the moment in which it was proposed."""

    rule = f.Code(_RULE, _EXAMPLE_RULE, attribute="rule_code", required=True)
    amount_cny = f.money("Amount", 600_000, required=True)
    calculated_cny = f.Whole(
        "What the policy gave from the facts known then; null where it could not say",
        600_000,
        most=10**12,
        allow_none=True,
    )
    cap_cny = f.Whole("Its cap then; null: none", 1_000_000, most=10**12, allow_none=True)


class OfferSchema(f.Record):
    """A version of what a lead is offered, or the statement that nothing is asked."""

    id = f.Key("Id", attribute="public_id", required=True)
    lead = f.Key("Id of the lead", attribute="lead.public_id", required=True)
    number = f.Whole(
        "Number of the version within the lead",
        1,
        most=f.LARGEST_WHOLE,
        attribute="version",
        required=True,
    )
    state = f.Choice(OfferState, "Where it stands", "proposed", required=True)
    no_incentive = f.Flag("The statement that nothing is asked", example=False, required=True)
    rules_version = f.Text(
        required=True, metadata=f.about("The policy's rules as they were then", "2026-draft")
    )
    lines = fields.List(
        fields.Nested(OfferLineSchema), required=True, metadata={"description": "Incentives"}
    )
    note = f.Text(allow_none=True, metadata=f.about("The proposer's reason", f.EXAMPLES["need"]))
    proposer = f.Key("Id of who proposed it", attribute="proposer.public_id", required=True)
    approver = f.Key(
        "Id of who decided it",
        attribute="approver.public_id",
        dump_default=None,
        allow_none=True,
    )
    reason = f.Text(allow_none=True, metadata=f.about("The decider's reason"))
    created_at = f.Moment("Proposed", required=True)
    decided_at = f.Moment("Decided", allow_none=True)
    withdrawn_at = f.Moment("Withdrawn", allow_none=True)


class OfferQuery(f.Paging):
    """Filters by field."""

    lead = f.Key("Of this lead")
    state = f.Choice(OfferState, "In this state", "proposed")


class NewOfferLineSchema(f.Body):
    """An amount for a rule of the policy."""

    rule = f.Code(_RULE, _EXAMPLE_RULE, required=True)
    amount_cny = f.money("Amount, at most the rule's cap", 600_000, required=True)


class NewOfferSchema(f.Body):
    """A proposal: lines, or `no_incentive` with a note that says why."""

    lead = f.Key("Id of the lead", required=True)
    lines = f.Several(
        f.Part(NewOfferLineSchema),
        "Incentives, each rule once",
        [{"rule": _EXAMPLE_RULE, "amount_cny": 600_000}],
        validate=f.Length(50),
    )
    no_incentive = f.Flag("State that nothing is asked", example=False)
    note = f.Text(validate=f.Length(MAX_NOTE), metadata=f.about("Why", f.EXAMPLES["need"]))


class NewDecisionSchema(f.Body):
    """Approve, or refuse with a reason."""

    decision = f.Choice(Decision, "What becomes of it", "approve", required=True)
    reason = f.Text(
        validate=f.Length(MAX_NOTE), metadata=f.about("Why; needed to refuse", f.EXAMPLES["need"])
    )
