"""China's working days as the records have them, and the days people reach for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from crm.messages import Message, msg
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import CalendarDay

_MONDAY = 0


@dataclass(frozen=True)
class QuickDay:
    """A day that one tap chooses, and what it is called; ``near``: the name says which day."""

    name: Message
    day: date
    near: bool = False


def working_calendar(first: date, last: date) -> WorkingCalendar:
    """The calendar of all years from ``first`` to ``last`` (one query)."""
    rows = db.session.execute(
        sa.select(CalendarDay.day, CalendarDay.working).where(
            CalendarDay.day.between(date(first.year, 1, 1), date(last.year, 12, 31))
        )
    )
    return WorkingCalendar({row.day: row.working for row in rows})


def quick_days(calendar: WorkingCalendar, today: date) -> list[QuickDay]:
    """Tomorrow, the start of next week and two weeks on, moved to days on which people work."""
    tomorrow = calendar.next_working_day(today)
    next_week = _from(calendar, today + timedelta(days=7 - today.weekday()))
    fortnight = _from(calendar, today + timedelta(days=14))
    is_near = tomorrow == today + timedelta(days=1)
    days = {
        tomorrow: msg("明天") if is_near else msg("下个工作日"),
        next_week: msg("下周一") if next_week.weekday() == _MONDAY else msg("下周开工"),
        fortnight: msg("两周后"),
    }
    return [
        QuickDay(name, day, near=is_near and day == tomorrow) for day, name in sorted(days.items())
    ]


def _from(calendar: WorkingCalendar, day: date) -> date:
    return calendar.next_working_day(day - timedelta(days=1))
