"""What a trip must say, the order of its stops, and how its report counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.visits.trips.rules import (
    MOST_DAYS,
    Planned,
    TripState,
    check_day,
    check_trip,
    nudged,
    placed,
    shifted,
    state_of,
)
from crm.visits.trips.word import numeral

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 3)
DAYS = st.sampled_from([FIRST + timedelta(days=n) for n in range(3)])
PLANS = st.lists(DAYS, min_size=1, max_size=6).map(
    lambda days: [Planned(str(n), day) for n, day in enumerate(sorted(days))]
)


@pytest.mark.parametrize(
    ("first", "last", "purpose", "members", "wrong"),
    [
        (FIRST, LAST, "拜访", 1, set()),
        (FIRST, FIRST, "拜访", 1, set()),
        (FIRST, FIRST + timedelta(days=MOST_DAYS - 1), "拜访", 1, set()),
        (FIRST, FIRST + timedelta(days=MOST_DAYS), "拜访", 1, {"last_on"}),
        (LAST, FIRST, "拜访", 1, {"last_on"}),
        (None, None, " ", 0, {"first_on", "last_on", "purpose", "members"}),
        (FIRST, LAST, "长" * 201, 1, {"purpose"}),
    ],
)
def test_a_trip_says_what_is_wrong_at_its_field(
    first: date | None, last: date | None, purpose: str, members: int, wrong: set[str]
) -> None:
    assert set(check_trip(first, last, purpose, members)) == wrong


def test_where_a_trip_stands_follows_the_day() -> None:
    def at(day: date, *, cancelled: bool = False) -> TripState:
        return state_of(FIRST, LAST, day, cancelled=cancelled)

    assert at(FIRST - timedelta(days=1)) is TripState.AHEAD
    assert at(FIRST) is at(LAST) is TripState.UNDER_WAY
    assert at(LAST + timedelta(days=1)) is TripState.OVER
    assert at(FIRST, cancelled=True) is TripState.CANCELLED


def test_a_stop_is_on_a_day_of_the_trip() -> None:
    assert check_day(LAST, FIRST, LAST) is None
    for day in (None, FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        assert check_day(day, FIRST, LAST) is not None


def _ordered(plan: list[Planned]) -> bool:
    days = [one.day for one in plan]
    return days == sorted(days)


@given(PLANS, st.data())
def test_a_stop_put_somewhere_stands_there_and_the_others_keep_their_order(
    plan: list[Planned], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([one.key for one in plan]))
    before = data.draw(st.sampled_from([None, "gone", *(one.key for one in plan)]))
    day = data.draw(DAYS)
    found = placed(plan, key, day, before)
    assert _ordered(found)
    assert [one for one in found if one.key != key] == [one for one in plan if one.key != key]
    at = found.index(Planned(key, day))
    if before != key and Planned(str(before), day) in plan:
        assert found[at + 1].key == before
    else:
        assert at + 1 == len(found) or found[at + 1].day > day


@given(PLANS, st.data())
def test_one_place_down_and_up_again_is_where_it_was(
    plan: list[Planned], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([one.key for one in plan]))
    down = nudged(plan, key, 1, FIRST, LAST)
    assert _ordered(down)
    assert sorted(one.key for one in down) == sorted(one.key for one in plan)
    if down != plan:
        assert nudged(down, key, -1, FIRST, LAST) == plan
    else:
        assert (plan[-1].key, plan[-1].day) == (key, LAST)


def test_a_trip_put_off_takes_its_stops_along_and_a_shorter_one_does_not() -> None:
    plan = [Planned("a", FIRST), Planned("b", LAST)]
    week = timedelta(days=7)
    moved, wrong = shifted(plan, (FIRST, LAST), (FIRST + week, LAST + week))
    assert (moved, wrong) == ([Planned("a", FIRST + week), Planned("b", LAST + week)], None)
    same, wrong = shifted(plan, (FIRST, LAST), (FIRST, LAST - timedelta(days=1)))
    assert same == plan
    assert wrong is not None
    assert wrong.count == 1


def test_headings_count_as_chinese_does() -> None:
    found = {n: numeral(n) for n in (1, 9, 10, 11, 20, 21, 99, 100)}
    assert found == {
        1: "一", 9: "九", 10: "十", 11: "十一", 20: "二十", 21: "二十一", 99: "九十九", 100: "100",
    }  # fmt: skip
