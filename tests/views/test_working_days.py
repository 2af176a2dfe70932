"""The calendar of working days: corrected by an administrator, and put back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from crm.working_days.queries import working_calendar
from crm.working_days.rules import Day, Span, spans
from models.calendar_day import CalendarDay
from tests.clients import Client
from tests.people import People

PAGE = "/admin/working-days"
# What was said of some days, and who did it.
EDIT = r'data-testid="edit">\s*([^<]*?)\s*<br><small class="muted">[^<]*?(\S+)</small>'
FRIDAY, SUNDAY, MONDAY = date(2029, 2, 9), date(2029, 2, 11), date(2029, 2, 12)


@pytest.fixture
def admin(client: Client, people: People) -> Client:
    """An administrator, signed in."""
    return client.sign_in(people.administrator(name="陈思远").email)


def _worked(session: Any) -> list[bool]:
    session.rollback()
    calendar = working_calendar(FRIDAY, MONDAY)
    return [calendar.is_working_day(day) for day in (FRIDAY, SUNDAY, MONDAY)]


def test_a_holiday_and_a_worked_weekend_are_filled_in_and_taken_back(
    admin: Client, session: Any
) -> None:
    admin.get(f"{PAGE}?year=2029")
    for said in (
        {"first": FRIDAY.isoformat(), "last": MONDAY.isoformat(), "kind": "free", "name": "春节"},
        {"first": SUNDAY.isoformat(), "kind": "worked"},
    ):
        assert admin.post(PAGE, said).status_code == 302
    assert _worked(session) == [False, True, False]
    shown = admin.get(f"{PAGE}?year=2029").text
    *_, again = re.findall(r"/restorations\?was=[\w.-]+", shown)
    assert admin.post(f"{PAGE}{again}").status_code == 302
    assert _worked(session) == [False, False, False]
    gone = {"first": FRIDAY.isoformat(), "last": MONDAY.isoformat()}
    assert admin.post(f"{PAGE}/removals", gone).status_code == 302
    assert _worked(session) == [True, False, True]
    told = re.findall(EDIT, admin.get(f"{PAGE}?year=2029").text)
    assert [(said.split("：")[1], who) for said, who in told] == [
        ("放假 春节 → 照常", "陈思远"),
        ("上班 → 照常", "陈思远"),
        ("照常 → 上班", "陈思远"),
        ("照常 → 放假 春节", "陈思远"),
    ]


def test_a_day_that_comes_and_goes_is_told_again(admin: Client, session: Any) -> None:
    """Also of a delivered day, of which the trail has no beginning."""
    holiday = session.scalars(
        sa.select(CalendarDay).where(CalendarDay.working.is_(False)).order_by(CalendarDay.day)
    ).first()
    day, year = holiday.day.isoformat(), holiday.day.year
    admin.get(PAGE)
    for name in ("元旦", "新年"):
        admin.post(PAGE, {"first": day, "kind": "free", "name": name})
        admin.post(f"{PAGE}/removals", {"first": day, "last": day})
    told = re.findall(EDIT, admin.get(f"{PAGE}?year={year}").text)
    assert [said.split("：")[1] for said, _who in told] == [
        "放假 新年 → 照常",
        "照常 → 放假 新年",
        "放假 元旦 → 照常",
        "放假 → 放假 元旦",
    ]


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "first"),
        ({"first": "2029-02-09", "kind": "worked"}, "first"),
        ({"first": "2029-02-09", "last": "2029-02-08"}, "last"),
        ({"first": "2029-02-09", "last": "2029-12-08"}, "last"),
        ({"first": "2029-02-09", "name": "长" * 65}, "name"),
    ],
)
def test_what_can_not_be_right_is_said_at_its_field(
    admin: Client, said: dict[str, str], field: str
) -> None:
    admin.get(PAGE)
    answer = admin.post(PAGE, said)
    assert answer.status_code == 422
    assert re.findall(r'data-field="(\w+)"', answer.text) == [field]


def test_days_are_shown_as_they_are_announced() -> None:
    free = [Day(day, working=False, name="春节") for day in (FRIDAY, MONDAY)]
    worked = Day(date(2029, 2, 18), working=True)
    assert spans([*free, worked]) == [
        Span(FRIDAY, MONDAY, working=False, name="春节"),
        Span(worked.day, worked.day, working=True),
    ]
