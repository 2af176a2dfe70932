"""What an administrator corrects in China's working days: whole holidays, and weekends worked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crm.errors import Refusal
from crm.messages import msg
from crm.texts import too_long
from crm.working_days.queries import as_day, days_between
from crm.working_days.rules import Day, between, is_ordinary, wrong_span
from models import db
from models.calendar_day import NAME_LENGTH, CalendarDay


def mark(first: date | None, last: date | None, *, working: bool, name: str = "") -> list[Day]:
    """Say that these days are worked, or free; what was there before, to bring it back.

    Raises Refusal at the field that can not be right, and when nothing would change.
    """
    wrong = wrong_span(first, last)
    if not wrong and (text := too_long(name.strip(), NAME_LENGTH)):
        wrong = {"name": [text]}
    if wrong:
        raise Refusal(wrong)
    assert first  # noqa: S101 (said above)
    wanted = [
        Day(day) if is_ordinary(day, working=working) else Day(day, working, name.strip())
        for day in between(first, last or first)
    ]
    before = _write(wanted)
    if not before:
        message = msg("这几天本来就上班。") if working else msg("这几天本来就休息。")
        raise Refusal({"first": [message]})
    return before


def unmark(first: date, last: date) -> list[Day]:
    """Let these days be what their weekday says; what was there before."""
    return _write([Day(one.day) for one in days_between(first, last)])


def put_back(before: Sequence[Day]) -> None:
    """Bring back what ``mark`` or ``unmark`` found."""
    _write(before)


def _write(wanted: Sequence[Day]) -> list[Day]:
    """Let the calendar say this of days in order; what it said of those that it changed."""
    if not wanted:
        return []
    known = {one.day: one for one in days_between(wanted[0].day, wanted[-1].day)}
    before = []
    for want in wanted:
        one = known.get(want.day)
        was = as_day(one) if one else Day(want.day)
        if want == was:
            continue
        before.append(was)
        if want.working is None:
            db.session.delete(one)
        elif one is None:
            db.session.add(CalendarDay(day=want.day, working=want.working, name=want.name))
        else:
            one.working, one.name = want.working, want.name
    db.session.flush()
    return before
