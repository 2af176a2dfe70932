"""The calendar as the state council publishes it."""

from __future__ import annotations

from collections.abc import Iterable

import holidays

from crm.working_days.rules import WorkingCalendar


def official_calendar(years: Iterable[int]) -> WorkingCalendar:
    """The calendar as published; of a year not published yet, the holidays that follow from law."""
    wanted = set(years)
    china = holidays.country_holidays("CN", years=wanted)
    exceptions = {day: False for day in china if day.year in wanted}
    exceptions |= {day: True for day in china.weekend_workdays if day.year in wanted}
    return WorkingCalendar(exceptions)
