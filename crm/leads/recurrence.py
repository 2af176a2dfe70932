"""Tasks due on working days, and tasks that come back. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from crm.messages import Message, msg, nmsg
from crm.spans import wrong_year
from crm.working_days import WorkingCalendar
from models.enums import Every

MOST_EVERY = 52
_MONTHS = 12


@dataclass(frozen=True)
class Rhythm:
    """Every so many weeks or months, counted from a day."""

    every: int
    unit: Every
    starts_on: date

    @property
    def words(self) -> Message:
        """How it is said."""
        if self.unit is Every.WEEK:
            return nmsg("每 %(n)s 周", self.every)
        return nmsg("每 %(n)s 个月", self.every)


def on_schedule(rhythm: Rhythm, number: int) -> date:
    """The day of the ``number``-th, working day or not; a short month's last day stands for it."""
    if rhythm.unit is Every.WEEK:
        return rhythm.starts_on + timedelta(weeks=rhythm.every * number)
    months = rhythm.starts_on.month - 1 + rhythm.every * number
    year, month = rhythm.starts_on.year + months // _MONTHS, months % _MONTHS + 1
    return date(year, month, min(rhythm.starts_on.day, monthrange(year, month)[1]))


def working_day_from(day: date, calendar: WorkingCalendar) -> date:
    """The day itself, or the next on which people work."""
    return day if calendar.is_working_day(day) else calendar.next_working_day(day)


def following(
    rhythm: Rhythm, number: int, due_on: date, today: date, calendar: WorkingCalendar
) -> tuple[int, date]:
    """The number and the day of the one after the ``number``-th, which was due on ``due_on``.

    It is due on a working day later than that one and not before today: what was missed is not
    made up for. It is counted from the schedule, so that a day off moves none of the others.
    """
    for later in count(number + 1):
        day = working_day_from(on_schedule(rhythm, later), calendar)
        if day > due_on and day >= today:
            return later, day
    raise AssertionError  # pragma: no cover (the schedule has no end)


def wrong_day(due_on: date | None, today: date, calendar: WorkingCalendar) -> Message | None:
    """What is wrong with the day of a task; None when it will do."""
    if due_on is None:
        return msg("请选一个日期，哪天前办好。")
    if due_on < today:
        return msg("日期已经过去，请选今天或以后。")
    if strange := wrong_year(due_on):
        return strange
    if not calendar.is_working_day(due_on):
        day = calendar.next_working_day(due_on)
        return msg("这天休息。之后第一个工作日是 %(day)s，请选它或别的工作日。", day=day)
    return None


def wrong_rhythm(every: int | None, unit: Every | None) -> Message | None:
    """What is wrong with how often a task comes back; None when it will do."""
    if every is None and unit is None:
        return None
    if every is None:
        return msg("请填每几周或每几个月。")
    if unit is None:
        return msg("请在“重复”里选按周还是按月；只办一次就清空这个数。")
    if not 1 <= every <= MOST_EVERY:
        return msg("请填 1 到 %(n)s 之间的数。", n=MOST_EVERY)
    return None
