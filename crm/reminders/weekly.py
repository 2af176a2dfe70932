"""What a manager hears once a week: leads of others that went on for too long. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from crm.reminders.rulebook import OWN, To
from crm.working_days import WorkingCalendar
from models.enums import Role, RuleKind

_DAY = timedelta(days=1)


def is_weekly(to: To, kind: RuleKind, role: Role) -> bool:
    """Whether somebody of that role hears with the week's mail what a step says to them.

    What a manager is asked for themselves, and what waits for their decision, comes every day.
    """
    return role is Role.MANAGER and to not in OWN and kind is not RuleKind.OFFER


def said_from(found_on: date, calendar: WorkingCalendar) -> date:
    """The day from which something that was found on a day is said: a week's first working day.

    "From": a week's mail that was not written is made up for by the next day's.
    """
    day = found_on
    while not _begins_a_week(day, calendar):
        day += _DAY
    return day


def _begins_a_week(day: date, calendar: WorkingCalendar) -> bool:
    monday = day - timedelta(days=day.weekday())
    earlier = (monday + timedelta(days=n) for n in range(day.weekday()))
    return calendar.is_working_day(day) and not any(map(calendar.is_working_day, earlier))
