"""What stands on a day of the calendar, in which order, and which days a page of it shows."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm.leads.words import FIELD_WORDS, TASK_WORDS
from crm.messages import Message, msg
from crm.spans import monday_of, month_end
from models.enums import VisitMode


class EntryKind(enum.StrEnum):
    """What an entry is, in the order of a day without hours."""

    TRIP = "trip"
    SIGNING = "signing"
    LANDING = "landing"
    LANDED = "landed"
    WAKING = "waking"
    DIRECTIVE = "directive"
    PROMISE = "promise"
    AWAITED = "awaited"
    """What the company promised."""
    NEXT_STEP = "next_step"
    TASK = "task"
    MATTER = "matter"
    APPOINTMENT = "appointment"
    VISIT = "visit"


KIND_WORDS: dict[EntryKind, Message] = {
    EntryKind.TRIP: msg("出差"),
    EntryKind.SIGNING: FIELD_WORDS["expected_signing_on"],
    EntryKind.LANDING: FIELD_WORDS["expected_landing_on"],
    EntryKind.LANDED: msg("落地"),
    EntryKind.WAKING: msg("恢复跟进"),
    **{EntryKind(kind.value): words for kind, words in TASK_WORDS.items()},
    EntryKind.AWAITED: msg("对方承诺"),
    EntryKind.APPOINTMENT: msg("约定"),
    EntryKind.VISIT: msg("走访"),
}
# What a person puts on another day by moving it; the others' days are said elsewhere or are past.
MOVABLE = frozenset(
    {
        EntryKind.SIGNING,
        EntryKind.LANDING,
        EntryKind.NEXT_STEP,
        EntryKind.TASK,
        EntryKind.APPOINTMENT,
    }
)
_TO_SUNDAY = timedelta(days=6)
_ORDER = {kind: number for number, kind in enumerate(EntryKind)}


@dataclass(frozen=True)
class Entry:
    """One thing on one day. ``public_id`` is the trip's, visit's, task's or else the lead's own.

    ``at`` is the moment of what has an hour, ``until`` the end of what has one; ``stamp`` is when
    this was last written down, ``sequence`` how often its moment was told anew, ``last`` the last
    day of what goes on for some. A trip has its city where others have their company.
    """

    kind: EntryKind
    day: date
    public_id: str
    company: str
    stamp: datetime
    text: str = ""
    who: str | None = None
    lead: str | None = None
    at: datetime | None = None
    mode: VisitMode | None = None
    movable: bool = False
    until: datetime | None = None
    place: str = ""
    sequence: int = 0
    cancelled: bool = False
    last: date | None = None

    @property
    def days(self) -> list[date]:
        """Every day that it stands on."""
        return [
            self.day + timedelta(days=n)
            for n in range(((self.last or self.day) - self.day).days + 1)
        ]


class Look(enum.StrEnum):
    """How many days a page shows."""

    WEEK = "week"
    MONTH = "month"
    DAY = "day"


def days_of(look: Look, on: date) -> tuple[date, date]:
    """First and last day of the page that holds ``on``; a month has whole weeks from Monday."""
    match look:
        case Look.DAY:
            return on, on
        case Look.WEEK:
            return monday_of(on), monday_of(on) + _TO_SUNDAY
        case Look.MONTH:
            return monday_of(on.replace(day=1)), monday_of(month_end(on)) + _TO_SUNDAY


def turned(look: Look, on: date) -> tuple[date, date]:
    """A day of the page before, and of the page after."""
    match look:
        case Look.DAY:
            return on - timedelta(days=1), on + timedelta(days=1)
        case Look.WEEK:
            return on - timedelta(days=7), on + timedelta(days=7)
        case Look.MONTH:
            first = on.replace(day=1)
            return (first - timedelta(days=1)).replace(day=1), month_end(on) + timedelta(days=1)


def by_day(entries: Iterable[Entry]) -> dict[date, list[Entry]]:
    """Each day's entries in reading order: what has no hour first, then by the hour."""
    found: dict[date, list[Entry]] = {}
    for entry in sorted(entries, key=_reading):
        for day in entry.days:
            found.setdefault(day, []).append(entry)
    return found


def _reading(entry: Entry) -> tuple[bool, float, int, str]:
    at = entry.at.timestamp() if entry.at else 0.0
    return entry.at is not None, at, _ORDER[entry.kind], entry.public_id
