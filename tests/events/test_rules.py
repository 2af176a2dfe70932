"""What an event must say, and what a pasted line names."""

from __future__ import annotations

from datetime import date

import pytest

from crm.errors import Refusal
from crm.events.pasting import read_lines
from crm.events.rules import EventInput, EventStatus, check_mark, status_of, wrong_event
from models.event import Attendance

DAY = date(2026, 11, 25)


def test_an_event_names_everything_that_is_wrong_at_once() -> None:
    typed = EventInput("", "", date(2026, 11, 25), date(2026, 11, 24), city="长" * 61)
    assert set(wrong_event(typed.stripped())) == {"name", "channel", "ends_on", "city"}
    assert set(wrong_event(EventInput("会", "conference", None).stripped())) == {"starts_on"}
    assert wrong_event(EventInput("会", "conference", DAY).stripped()) == {}


def test_its_status_follows_from_its_days() -> None:
    def on(day: int) -> EventStatus:
        return status_of(date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, day))

    assert [on(day) for day in (24, 25, 26, 27)] == [
        EventStatus.PLANNED,
        EventStatus.RUNNING,
        EventStatus.RUNNING,
        EventStatus.OVER,
    ]


def test_attendance_is_marked_from_the_first_day_on() -> None:
    with pytest.raises(Refusal, match="才开始"):
        check_mark(Attendance.ATTENDED, DAY, date(2026, 11, 24), walk_in=False)
    check_mark(None, DAY, date(2026, 11, 24), walk_in=False)
    check_mark(Attendance.ABSENT, DAY, DAY, walk_in=False)
    with pytest.raises(Refusal):
        check_mark(None, DAY, DAY, walk_in=True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1. 示例软件有限公司，沈一帆，总经理", ("示例软件有限公司", "沈一帆", "总经理")),
        ("示例软件有限公司 沈一帆", ("示例软件有限公司", "沈一帆", "")),
        ("示例软件有限公司 沈一帆 副总经理", ("示例软件有限公司", "沈一帆", "副总经理")),
        ("示例软件有限公司\t沈一帆", ("示例软件有限公司", "沈一帆", "")),
        ("· 示例软件有限公司", ("示例软件有限公司", "", "")),
        ("Example Soft Ltd", ("Example Soft Ltd", "", "")),
        ("北京 示例集团", ("北京 示例集团", "", "")),
        ("360数科", ("360数科", "", "")),
    ],
)
def test_a_line_names_a_company_and_maybe_a_person(text: str, named: tuple[str, str, str]) -> None:
    (line,) = read_lines(f"\n{text}\n{text}\n")
    assert (line.company, line.person, line.title) == named
