"""Tasks come back on working days, in order, counted from their schedule."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.leads.recurrence import (
    Rhythm,
    following,
    on_schedule,
    working_day_from,
    wrong_day,
    wrong_rhythm,
)
from crm.working_days import WorkingCalendar, official_calendar
from models.enums import Every

CHINA = official_calendar(range(2024, 2032))
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
RHYTHMS = st.builds(Rhythm, st.integers(1, 12), st.sampled_from(Every), DAYS)


@given(RHYTHMS, st.integers(0, 12), st.integers(-40, 90))
def test_the_next_is_one_working_day_later_on_and_not_in_the_past(
    rhythm: Rhythm, number: int, ahead: int
) -> None:
    due_on = working_day_from(on_schedule(rhythm, number), CHINA)
    today = due_on + timedelta(days=ahead)
    later, day = following(rhythm, number, due_on, today, CHINA)
    assert later > number
    assert day > due_on
    assert day >= today
    assert CHINA.is_working_day(day)
    # It is the first such: whatever lies between was missed or falls on the same day.
    for between in range(number + 1, later):
        skipped = working_day_from(on_schedule(rhythm, between), CHINA)
        assert skipped <= due_on or skipped < today


@given(RHYTHMS, st.integers(0, 24))
def test_a_schedule_does_not_drift(rhythm: Rhythm, number: int) -> None:
    day = on_schedule(rhythm, number)
    if rhythm.unit is Every.WEEK:
        assert (day - rhythm.starts_on).days == 7 * rhythm.every * number
        return
    months = (day.year - rhythm.starts_on.year) * 12 + day.month - rhythm.starts_on.month
    assert months == rhythm.every * number
    next_day = day + timedelta(days=1)
    assert day.day == rhythm.starts_on.day or (next_day.day == 1 and day.day < rhythm.starts_on.day)


def test_the_last_of_a_month_stays_the_last() -> None:
    rhythm = Rhythm(1, Every.MONTH, date(2026, 1, 30))
    assert [on_schedule(rhythm, n) for n in (1, 2)] == [date(2026, 2, 28), date(2026, 3, 30)]


@given(DAYS, DAYS)
def test_a_day_will_do_exactly_when_people_work_on_it(day: date, today: date) -> None:
    fine = wrong_day(day, today, CHINA) is None
    assert fine == (day >= today and CHINA.is_working_day(day))


def test_a_day_off_is_refused_with_the_next_working_day() -> None:
    calendar = WorkingCalendar({date(2027, 1, 1): False})
    refused = wrong_day(date(2027, 1, 1), date(2026, 12, 3), calendar)
    assert "2027-01-04" in str(refused)
    assert wrong_day(None, date(2026, 12, 3), calendar)
    assert wrong_rhythm(None, None) is None
    for every, unit in ((2, None), (0, Every.WEEK), (53, Every.WEEK)):
        assert wrong_rhythm(every, unit)
