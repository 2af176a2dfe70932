"""Take a move back: right after it, by whoever made it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from crm.access import Actor
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads import claims
from crm.leads.clock import StageClock, stalls_on
from crm.leads.facts import facts_of
from crm.leads.moves import apply_move, locked_lead, record_change
from crm.leads.rules import Move
from crm.messages import Message, msg
from models import db
from models.audit import LeadVersion
from models.enums import Stage, Status
from models.lead import Lead
from models.stage_change import StageChange

WINDOW = timedelta(minutes=10)
REASON = "撤销"  # what the trail keeps; a reason is text as somebody wrote it, in no other language


def reverse_move(public_id: str, seq: int, actor: Actor, now: datetime) -> StageChange:
    """Put the lead back where it was before its last move, its clock as it stood there.

    A hold, another day for it, a loss and their ends are taken back the same way; after a loss the
    protection runs on as it did. No gate is asked: the lead stood there a moment ago. Raises
    NotFound, Forbidden (somebody else's move), Conflict (moved again since) and Refusal (too late,
    no move at all, or somebody else holds the company by now).
    """
    lead = locked_lead(public_id, actor)
    change = _last_change(lead)
    if seq > change.seq or seq < 1:
        raise NotFound
    if seq < change.seq:
        raise Conflict(msg("之后又移动过，不能撤销了。请看最新情况。"))
    if refusal := why_not(change, now):
        raise Refusal({}, refusal)
    if change.actor_id != actor.id:
        raise Forbidden(msg("只有移动的人自己能撤销。"))
    move = _way_back(lead, change)
    if move.from_status is Status.LOST:
        claims.refuse_held(lead.company_id, lead.project, but=lead.id)
        with claims.index_decides(lead.company_id, lead.project, but=lead.id):
            apply_move(lead, move, now)
        claims.protect_as_before(lead)
    else:
        apply_move(lead, move, now)
    undone = record_change(lead, move, facts_of(lead), actor.id, now)
    db.session.flush()
    return undone


def why_not(change: StageChange, now: datetime) -> Message | None:
    """Why a move is not taken back whoever asks, or None."""
    before, after = _ends(change)
    if change.from_stage is None or (before == after and change.to_status is not Status.ON_HOLD):
        return msg("这一步不能撤销，请用页面上的按钮改回来。")
    if now - change.recorded_at > WINDOW:
        return msg("过了 %(n)s 分钟就不能撤销了，请退回并写下原因。", n=WINDOW.seconds // 60)
    return None


def _ends(change: StageChange) -> tuple[tuple[Stage | None, Status | None], ...]:
    """Stage and status before and after."""
    return (change.from_stage, change.from_status), (change.to_stage, change.to_status)


def _last_change(lead: Lead) -> StageChange:
    return db.session.scalars(
        sa.select(StageChange)
        .where(StageChange.lead_id == lead.id)
        .order_by(StageChange.seq.desc())
        .limit(1)
    ).one()


def _way_back(lead: Lead, change: StageChange) -> Move:
    """The move back, with the clock that the last version there had."""
    stage, status = change.from_stage, change.from_status
    # Only registering comes from nowhere: ``why_not``.
    assert stage is not None  # noqa: S101
    assert status is not None  # noqa: S101
    stood_there = [LeadVersion.stage == stage.value, LeadVersion.status == status.value]
    if (stage, status) == (change.to_stage, change.to_status):
        # The same hold until another day: the rules know no other move to where a lead stands.
        stood_there.append(LeadVersion.hold_until != lead.hold_until)
    before = db.session.scalars(
        sa.select(LeadVersion)
        .where(LeadVersion.lead_id == lead.id, *stood_there)
        .order_by(LeadVersion.seq.desc())
        .limit(1)
    ).one()
    stood = StageClock(before.stage_since, before.held_days, before.held_since)
    return Move(
        from_stage=change.to_stage,
        to_stage=stage,
        from_status=change.to_status,
        to_status=status,
        hold_until=before.hold_until if status is Status.ON_HOLD else None,
        reason=REASON,
        clock=stood,
        stalls_on=stalls_on(stage, stood, status),
    )
