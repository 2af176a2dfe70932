"""China's working days: weekends are free, public holidays too, shifted weekends are worked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import holidays

_SATURDAY = 5
_DAY = timedelta(days=1)


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


def official_calendar(years: Iterable[int]) -> WorkingCalendar:
    """The calendar as published; of a year not published yet, the holidays that follow from law."""
    wanted = set(years)
    china = holidays.country_holidays("CN", years=wanted)
    exceptions = {day: False for day in china if day.year in wanted}
    exceptions |= {day: True for day in china.weekend_workdays if day.year in wanted}
    return WorkingCalendar(exceptions)
