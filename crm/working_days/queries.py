"""China's working days as the records have them, and who changed what of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.audit import history
from crm.working_days.rules import Day, Turn, WorkingCalendar, turns
from models import db
from models.audit import Change
from models.calendar_day import CalendarDay


@dataclass(frozen=True)
class Edit:
    """What somebody did to the calendar at one moment."""

    at: datetime
    who: str
    turns: list[Turn]


def working_calendar(first: date, last: date) -> WorkingCalendar:
    """The calendar of all years from ``first`` to ``last`` (one query)."""
    rows = db.session.execute(
        sa.select(CalendarDay.day, CalendarDay.working).where(
            CalendarDay.day.between(date(first.year, 1, 1), date(last.year, 12, 31))
        )
    )
    return WorkingCalendar({row.day: row.working for row in rows})


def days_between(first: date, last: date) -> list[CalendarDay]:
    """The days that are not what their weekday says, in order (one query)."""
    query = sa.select(CalendarDay).where(CalendarDay.day.between(first, last))
    return list(db.session.scalars(query.order_by(CalendarDay.day)))


def as_day(one: CalendarDay) -> Day:
    """What the record says of its day."""
    return Day(one.day, one.working, one.name)


def edits_of(days: Iterable[Day], first: date, last: date) -> list[Edit]:
    """The newest edits of the days from ``first`` to ``last`` (one query), the last one first.

    ``days`` is what stands now: each edit is read back from it, so that the trail need not say of
    a field what it does not change.
    """
    stands = {one.day: one for one in days}
    found = []
    for edit in history.edits(
        Change.subject == CalendarDay.audit_subject,
        Change.subject_id.between(first.toordinal(), last.toordinal()),
    ):
        after: dict[date, Day] = {}
        for change in reversed(edit.changes):
            day = date.fromordinal(change.subject_id)
            now = stands.get(day, Day(day))
            after.setdefault(day, now)
            stands[day] = _undone(now, change)
        pairs = [(stands[day], after[day]) for day in sorted(after)]
        found.append(Edit(edit.at, edit.who, turns(pairs)))
    return found


def _undone(now: Day, change: Change) -> Day:
    """What the calendar said of a day before this change."""
    values: Any = change.before
    was: dict[str, Any] = (values or {}) if change.field == "*" else {change.field: values}
    stood = Day(now.day) if change.field == "*" else now
    return replace(stood, **{name: was[name] for name in ("working", "name") if name in was})
