"""Days that people may name: their years, spans of them, and the periods of a report. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from crm.messages import Message, msg

# A day of another year is a slip, or stands for "no end". Whatever counts on or back from a day has
# room between these and the ends of the calendar, beyond which nothing can be counted.
YEARS = (2000, 2100)


def wrong_year(day: date | None) -> Message | None:
    """What is wrong with the year of a day that somebody names; None when it will do."""
    first, last = YEARS
    if day is None or first <= day.year <= last:
        return None
    return msg("年份应在 %(first)s 到 %(last)s 之间，请核对。", first=str(first), last=str(last))


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included; None: open on that side."""

    first: date | None = None
    last: date | None = None

    def __str__(self) -> str:
        """As it stands in an address: ``2026-10-01..2026-12-31``."""
        return f"{self.first or ''}..{self.last or ''}"

    @property
    def words(self) -> Message:
        """As people say it."""
        if self.first is None and self.last is not None:
            return msg("%(last)s 及以前", last=self.last)
        if self.last is None and self.first is not None:
            return msg("%(first)s 及以后", first=self.first)
        if self.first == self.last and self.first is not None:
            return msg("%(first)s", first=self.first)
        if self.first is not None and self.last is not None:
            return msg("%(first)s–%(last)s", first=self.first, last=self.last)
        return msg("任何一天")


def read_span(text: str) -> Span | None:
    """Read what ``str(span)`` wrote; None when it is no span, its end is before its start, or one
    of them is of a year that no day is of."""
    first, dots, last = text.partition("..")
    if not dots or not (first or last):
        return None
    try:
        span = Span(*(date.fromisoformat(part) if part else None for part in (first, last)))
    except ValueError:
        return None
    if wrong_year(span.first) or wrong_year(span.last):
        return None
    return None if span.first and span.last and span.last < span.first else span


def week_of(today: date) -> Span:
    """Monday to Sunday of that day's week."""
    return Span(monday_of(today), monday_of(today) + timedelta(days=6))


def monday_of(day: date) -> date:
    """The first day of that day's week."""
    return day - timedelta(days=day.weekday())


def month_end(day: date) -> date:
    """The last day of that day's month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


class Period(enum.StrEnum):
    """What a report covers, by the calendar."""

    QUARTER = "quarter"
    YEAR = "year"
    TWO_YEARS = "two_years"

    def span(self, today: date) -> Span:
        """The period that the day is in; two years are the last and this one."""
        match self:
            case Period.QUARTER:
                first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
                return Span(first, month_end(first.replace(month=first.month + 2)))
            case Period.YEAR:
                return Span(date(today.year, 1, 1), date(today.year, 12, 31))
            case Period.TWO_YEARS:
                return Span(date(today.year - 1, 1, 1), date(today.year, 12, 31))

    @property
    def short(self) -> Message:
        """What it is called in a word or two."""
        words = {
            Period.QUARTER: msg("本季"),
            Period.YEAR: msg("今年"),
            Period.TWO_YEARS: msg("两年"),
        }
        return words[self]

    def words(self, today: date) -> Message:
        """Which period it is, said in full."""
        match self:
            case Period.QUARTER:
                quarter = (today.month + 2) // 3
                return msg("%(year)s 年第 %(quarter)s 季度", year=str(today.year), quarter=quarter)
            case Period.YEAR:
                return msg("%(year)s 年", year=str(today.year))
            case Period.TWO_YEARS:
                return msg("%(first)s–%(last)s 年", first=str(today.year - 1), last=str(today.year))
