"""Who may propose and decide, and how far an amount may go. Pure: policy and facts are given."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm.access.actor import Actor
from crm.access.policy import Right, allowed
from crm.amounts import LARGEST_CNY, out_of_range
from crm.errors import Conflict, Refusal
from crm.messages import Message, msg
from crm.offers.incentives import Calculation, Result, Verdict
from crm.offers.parsing import PROPOSED
from crm.offers.said import exact
from crm.offers.terms import Fixed, Limit, Negotiated, Policy, RateUpTo, Recorded, Rule, Tiers
from models.enums import OfferState

MAX_NOTE = 2000
Errors = dict[str, list[Message]]


class Decision(enum.StrEnum):
    """What becomes of a proposal."""

    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes: amounts (whole CNY) by the code of their rule, or that nothing is
    asked. ``note`` says why; for the statement that nothing is asked it has to.
    """

    lines: Mapping[str, int] = field(default_factory=dict)
    no_incentive: bool = False
    note: str = ""


@dataclass(frozen=True)
class Line:
    """An amount that the policy lets pass, with what it gave and its cap at that moment."""

    rule_code: str
    amount_cny: int
    calculated_cny: int | None
    cap_cny: int | None


@dataclass(frozen=True)
class Version:
    """A version as the rules look at it: its state, who proposed it, and what became of it."""

    number: int
    state: OfferState
    proposer_id: int
    by: str = ""
    at: datetime | None = None


def field_of(code: str) -> str:
    """The name of a line's amount in forms, the API and refusals."""
    return f"lines.{code}"


def is_negotiated(rule: Rule) -> bool:
    """Whether people propose its amount, within its cap."""
    return isinstance(rule.amount, Negotiated | RateUpTo)


def offered(policy: Policy) -> tuple[Rule, ...]:
    """The rules that an offer can have a line of: those with an amount."""
    return tuple(rule for rule in policy.rules if not isinstance(rule.amount, Recorded))


def cap_of(result: Result) -> int | None:
    """The cap that a line of this rule is held to: the policy's, or its own largest amount.

    None: the policy sets no limit, as far as it can be told from what is known.
    """
    limits = [result.cap_cny, result.rule.cap_cny, _largest(result.rule)]
    return min((limit for limit in limits if limit is not None), default=None)


def most_of(result: Result) -> int | None:
    """The most that a line may hold now: what the rule gives where that is known, else its cap."""
    told = result.verdict is Verdict.APPLIES
    if told and (result.cut_cny or not is_negotiated(result.rule)):
        return result.amount_cny
    return cap_of(result)


def _largest(rule: Rule) -> int | None:
    match rule.amount:
        case Fixed() | Limit() as amount:
            return amount.cny
        case Tiers() as amount:
            return max(pays for _start, pays in amount.tiers)
        case Negotiated() as amount:
            return amount.pool_cny
        case _:
            return None


def check_proposal(proposal: Proposal, waiting: Version | None, standing: Version | None) -> bool:
    """Whether it waits for a decision; False: a statement that holds at once.

    Only an approved version is replaced, and only by another that is approved. Raises Refusal.
    """
    note = proposal.note.strip()
    errors: Errors = {}
    if waiting is not None:
        text = msg("第 %(n)s 版还在等批准。请先撤回，或等批准以后再提新的一版。", n=waiting.number)
        raise Refusal({"lines": [text]}, text, code="waiting")
    if proposal.no_incentive and proposal.lines:
        errors["lines"] = [msg("不申请扶持就不填金额；要填金额，请选“申请扶持”。")]
    if not proposal.no_incentive and not proposal.lines:
        errors["lines"] = [msg("至少填一条政策的金额，或记录“不申请扶持”。")]
    if proposal.no_incentive and not note:
        errors["note"] = [msg("请写下为什么不申请，例如企业书面放弃。")]
    if len(note) > MAX_NOTE:
        errors["note"] = [msg("说明最多 %(n)s 字，请写短一些。", n=MAX_NOTE)]
    if errors:
        raise Refusal(errors)
    approved = standing is not None and standing.state is OfferState.APPROVED
    return approved or not proposal.no_incentive


def check_lines(lines: Mapping[str, int], policy: Policy) -> None:
    """Raise Refusal for a rule that is none or gives no amount, and for what is no amount."""
    can = {rule.code for rule in offered(policy)}
    errors: Errors = {}
    for code, amount in lines.items():
        if code not in can:
            errors[field_of(code)] = [msg("政策里没有这一条，或它不给金额。")]
        elif wrong := out_of_range(amount, LARGEST_CNY):
            errors[field_of(code)] = [wrong]
    if errors:
        raise Refusal(errors)


def with_amounts(
    facts: Mapping[str, object], lines: Mapping[str, int], policy: Policy
) -> dict[str, object]:
    """The facts, and what is proposed of each rule whose amount people propose."""
    proposed = {
        f"{code}.{PROPOSED}": amount
        for code, amount in lines.items()
        if code in policy.by_code and is_negotiated(policy.by_code[code])
    }
    return {**facts, **proposed}


def hold(lines: Mapping[str, int], calculation: Calculation) -> tuple[Line, ...]:
    """The lines as the policy lets them pass; ``calculation`` is of these very amounts.

    Raises Refusal that names every line it does not let pass.
    """
    errors: Errors = {}
    held = []
    for code, amount in lines.items():
        result = calculation.of(code)
        if problem := _problem(result, amount):
            errors[field_of(code)] = [problem]
        else:
            held.append(Line(code, amount, result.amount_cny, cap_of(result)))
    if errors:
        raise Refusal(errors)
    return tuple(held)


def _problem(result: Result, amount: int) -> Message | None:
    if result.verdict is Verdict.DOES_NOT:
        why = result.working[-1] if result.working else msg("条件不满足")
        return msg("这一条不适用：%(why)s。", why=why)
    most = most_of(result)
    if most is None or amount <= most:
        return None
    if result.verdict is Verdict.APPLIES and not is_negotiated(result.rule):
        return msg("按现在的情况测算是 %(most)s，不能超过它。", most=exact(most))
    return msg("最多 %(most)s，请改到上限以内。", most=exact(most))


def may_propose(actor: Actor) -> bool:
    """Whether the actor's role proposes at all; whose offers they see is another question."""
    return allowed(actor, Right.PROPOSE_OFFERS)


def may_decide(version: Version, actor: Actor) -> bool:
    """Whether this person may decide it: the role does, and they did not propose it themselves."""
    waits = version.state is OfferState.PROPOSED
    return waits and allowed(actor, Right.DECIDE_OFFERS) and version.proposer_id != actor.id


def may_withdraw(version: Version, actor: Actor, *, signed: bool) -> bool:
    """What waits can be withdrawn, and a statement too while no signing rests on it.

    By who proposed it and who else works on the lead, so that nothing is stuck when a proposer is
    gone; not by who decides it, for a refusal says why.
    """
    if not may_propose(actor) or may_decide(version, actor):
        return False
    waits = version.state is OfferState.PROPOSED
    return waits or (version.state is OfferState.RECORDED and not signed)


def check_decision(version: Version, decision: Decision, reason: str) -> None:
    """Raise Conflict when it is decided already, and Refusal when a refusal says no reason."""
    if version.state is not OfferState.PROPOSED:
        raise conflict_of(version, decision)
    if decision is Decision.REFUSE and not reason.strip():
        raise Refusal({"reason": [msg("请写下为什么不同意，提出人会看到。")]})
    if len(reason.strip()) > MAX_NOTE:
        raise Refusal({"reason": [msg("原因最多 %(n)s 字，请写短一些。", n=MAX_NOTE)]})


def conflict_of(version: Version, decision: Decision | None = None) -> Conflict:
    """What is said to the slower one: who was faster, when, and what they did."""
    values = {"name": version.by, "at": version.at or ""}
    match version.state:
        case OfferState.APPROVED | OfferState.SUPERSEDED:
            text = msg("%(name)s %(at)s 已经批准了这一版。", **values)
        case OfferState.REFUSED:
            text = msg("%(name)s %(at)s 已经退回了这一版。", **values)
        case OfferState.WITHDRAWN:
            text = msg("%(name)s %(at)s 已经撤回了这一版。", **values)
        case _:
            text = msg("这一版不用批准。")
    return Conflict(text, {"state": (version.state, decision)})
