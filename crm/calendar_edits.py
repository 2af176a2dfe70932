"""What an administrator corrects in China's working days: whole holidays, and weekends worked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from crm.errors import Refusal
from crm.messages import Message, msg
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import NAME_LENGTH, CalendarDay

YEARS = range(2000, 2100)
LONGEST = 31
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days in a row that are free, or weekend days in a row that are worked."""

    first: date
    last: date
    working: bool
    name: str = ""

    @property
    def days(self) -> int:
        """How many days, the weekends between counted."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Before:
    """What the calendar said of a day before it was changed; None: what its weekday says."""

    day: date
    working: bool | None
    name: str = ""


def days_of(year: int) -> list[CalendarDay]:
    """The days of a year that are not what their weekday says, in order (one query)."""
    between = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(db.session.scalars(sa.select(CalendarDay).where(between).order_by(CalendarDay.day)))


def spans(days: Iterable[CalendarDay]) -> list[Span]:
    """The same as people announce it: free days in a row with the weekends between them."""
    found: list[Span] = []
    for one in days:
        last = found[-1] if found else None
        if last and last.working is one.working and _joins(last.last, one.day, one.working):
            found[-1] = Span(last.first, one.day, one.working, last.name or one.name)
        else:
            found.append(Span(one.day, one.day, one.working, one.name))
    return found


def mark(first: date | None, last: date | None, *, working: bool, name: str = "") -> list[Before]:
    """Say that these days are worked, or free; what was there before, to bring it back.

    Raises Refusal at the field that can not be right, and when nothing would change.
    """
    if wrong := _wrong(first, last, name):
        raise Refusal(wrong)
    assert first  # noqa: S101 (said above)
    before = _mark(_between(first, last or first), working=working, name=name.strip())
    if not before:
        message = msg("这几天本来就上班。") if working else msg("这几天本来就休息。")
        raise Refusal({"first": [message]})
    return before


def unmark(first: date, last: date) -> list[Before]:
    """Let these days be what their weekday says; what was there before."""
    days = {one.day: one for one in _known(first, last)}
    before = [Before(one.day, one.working, one.name) for one in days.values()]
    for one in days.values():
        db.session.delete(one)
    db.session.flush()
    return before


def put_back(before: Sequence[Before]) -> None:
    """Bring back what ``mark`` or ``unmark`` found."""
    for was in before:
        one = db.session.get(CalendarDay, was.day)
        if was.working is None:
            if one is not None:
                db.session.delete(one)
        elif one is None:
            db.session.add(CalendarDay(day=was.day, working=was.working, name=was.name))
        else:
            one.working, one.name = was.working, was.name
    db.session.flush()


def _joins(last: date, day: date, working: bool) -> bool:
    """Whether only natural weekend days lie between; days worked join where they touch."""
    between = _between(last + _DAY, day - _DAY)
    return not between if working else not any(map(WorkingCalendar({}).is_working_day, between))


def _mark(days: Sequence[date], *, working: bool, name: str) -> list[Before]:
    known = {one.day: one for one in _known(days[0], days[-1])}
    ordinary = WorkingCalendar({})
    before = []
    for day in days:
        one = known.get(day)
        if ordinary.is_working_day(day) is working:
            if one is not None:
                before.append(Before(day, one.working, one.name))
                db.session.delete(one)
        elif one is None:
            before.append(Before(day, None))
            db.session.add(CalendarDay(day=day, working=working, name=name))
        elif (one.working, one.name) != (working, name):
            before.append(Before(day, one.working, one.name))
            one.working, one.name = working, name
    db.session.flush()
    return before


def _known(first: date, last: date) -> list[CalendarDay]:
    query = sa.select(CalendarDay).where(CalendarDay.day.between(first, last))
    return list(db.session.scalars(query.order_by(CalendarDay.day)))


def _between(first: date, last: date) -> list[date]:
    return [first + n * _DAY for n in range((last - first).days + 1)]


def _wrong(first: date | None, last: date | None, name: str) -> dict[str, list[Message]]:
    if first is None:
        return {"first": [msg("请选一个日期。")]}
    if first.year not in YEARS:
        return {"first": [msg("请填 2000 年到 2099 年之间的日期。")]}
    if last is not None and last < first:
        return {"last": [msg("最后一天不能早于第一天。")]}
    if last is not None and (last - first).days >= LONGEST:
        return {"last": [msg("一次最多 %(n)s 天，请分几次填。", n=LONGEST)]}
    if len(name.strip()) > NAME_LENGTH:
        return {"name": [msg("最多 %(n)s 字，请写短一些。", n=NAME_LENGTH)]}
    return {}
