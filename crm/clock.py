"""The only place that asks what time it is. ``CRM_TIMEZONE`` is where the teams work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import MAXYEAR, MINYEAR, date, datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # nobody's name; a path; a folder of names
        raise ZoneInfoNotFoundError(name) from None


# Shanghai's, unless another city's teams work elsewhere.
ZONE = _zone(os.environ.get("CRM_TIMEZONE") or "Asia/Shanghai")

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Inside it is that moment: the demo tells a story that began years ago."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def now() -> datetime:
    """This moment, aware, in UTC. ``CRM_NOW`` stops the clock, in a demo only."""
    if (moment := _told.get()) is not None:
        return moment
    if os.environ.get("CRM_DEMO") == "1" and (fixed := os.environ.get("CRM_NOW")):
        return moment_of(fixed)
    return datetime.now(timezone.utc)


def today() -> date:
    """Today's date where the teams work."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """The date on which a moment falls where the teams work."""
    return moment.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins where the teams work, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(timezone.utc)


def moment_of(text: str) -> datetime:
    """Read ISO 8601; without an offset it is the time where the teams work.

    Raises ValueError, also for the first and the last year of the calendar: elsewhere on Earth such
    a moment may be of a year that there is not.
    """
    parsed = datetime.fromisoformat(text)
    if parsed.year in {MINYEAR, MAXYEAR}:
        raise ValueError(f"{text!r} is at the end of the calendar")
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=ZONE)
    return parsed.astimezone(timezone.utc)
