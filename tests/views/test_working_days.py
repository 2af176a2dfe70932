"""The calendar of working days: corrected by an administrator, and put back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from crm.calendar import working_calendar
from crm.calendar_edits import Span, spans
from models.calendar_day import CalendarDay
from tests.clients import Client
from tests.people import People

PAGE = "/admin/working-days"
FRIDAY, SUNDAY, MONDAY = date(2029, 2, 9), date(2029, 2, 11), date(2029, 2, 12)


@pytest.fixture
def admin(client: Client, people: People) -> Client:
    """An administrator, signed in."""
    return client.sign_in(people.administrator().email)


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
    free = [CalendarDay(day=day, working=False, name="春节") for day in (FRIDAY, MONDAY)]
    worked = CalendarDay(day=date(2029, 2, 18), working=True, name="")
    assert spans([*free, worked]) == [
        Span(FRIDAY, MONDAY, working=False, name="春节"),
        Span(worked.day, worked.day, working=True),
    ]
