"""China's working days: weekends are free, public holidays too, shifted weekends are worked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm.messages import Message, msg

YEARS = range(2000, 2100)
MOST_DAYS = 31
# The calendar that ``hold_days`` asks: three months, and what it takes to the next working day.
HOLDS = timedelta(days=120)
_MONDAY, _SATURDAY = 0, 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """What the calendar says of a day; ``working`` None: what its weekday says."""

    day: date
    working: bool | None = None
    name: str = ""


@dataclass(frozen=True)
class Span:
    """Days in a row of which the same is said, as people announce it."""

    first: date
    last: date
    working: bool | None
    name: str = ""

    @property
    def days(self) -> int:
        """How many days, the weekends between counted."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Turn:
    """Days in a row of which something else is said than before."""

    before: Span
    after: Span


@dataclass(frozen=True)
class QuickDay:
    """A day that one tap chooses, and what it is called; ``near``: the name says which day."""

    name: Message
    day: date
    near: bool = False


class WorkingCalendar:
    """Weekdays are worked, but for ``exceptions``: a date, and whether it is worked."""

    def __init__(self, exceptions: Mapping[date, bool]) -> None:
        self.exceptions = dict(exceptions)
        self._known = {
            day.year
            for day, worked in self.exceptions.items()
            if worked and day.weekday() >= _SATURDAY
        }

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""
        return self.exceptions.get(day, day.weekday() < _SATURDAY)

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        following = day + _DAY
        while not self.is_working_day(following):
            following += _DAY
        return following

    def add_working_days(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``; ``day`` itself for 0. Raises ValueError below."""
        if n < 0:
            raise ValueError("n must not be negative")
        for _ in range(n):
            day = self.next_working_day(day)
        return day

    def known(self, year: int) -> bool:
        """Whether the official schedule of the year is here.

        Every official schedule shifts weekends; without one only the fixed holidays are known.
        """
        return year in self._known


_ORDINARY = WorkingCalendar({})


def is_ordinary(day: date, *, working: bool) -> bool:
    """Whether a day's weekday says that of it already."""
    return _ORDINARY.is_working_day(day) is working


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
        # On a Sunday tomorrow is called next Monday, which says no day.
        QuickDay(name, day, near=is_near and day == tomorrow != next_week)
        for day, name in sorted(days.items())
    ]


def hold_days(calendar: WorkingCalendar, today: date) -> list[QuickDay]:
    """Two weeks, a month and three months on, moved to days on which people work."""
    days = {
        today + timedelta(days=14): msg("两周后"),
        _months_on(today, 1): msg("一个月后"),
        _months_on(today, 3): msg("三个月后"),
    }
    return [QuickDay(name, _from(calendar, day), near=False) for day, name in days.items()]


def _months_on(day: date, n: int) -> date:
    """The same day so many months on, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _from(calendar: WorkingCalendar, day: date) -> date:
    return calendar.next_working_day(day - timedelta(days=1))


def between(first: date, last: date) -> list[date]:
    """Every day from the first to the last; none when the last is earlier."""
    return [first + n * _DAY for n in range((last - first).days + 1)]


def wrong_span(first: date | None, last: date | None) -> dict[str, list[Message]]:
    """What can not be right about the days that somebody wants to change, by field."""
    if first is None:
        return {"first": [msg("请选一个日期。")]}
    if first.year not in YEARS:
        return {"first": [msg("请填 2000 年到 2099 年之间的日期。")]}
    if last is not None and last < first:
        return {"last": [msg("最后一天不能早于第一天。")]}
    if last is not None and (last - first).days >= MOST_DAYS:
        return {"last": [msg("一次最多 %(n)s 天，请分几次填。", n=MOST_DAYS)]}
    return {}


def spans(days: Iterable[Day]) -> list[Span]:
    """Days in order as people announce them: free days in a row with the weekends between them."""
    found: list[Span] = []
    for one in days:
        last = found[-1] if found else None
        if last and last.working is one.working and _joins(last.last, one):
            found[-1] = replace(last, last=one.day, name=last.name or one.name)
        else:
            found.append(_alone(one))
    return found


def turns(changed: Iterable[tuple[Day, Day]]) -> list[Turn]:
    """Days in order, before and after a change, in a row where the same was done to them."""
    found: list[Turn] = []
    for before, after in changed:
        last = found[-1] if found else None
        if last and _same(last.before, before) and _same(last.after, after):
            joined = (replace(span, last=after.day) for span in (last.before, last.after))
            found[-1] = Turn(*joined)
        else:
            found.append(Turn(_alone(before), _alone(after)))
    return found


def _alone(one: Day) -> Span:
    return Span(one.day, one.day, one.working, one.name)


def _same(span: Span, one: Day) -> bool:
    said = (span.working, span.name) == (one.working, one.name)
    return said and _joins(span.last, one)


def _joins(last: date, one: Day) -> bool:
    """Whether only natural weekend days lie between; days worked join where they touch."""
    gap = between(last + _DAY, one.day - _DAY)
    return not gap if one.working else not any(map(_ORDINARY.is_working_day, gap))
