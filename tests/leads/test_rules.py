"""Moves and clocks of a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import Refusal
from crm.leads.clock import StageClock, is_stalled, protected_until, stalls_on
from crm.leads.gates import LeadFacts, missing_for
from crm.leads.rules import (
    MAX_REASON,
    LeadState,
    Move,
    MoveRequest,
    conflict_of,
    decide_move,
    is_stale,
)
from crm.leads.stages import position
from crm.leads.time_words import Clear, LeadClocks, time_words
from models.enums import Stage, Status
from tests.leads.test_gates import FULL, NONE, some_facts

TODAY = date(2026, 3, 31)
SINCE = date(2026, 3, 1)
AHEAD = date(2026, 5, 1)
ENGAGED = LeadState(Stage.ENGAGED, Status.ACTIVE, 4, StageClock(SINCE))
HELD = LeadState(
    Stage.ENGAGED, Status.ON_HOLD, 4, StageClock(SINCE, held_since=date(2026, 3, 10)), AHEAD
)
LOST = replace(ENGAGED, status=Status.LOST)

days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def move(state: LeadState, request: MoveRequest, facts: LeadFacts = FULL) -> Move:
    return decide_move(state, request, facts, TODAY)


def refused(state: LeadState, request: MoveRequest, facts: LeadFacts = FULL) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        move(state, request, facts)
    return refusal.value


def test_forward_over_several_stages_starts_a_new_stay() -> None:
    moved = move(ENGAGED, MoveRequest(to_stage=Stage.COMMITTED))
    assert (moved.from_stage, moved.to_stage) == (Stage.ENGAGED, Stage.COMMITTED)
    assert moved.clock == StageClock(TODAY)
    assert moved.stalls_on == TODAY + timedelta(days=121)
    assert moved.reason is None


def test_a_refused_move_names_all_that_is_missing_on_the_way() -> None:
    facts = replace(FULL, has_visit=False, has_agreement=False)
    refusal = refused(ENGAGED, MoveRequest(to_stage=Stage.COMMITTED), facts)
    assert refusal.code == "gate_unmet"
    assert set(refusal.errors) == {"visit", "agreement"}
    assert str(refusal.message) == "进入签约还差 2 项。"


def test_a_wrong_request_and_a_closed_gate_are_told_together() -> None:
    refusal = refused(
        ENGAGED,
        MoveRequest(to_stage=Stage.NEGOTIATING, to_status=Status.ON_HOLD),
        replace(FULL, district_id=None),
    )
    assert set(refusal.errors) == {"district", "reason", "hold_until"}


def test_backward_needs_a_reason_and_no_gate() -> None:
    back = MoveRequest(to_stage=Stage.IDENTIFIED)
    assert list(refused(ENGAGED, back).errors) == ["reason"]
    moved = move(ENGAGED, replace(back, reason=" 联系人离职 "), NONE)
    assert moved.reason == "联系人离职"
    assert moved.clock.days(TODAY) == 0


@pytest.mark.parametrize("request_", [MoveRequest(), MoveRequest(to_stage=Stage.ENGAGED)])
def test_a_move_to_where_it_stands_is_refused(request_: MoveRequest) -> None:
    assert list(refused(ENGAGED, request_).errors) == ["to_stage"]


@pytest.mark.parametrize("until", [None, TODAY, TODAY - timedelta(days=1)])
def test_a_hold_ends_in_the_future(until: date | None) -> None:
    hold = MoveRequest(to_status=Status.ON_HOLD, hold_until=until, reason="等预算")
    assert list(refused(ENGAGED, hold).errors) == ["hold_until"]


def test_a_hold_stops_the_clock_and_stalls_no_more() -> None:
    moved = move(ENGAGED, MoveRequest(to_status=Status.ON_HOLD, hold_until=AHEAD, reason="等预算"))
    assert (moved.hold_until, moved.stalls_on) == (AHEAD, None)
    assert moved.clock == StageClock(SINCE, held_since=TODAY)


def test_a_hold_may_be_made_longer_with_a_reason() -> None:
    longer = MoveRequest(to_status=Status.ON_HOLD, hold_until=date(2026, 6, 1), reason="还在等")
    assert move(HELD, longer).clock == HELD.clock
    assert list(refused(HELD, replace(longer, hold_until=AHEAD)).errors) == ["to_stage"]


def test_waking_goes_on_with_the_clock() -> None:
    moved = move(HELD, MoveRequest(to_status=Status.ACTIVE))
    assert moved.clock == StageClock(SINCE, held_days=21)
    assert moved.hold_until is None


@pytest.mark.parametrize("state", [HELD, LOST])
def test_a_held_or_lost_lead_moves_only_when_it_is_woken(state: LeadState) -> None:
    there = MoveRequest(to_stage=Stage.NEGOTIATING, reason="又谈起来了")
    assert "to_status" in refused(state, there).errors
    moved = move(state, replace(there, to_status=Status.ACTIVE))
    assert (moved.to_stage, moved.to_status) == (Stage.NEGOTIATING, Status.ACTIVE)


def test_a_loss_and_a_reopening_say_why() -> None:
    lost = MoveRequest(to_status=Status.LOST)
    assert list(refused(ENGAGED, lost).errors) == ["reason"]
    assert move(ENGAGED, replace(lost, reason="去了杭州")).stalls_on is None
    again = MoveRequest(to_status=Status.ACTIVE)
    assert list(refused(LOST, again).errors) == ["reason"]
    assert move(LOST, replace(again, reason="又来找我们")).clock == StageClock(TODAY)


def test_a_reason_has_an_end() -> None:
    request = MoveRequest(to_stage=Stage.IDENTIFIED, reason="长" * (MAX_REASON + 1))
    assert list(refused(ENGAGED, request).errors) == ["reason"]


def test_a_stale_version_says_what_changed() -> None:
    asked = MoveRequest(to_stage=Stage.NEGOTIATING, version=3)
    assert is_stale(ENGAGED, asked)
    assert conflict_of(ENGAGED, asked).changed == {"stage": (Stage.ENGAGED, Stage.NEGOTIATING)}
    assert not is_stale(ENGAGED, replace(asked, version=4))
    assert not is_stale(ENGAGED, replace(asked, version=None))


def test_held_for_ten_days_of_march() -> None:
    clock = StageClock(date(2026, 3, 1)).held(date(2026, 3, 10)).woken(date(2026, 3, 20))
    assert clock.days(date(2026, 3, 31)) == 20


def test_stalled_is_above_the_limit() -> None:
    clock = StageClock(SINCE, held_days=5)
    first = SINCE + timedelta(days=45 + 5 + 1)
    assert stalls_on(Stage.ENGAGED, clock, Status.ACTIVE) == first
    assert not is_stalled(Stage.ENGAGED, clock, Status.ACTIVE, first - timedelta(days=1))
    assert is_stalled(Stage.ENGAGED, clock, Status.ACTIVE, first)
    assert stalls_on(Stage.LANDED, clock, Status.ACTIVE) is None
    assert stalls_on(Stage.ENGAGED, clock, Status.LOST) is None


def test_protection_counts_from_the_later_day() -> None:
    assert protected_until(date(2026, 1, 1), None) == date(2026, 4, 1)
    assert protected_until(date(2026, 1, 1), date(2026, 1, 11)) == date(2026, 4, 11)
    assert protected_until(date(2026, 1, 11), date(2026, 1, 1)) == date(2026, 4, 11)


def words(clocks: LeadClocks) -> list[str]:
    return [str(word.message) for word in time_words(clocks, TODAY)]


def test_clocks_speak_in_order() -> None:
    clocks = LeadClocks(
        Stage.ENGAGED,
        Status.ACTIVE,
        StageClock(date(2025, 12, 27)),
        next_step_on=date(2026, 3, 29),
        protected_until=date(2026, 4, 6),
    )
    assert words(clocks) == ["逾期 2 天", "6 天后退回公海", "停滞 94 天"]
    assert words(replace(clocks, next_step_on=None))[-1] == "没有日期"
    assert words(replace(clocks, next_step_on=TODAY))[0] == "今天到期"
    assert words(replace(clocks, protected_until=SINCE))[1] == "保护期已过"
    signed = replace(clocks, stage=Stage.COMMITTED, next_step_on=AHEAD)
    assert words(signed) == ["2026-05-01"]


def test_every_coloured_word_says_why_and_what_clears_it() -> None:
    clocks = LeadClocks(
        Stage.ENGAGED,
        Status.ACTIVE,
        StageClock(date(2025, 12, 27)),
        next_step_on=date(2026, 3, 29),
        protected_until=date(2026, 4, 6),
        next_step="答复场地。",
        last_touch=date(2026, 1, 6),
    )
    late, pool, stalled = time_words(clocks, TODAY)
    assert str(late.why) == "约好 2026-03-29 答复场地，还没有做。"
    assert str(pool.why).endswith("就退回公海，其他小分队可以接手。上次接触 2026-01-06。")
    assert str(stalled.why) == "接洽满 45 天算停滞，现在 94 天；上次接触 2026-01-06。"
    assert late.clears == (Clear.STEP, Clear.VISIT)
    assert pool.clears == (Clear.VISIT,)
    assert stalled.clears == (Clear.GATE, Clear.HOLD)
    silent = time_words(replace(clocks, next_step_on=None, last_touch=None), TODAY)
    assert str(silent[1].why).endswith("；还没有接触过。")
    for status in Status:
        for word in time_words(replace(clocks, status=status, hold_until=TODAY), TODAY):
            assert word.tone == "plain" or (word.why and word.clears)


def test_a_lead_on_hold_says_when_it_wakes_and_a_lost_one_that_it_is_lost() -> None:
    held = LeadClocks(Stage.ENGAGED, Status.ON_HOLD, HELD.clock, SINCE, SINCE, hold_until=AHEAD)
    assert words(held) == ["暂缓到 2026-05-01"]
    assert words(replace(held, hold_until=TODAY)) == ["该恢复跟进了"]
    assert words(replace(held, status=Status.LOST)) == ["流失"]


@given(some_facts, st.sampled_from(Stage), st.sampled_from(Stage), st.text(max_size=3))
def test_no_move_passes_an_unmet_gate(
    facts: LeadFacts, start: Stage, target: Stage, reason: str
) -> None:
    state = replace(ENGAGED, stage=start)
    try:
        moved = move(state, MoveRequest(to_stage=target, reason=reason), facts)
    except Refusal:
        forward = position(target) > position(start)
        assert not forward or missing_for(facts, target, start)
    else:
        assert missing_for(facts, moved.to_stage, start) == []
        assert position(target) > position(start) or moved.reason


@given(days, st.lists(st.tuples(days, days), max_size=4), days)
def test_days_in_stage_are_never_negative(
    since: date, holds: list[tuple[date, date]], today: date
) -> None:
    clock = StageClock(since)
    for start, end in holds:
        clock = clock.held(start).woken(end)
    assert 0 <= clock.days(today) <= max(0, (today - since).days)


@given(days, st.integers(0, 300), days)
def test_the_first_stalled_day_is_the_first_above_the_limit(
    since: date, held: int, today: date
) -> None:
    clock = StageClock(since, held)
    assert is_stalled(Stage.ENGAGED, clock, Status.ACTIVE, today) == (clock.days(today) > 45)
