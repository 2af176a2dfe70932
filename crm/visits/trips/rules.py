"""What a trip must say, and the order of its stops."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm import texts
from crm.messages import Message, msg, nmsg
from crm.spans import wrong_year
from models.enums import VisitMode

MOST_DAYS = 60
# A target that nobody reached for so long is worth a visit on the way.
COLD_DAYS = 90
LONGEST = {"purpose": 200, "note": 200, "conclusions": 4000}
# What a visit of a traveller is; calls and messages need no trip.
ON_THE_ROAD = (VisitMode.OUT, VisitMode.EVENT)

Errors = dict[str, list[Message]]


class TripState(enum.StrEnum):
    """Where a trip stands on a day."""

    AHEAD = "ahead"
    UNDER_WAY = "under_way"
    OVER = "over"
    CANCELLED = "cancelled"


STATE_WORDS: dict[TripState, Message] = {
    TripState.AHEAD: msg("未出发"),
    TripState.UNDER_WAY: msg("进行中"),
    TripState.OVER: msg("已结束"),
    TripState.CANCELLED: msg("已取消"),
}


def state_of(first_on: date, last_on: date, today: date, *, cancelled: bool) -> TripState:
    """Where a trip stands today."""
    if cancelled:
        return TripState.CANCELLED
    if today < first_on:
        return TripState.AHEAD
    return TripState.UNDER_WAY if today <= last_on else TripState.OVER


def check_trip(first_on: date | None, last_on: date | None, purpose: str, members: int) -> Errors:
    """What is wrong with a trip as it was typed, by field."""
    found = {
        "first_on": wrong_year(first_on) if first_on else msg("请选出发的日期。"),
        "last_on": _wrong_end(first_on, last_on),
        "purpose": _wrong_purpose(purpose),
        "members": None if members else msg("至少选一位去的人。"),
    }
    return {name: [message] for name, message in found.items() if message}


def _wrong_end(first_on: date | None, last_on: date | None) -> Message | None:
    if last_on is None:
        return msg("请选回来的日期；当天来回就选同一天。")
    if (wrong := wrong_year(last_on)) or first_on is None:
        return wrong
    if last_on < first_on:
        return msg("回来的日期在出发之前，请改其中一个。")
    if (last_on - first_on).days >= MOST_DAYS:
        return msg("一次出差最多 %(n)s 天，请分成几次来建。", n=MOST_DAYS)
    return None


def _wrong_purpose(purpose: str) -> Message | None:
    if not purpose.strip():
        return msg("写一句这次去做什么。")
    return too_long("purpose", purpose)


def too_long(name: str, text: str) -> Message | None:
    """What is wrong with a text by its length; None when it will do."""
    return texts.too_long(text.strip(), LONGEST[name])


def check_day(day: date | None, first_on: date, last_on: date) -> Message | None:
    """What is wrong with the day of a stop."""
    if day is not None and first_on <= day <= last_on:
        return None
    return msg("请选出差的这几天：%(first)s–%(last)s。", first=first_on, last=last_on)


def days_of(first_on: date, last_on: date) -> list[date]:
    """The days of a trip."""
    return [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]


@dataclass(frozen=True)
class Planned:
    """A stop on its day; a plan is a sequence of these, by day and within it in their order."""

    key: str
    day: date


def shifted(
    plan: Sequence[Planned], before: tuple[date, date], now: tuple[date, date]
) -> tuple[list[Planned], Message | None]:
    """The plan on other days of the trip: a trip put off takes its stops along.

    One made shorter leaves them where they are, and the second says what stands outside then.
    """
    (first, last), (new_first, new_last) = before, now
    if last - first == new_last - new_first:
        by = new_first - first
        return [Planned(one.key, one.day + by) for one in plan], None
    outside = sum(not new_first <= one.day <= new_last for one in plan)
    if outside:
        text = nmsg("有 %(n)s 家排在这几天之外，请先在行程里改它们的日期。", outside)
        return list(plan), text
    return list(plan), None


def placed(plan: Sequence[Planned], key: str, day: date, before: str | None) -> list[Planned]:
    """The plan with a stop put on a day: before another of that day, else at the day's end."""
    others = [one for one in plan if one.key != key]
    at = next((n for n, one in enumerate(others) if (one.key, one.day) == (before, day)), None)
    if at is None:
        at = sum(one.day <= day for one in others)
    return [*others[:at], Planned(key, day), *others[at:]]


def nudged(
    plan: Sequence[Planned], key: str, by: int, first_on: date, last_on: date
) -> list[Planned]:
    """The plan with a stop one place up (``by`` -1) or down (1).

    Past the first or last of its day it goes to the day beside; at the ends of the trip it stays.
    """
    at = next(n for n, one in enumerate(plan) if one.key == key)
    mine, beside = plan[at], at + by
    if 0 <= beside < len(plan) and plan[beside].day == mine.day:
        swapped = list(plan)
        swapped[at], swapped[beside] = swapped[beside], swapped[at]
        return swapped
    day = mine.day + timedelta(days=by)
    if not first_on <= day <= last_on:
        return list(plan)
    return [*plan[:at], Planned(key, day), *plan[at + 1 :]]
