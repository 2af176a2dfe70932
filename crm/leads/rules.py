"""Whether a lead may move. One gate for every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm.errors import Conflict, Refusal
from crm.leads.clock import StageClock, stalls_on
from crm.leads.gates import LeadFacts, missing_for
from crm.leads.stages import position, stage_name
from crm.messages import Message, enumerated, msg, nmsg
from crm.spans import wrong_year
from models.enums import Stage, Status

MAX_REASON = 2000
MOST_TOLD = 3
Errors = dict[str, list[Message]]


@dataclass(frozen=True)
class LeadState:
    """Where a lead stands now."""

    stage: Stage
    status: Status
    version: int
    clock: StageClock
    hold_until: date | None = None


@dataclass(frozen=True)
class MoveRequest:
    """What somebody asks for; what is None stays as it is. ``version``: what they had read."""

    to_stage: Stage | None = None
    to_status: Status | None = None
    hold_until: date | None = None
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Move:
    """An allowed move and everything that it sets on the lead."""

    from_stage: Stage
    to_stage: Stage
    from_status: Status
    to_status: Status
    hold_until: date | None
    reason: str | None
    clock: StageClock
    stalls_on: date | None


def decide_move(state: LeadState, request: MoveRequest, facts: LeadFacts, today: date) -> Move:
    """Say what the move does, or why not.

    Raises Refusal that names all that is wrong at once: code ``gate_unmet`` with every missing gate
    field on the whole way. Whether the lead was read as it stands is asked before (``is_stale``).
    """
    stage = request.to_stage or state.stage
    status = request.to_status or state.status
    errors = _wrong_words(state, stage, status, request, today)
    missing = missing_for(facts, stage, state.stage)
    for check in missing:
        errors.setdefault(check.field, []).append(check.message)
    if missing:
        raise Refusal(
            errors,
            nmsg("进入%(stage)s还差 %(n)s 项。", len(missing), stage=stage_name(stage)),
            code="gate_unmet",
        )
    if errors:
        raise Refusal(errors)
    clock = _clock_after(state, stage, status, today)
    return Move(
        from_stage=state.stage,
        to_stage=stage,
        from_status=state.status,
        to_status=status,
        hold_until=request.hold_until if status is Status.ON_HOLD else None,
        reason=request.reason.strip() or None,
        clock=clock,
        stalls_on=stalls_on(stage, clock, status),
    )


def is_stale(state: LeadState, request: MoveRequest) -> bool:
    """Whether somebody changed the lead since the one who asks read it."""
    return request.version not in {None, state.version}


def conflict_of(
    state: LeadState,
    request: MoveRequest,
    name: str = "",
    at: datetime | None = None,
    what: Sequence[Message] = (),
) -> Conflict:
    """What is said to who had read an older version; ``name`` changed ``what`` of it ``at``."""
    asked = {"stage": request.to_stage, "status": request.to_status}
    now: dict[str, object] = {"stage": state.stage, "status": state.status}
    message = msg("这条线索有人改过，请看过最新情况再移动。")
    if name and at:
        message = msg("%(name)s%(at)s 改过这条线索，请看过最新情况再移动。", name=name, at=at)
    if name and at and what:
        message = msg(
            "%(name)s%(at)s 改过这条线索（%(what)s），请看过最新情况再移动。",
            name=name,
            at=at,
            what=enumerated(what[:MOST_TOLD]),
        )
    return Conflict(
        message,
        {
            field: (now[field], value)
            for field, value in asked.items()
            if value not in {None, now[field]}
        },
    )


def _wrong_words(
    state: LeadState, stage: Stage, status: Status, request: MoveRequest, today: date
) -> Errors:
    """What is wrong with the request itself, whatever the lead's facts are."""
    errors: Errors = {}
    same = (stage, status) == (state.stage, state.status)
    if same and (status is not Status.ON_HOLD or request.hold_until in {None, state.hold_until}):
        errors["to_stage"] = [msg("线索已经在这一步，请选另一个阶段或状态。")]
        return errors
    if stage is not state.stage and Status.ACTIVE not in {status, state.status}:
        errors["to_status"] = [msg("线索暂缓或流失时不能移动阶段，请先恢复跟进。")]
    if status is Status.ON_HOLD and (wrong := wrong_hold(request.hold_until, today)):
        errors["hold_until"] = [wrong]
    if wrong := _wrong_reason(state, stage, status, request.reason.strip()):
        errors["reason"] = [wrong]
    return errors


def wrong_hold(until: date | None, today: date) -> Message | None:
    """What is wrong with the day until which a lead is put on hold; None when it will do."""
    if until is None or until <= today:
        return msg("请选一个今天以后的日期，到时提醒您恢复跟进。")
    return wrong_year(until)


def _wrong_reason(state: LeadState, stage: Stage, status: Status, reason: str) -> Message | None:
    if len(reason) > MAX_REASON:
        return msg("原因最多 %(n)s 字，请写短一些。", n=MAX_REASON)
    needs = (
        (status is Status.LOST, msg("请写下为什么流失。")),
        (status is Status.ON_HOLD, msg("请写下为什么暂缓。")),
        (state.status is Status.LOST, msg("请写下为什么重新跟进。")),
        (position(stage) < position(state.stage), msg("请写下为什么退回。")),
    )
    return None if reason else next((wanted for applies, wanted in needs if applies), None)


def _clock_after(state: LeadState, stage: Stage, status: Status, today: date) -> StageClock:
    """Another stage, or coming back from a loss, starts at 0; a hold stops, waking goes on."""
    reopened = state.status is Status.LOST and status is not Status.LOST
    clock = StageClock(today) if reopened or stage is not state.stage else state.clock
    return clock.held(today) if status is Status.ON_HOLD else clock.woken(today)
