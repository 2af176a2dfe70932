"""China's working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.working_days import WorkingCalendar, hold_days, official_calendar, quick_days

CHINA = official_calendar(range(2024, 2028))
days = st.dates(date(2024, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday worked for the National Day
        (date(2026, 2, 28), True),
    ],
)
def test_shifted_weekends_are_worked(day: date, worked: bool) -> None:
    assert CHINA.is_working_day(day) is worked


def test_the_day_after_the_national_day_holiday() -> None:
    assert CHINA.next_working_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CHINA.add_working_days(date(2026, 10, 8), 2) == date(2026, 10, 10)
    assert CHINA.add_working_days(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_a_year_without_its_official_schedule_says_so() -> None:
    assert CHINA.known(2026)
    assert not CHINA.known(2027)
    assert not CHINA.is_working_day(date(2027, 1, 1))


def test_an_administrator_decides_single_days() -> None:
    calendar = WorkingCalendar({date(2027, 2, 20): True, date(2027, 2, 8): False})
    assert calendar.known(2027)
    assert calendar.is_working_day(date(2027, 2, 20))
    assert calendar.next_working_day(date(2027, 2, 5)) == date(2027, 2, 9)


def test_days_are_counted_forward() -> None:
    with pytest.raises(ValueError, match="negative"):
        CHINA.add_working_days(date(2026, 1, 5), -1)


@given(days)
def test_the_next_working_day_is_the_first(day: date) -> None:
    found = CHINA.next_working_day(day)
    assert found > day
    assert CHINA.is_working_day(found)
    between = (day + timedelta(days=n) for n in range(1, (found - day).days))
    assert not any(CHINA.is_working_day(free) for free in between)


@given(days, st.integers(0, 8), st.integers(0, 8))
def test_adding_twice_is_adding_the_sum(day: date, a: int, b: int) -> None:
    there = CHINA.add_working_days(CHINA.add_working_days(day, a), b)
    assert there == CHINA.add_working_days(day, a + b)


def test_a_hold_is_offered_working_days_weeks_and_months_on() -> None:
    offered = [one.day for one in hold_days(CHINA, date(2025, 11, 30))]
    assert offered == [date(2025, 12, 15), date(2025, 12, 30), date(2026, 2, 28)]
    assert next(one.day for one in hold_days(CHINA, date(2026, 12, 3))) == date(2026, 12, 17)


@pytest.mark.parametrize(
    ("today", "offered"),
    [
        (date(2026, 11, 25), "明天* 26、下周一 30、两周后 9"),
        (date(2026, 11, 27), "下周一 30、两周后 11"),
        # On a Sunday next Monday is tomorrow; so called it says its date.
        (date(2026, 11, 29), "下周一 30、两周后 14"),
        (date(2026, 9, 30), "下周开工 8、两周后 14"),
    ],
)
def test_the_days_that_one_touch_chooses(today: date, offered: str) -> None:
    """``*``: so near that the name of its weekday says it."""
    found = quick_days(CHINA, today)
    assert "、".join(f"{d.name}{'*' * d.near} {d.day.day}" for d in found) == offered
