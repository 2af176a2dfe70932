"""Propose, decide and withdraw offers, one lead at a time under its lock. Services flush."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from crm.access import Actor, Right, require, visible_offers
from crm.errors import Forbidden, Refusal
from crm.held import held
from crm.messages import msg
from crm.offers import rules
from crm.offers.facts import facts_of_lead, pools_of
from crm.offers.incentives import calculate
from crm.offers.policy import policy
from crm.offers.rules import Decision, Proposal, Version
from models import db
from models.enums import SIGNED, OfferState, Status
from models.lead import Lead
from models.offer import Fund, Offer, OfferLine

STANDING = (OfferState.APPROVED, OfferState.RECORDED)


def propose(public_id: str, proposal: Proposal, actor: Actor, now: datetime) -> Offer:
    """A new version for a lead: lines that wait for a decision, or the statement of asking nothing.

    Raises Forbidden (the role proposes none), NotFound (a lead whose offers the actor does not
    see), and Refusal with each wrong field: ``lines``, ``lines.CODE``, ``note``; code ``waiting``
    while another version waits.
    """
    require(actor, Right.PROPOSE_OFFERS)
    lead = _locked_lead(actor, Lead.public_id == public_id)
    if lead.status is Status.LOST:
        raise Refusal({"lines": [msg("流失的线索先恢复跟进，再提政策测算。")]})
    versions = _versions(lead)
    waiting = _one(versions, OfferState.PROPOSED)
    standing = _one(versions, *STANDING)
    waits = rules.check_proposal(
        proposal,
        version_of(waiting) if waiting else None,
        version_of(standing) if standing else None,
    )
    rules.check_lines(proposal.lines, policy())
    facts = facts_of_lead(lead, policy())
    offer = Offer(
        lead_id=lead.id,
        version=max((one.version for one in versions), default=0) + 1,
        rules_version=policy().rules_version,
        no_incentive=proposal.no_incentive,
        state=OfferState.PROPOSED if waits else OfferState.RECORDED,
        note=proposal.note.strip() or None,
        facts=facts,
        proposer_id=actor.id,
        created_at=now,
        lines=_lines(proposal.lines, facts),
    )
    if not waits and standing is not None:
        _supersede(standing)
    _answer(versions, now)
    db.session.add(offer)
    db.session.flush()
    return offer


def decide(
    public_id: str,
    decision: Decision,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    seen: OfferState | None = OfferState.PROPOSED,
) -> Offer:
    """Approve or refuse what somebody else proposed; an approval takes the place of what stood.

    ``seen`` is the state that the person had read. Raises Forbidden (the role decides none, or it
    is their own), NotFound, Conflict (decided or withdrawn meanwhile: who and when) and Refusal (a
    refusal without a reason, lines that the policy no longer lets pass).
    """
    require(actor, Right.DECIDE_OFFERS)
    offer, versions = _locked_offer(public_id, actor)
    version = version_of(offer)
    if seen not in {None, offer.state}:
        raise rules.conflict_of(version, decision)
    rules.check_decision(version, decision, reason)
    if offer.proposer_id == actor.id:
        raise Forbidden(msg("自己提出的测算，要由另一位局领导批准。"))
    if decision is Decision.APPROVE:
        _hold_funds({line.rule_code for line in offer.lines} & pools_of(policy()).keys())
        _still_holds(offer)
        standing = _one(versions, *STANDING)
        if standing is not None:
            _supersede(standing)
    approves = decision is Decision.APPROVE
    offer.state = OfferState.APPROVED if approves else OfferState.REFUSED
    offer.approver_id, offer.decided_at = actor.id, now
    offer.reason = reason.strip() or None
    db.session.flush()
    return offer


def withdraw(public_id: str, actor: Actor, now: datetime) -> Offer:
    """Take back what waits, or a statement on which no signing rests.

    Raises Forbidden (also to who decides it), NotFound, Conflict (decided meanwhile) and Refusal (a
    signing rests on it).
    """
    require(actor, Right.PROPOSE_OFFERS)
    offer, _others = _locked_offer(public_id, actor)
    version = version_of(offer)
    signed = is_signed(offer.lead)
    if version.state is OfferState.RECORDED and signed:
        raise Refusal(
            {}, msg("线索已签约，这条声明是它的依据，不能撤回。要申请扶持，请提政策测算。")
        )
    if rules.may_decide(version, actor):
        raise Forbidden(msg("等您批准的测算由提出的一方撤回。请批准，或写明原因退回。"))
    if not rules.may_withdraw(version, actor, signed=signed):
        raise rules.conflict_of(version)
    offer.state = OfferState.WITHDRAWN
    offer.withdrawn_by_id, offer.withdrawn_at = actor.id, now
    db.session.flush()
    return offer


def is_signed(lead: Lead) -> bool:
    """Whether the lead has passed the gate that an offer opens."""
    return lead.stage in SIGNED


def version_of(offer: Offer) -> Version:
    """An offer as the rules look at it; who decided or withdrew it is loaded."""
    ended = offer.approver or offer.withdrawn_by
    return Version(
        number=offer.version,
        state=offer.state,
        proposer_id=offer.proposer_id,
        by=ended.name if ended else "",
        at=offer.decided_at or offer.withdrawn_at,
    )


def _lines(lines: Mapping[str, int], facts: Mapping[str, Any]) -> list[OfferLine]:
    """The lines that the policy lets pass from these facts; Refusal names the others."""
    if not lines:
        return []
    known = rules.with_amounts(facts, lines, policy())
    held = rules.hold(lines, calculate(known, policy(), rules=lines))
    return [OfferLine(**asdict(line)) for line in held]


def _still_holds(offer: Offer) -> None:
    """What was proposed has to pass with what is known now: others may have used up a fund."""
    lines = {line.rule_code: line.amount_cny for line in offer.lines}
    rules.check_lines(lines, policy())
    _lines(lines, facts_of_lead(offer.lead, policy()))


def _hold_funds(codes: Iterable[str]) -> None:
    """One approval at a time gives from a fund: two that both see it full would both empty it.

    Held until the end of the transaction; who waited for it sees what was given meanwhile.
    """
    for code in sorted(codes):
        held = sa.select(Fund).where(Fund.code == code).with_for_update()
        if db.session.scalar(held) is None:
            with suppress(IntegrityError), db.session.begin_nested():
                db.session.add(Fund(code=code))
            db.session.execute(held)


def _supersede(standing: Offer) -> None:
    """The one that stood gives way first: the database admits one that stands."""
    standing.state = OfferState.SUPERSEDED
    db.session.flush()


def _locked_lead(actor: Actor, which: sa.ColumnElement[bool]) -> Lead:
    """The lead, its row held, for who sees its offers."""
    return held(Lead, which, visible_offers(actor))


def _locked_offer(public_id: str, actor: Actor) -> tuple[Offer, Sequence[Offer]]:
    """An offer as it stands once its lead is held, and all versions beside it.

    Whoever was faster has committed by then.
    """
    of = sa.select(Offer.lead_id).where(Offer.public_id == public_id).scalar_subquery()
    lead = _locked_lead(actor, Lead.id == of)
    versions = _versions(lead)
    return next(one for one in versions if one.public_id == public_id), versions


def _versions(lead: Lead) -> Sequence[Offer]:
    """All versions of a locked lead, with their lines and people."""
    return db.session.scalars(
        sa.select(Offer)
        .where(Offer.lead_id == lead.id)
        .order_by(Offer.version)
        .options(
            joinedload(Offer.lead),
            joinedload(Offer.approver),
            joinedload(Offer.withdrawn_by),
            selectinload(Offer.lines),
        )
        .execution_options(populate_existing=True)
    ).all()


def _answer(versions: Sequence[Offer], now: datetime) -> None:
    """The version that comes now is the answer to what of these was decided."""
    for one in versions:
        if one.decided_at is not None and one.answered_at is None:
            one.answered_at = now


def _one(versions: Sequence[Offer], *states: OfferState) -> Offer | None:
    return next((one for one in versions if one.state in states), None)
