"""Moves of a lead: one gate, one way, for every door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm import clock
from crm.access import Actor, Right, require, visible_leads, writable_leads
from crm.errors import Forbidden
from crm.held import held
from crm.leads import claims, trail
from crm.leads.clock import StageClock
from crm.leads.facts import facts_of
from crm.leads.gates import LeadFacts
from crm.leads.rules import LeadState, Move, MoveRequest, conflict_of, decide_move, is_stale
from models import db
from models.enums import SIGNED, OfferState, Stage, Status
from models.lead import EntityPhase, Lead, LeadEntity
from models.offer import Offer
from models.stage_change import StageChange


def move_lead(public_id: str, request: MoveRequest, actor: Actor, now: datetime) -> StageChange:
    """Move a lead to another stage or status and write the stage change.

    Raises NotFound (not visible), Forbidden (not theirs to move), Conflict (moved meanwhile) and
    Refusal (code ``gate_unmet`` with each missing gate field).
    """
    lead = locked_lead(public_id, actor)
    refuse_stale(lead, request)
    facts = facts_of(lead)
    move = decide_move(state_of(lead), request, facts, clock.local_date(now))
    if move.from_status is Status.LOST and move.to_status is not Status.LOST:
        claims.refuse_held(lead.company_id, lead.project, but=lead.id)
        with claims.index_decides(lead.company_id, lead.project, but=lead.id):
            apply_move(lead, move, now)
    else:
        apply_move(lead, move, now)
    change = record_change(lead, move, facts, actor.id, now)
    db.session.flush()
    return change


def refuse_stale(lead: Lead, request: MoveRequest) -> None:
    """Raise Conflict, which says who was faster and with what, when an older version was read."""
    state = state_of(lead)
    if is_stale(state, request):
        raise conflict_of(state, request, *trail.newest(lead))


def locked_lead(
    public_id: str,
    actor: Actor,
    writable: Callable[[Actor], sa.ColumnElement[bool]] = writable_leads,
) -> Lead:
    """The lead, its row held until the end of the transaction, for somebody who may change it.

    ``writable`` is the condition of ``crm.access`` that says so. Raises NotFound (not visible) and
    Forbidden (not theirs to change).
    """
    require(actor, Right.READ_LEADS)
    lead = held(Lead, Lead.public_id == public_id, visible_leads(actor))
    theirs = sa.select(Lead.id).where(Lead.id == lead.id, writable(actor))
    if db.session.scalar(theirs) is None:
        raise Forbidden
    return lead


def state_of(lead: Lead) -> LeadState:
    """Where the lead stands, as the rules want it."""
    return LeadState(
        stage=lead.stage,
        status=lead.status,
        version=lead.version,
        clock=clock_of(lead),
        hold_until=lead.hold_until,
    )


def clock_of(lead: Lead) -> StageClock:
    """The clock of the lead's present stay."""
    return StageClock(lead.stage_since, lead.held_days, lead.held_since)


def record_change(
    lead: Lead, move: Move, facts: LeadFacts, actor_id: int | None, now: datetime
) -> StageChange:
    """Write the move down with what the gate saw; the lead's lock keeps the numbers apart."""
    last = db.session.scalar(
        sa.select(sa.func.max(StageChange.seq)).where(StageChange.lead_id == lead.id)
    )
    change = StageChange(
        lead_id=lead.id,
        seq=(last or 0) + 1,
        from_stage=move.from_stage,
        to_stage=move.to_stage,
        from_status=move.from_status,
        to_status=move.to_status,
        reason=move.reason,
        facts=facts.as_json(),
        actor_id=actor_id,
        occurred_at=now,
        recorded_at=now,
    )
    db.session.add(change)
    return change


def apply_move(lead: Lead, move: Move, now: datetime) -> None:
    """Set on the lead all that a move sets."""
    lead.stage = move.to_stage
    lead.status = move.to_status
    lead.hold_until = move.hold_until
    lead.stage_since = move.clock.since
    lead.held_since = move.clock.held_since
    lead.held_days = move.clock.held_days
    lead.stalls_on = move.stalls_on
    lead.updated_at = now
    if move.to_stage in SIGNED:
        _go_on(lead, now)
    elif move.from_stage in SIGNED:
        _stand_as_before(lead)
    if Stage.LANDED in {move.from_stage, move.to_stage}:
        follow(lead)
    if move.to_status is Status.LOST and move.from_status is not Status.LOST:
        claims.release_claim(lead, now)
    elif move.from_status is Status.LOST and move.to_status is not Status.LOST:
        claims.open_claim(lead, clock.local_date(now))


def _go_on(lead: Lead, now: datetime) -> None:
    """Who was to hear that an offer was approved has done what that opens: it is answered."""
    approved = sa.select(Offer).where(
        Offer.lead_id == lead.id,
        Offer.state == OfferState.APPROVED,
        Offer.answered_at.is_(None),
    )
    for offer in db.session.scalars(approved):
        offer.answered_at = now


def _stand_as_before(lead: Lead) -> None:
    """The signing is taken back, and the approval that it answered opens one again.

    Not what its person had answered before by a word of theirs, nor what a newer version answers.
    """
    newer = aliased(Offer)
    moves = sa.select(StageChange.recorded_at).where(
        StageChange.lead_id == lead.id, StageChange.to_stage.in_(SIGNED)
    )
    signed_for = sa.select(Offer).where(
        Offer.lead_id == lead.id,
        Offer.state == OfferState.APPROVED,
        # An answer does not say what it was: the moves of the lead know their moments.
        Offer.answered_at.in_(moves),
        ~sa.exists().where(newer.lead_id == Offer.lead_id, newer.version > Offer.version),
    )
    for offer in db.session.scalars(signed_for):
        offer.answered_at = None


def phase_of(lead: Lead) -> EntityPhase:
    """What a local company is to the lead as it stands."""
    return EntityPhase.LANDED if lead.stage is Stage.LANDED else EntityPhase.REGISTERED


def follow(lead: Lead) -> None:
    """The local company has landed with its project, or has not when that went back."""
    for entity in db.session.scalars(sa.select(LeadEntity).where(LeadEntity.lead_id == lead.id)):
        entity.phase = phase_of(lead)
