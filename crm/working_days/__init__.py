"""China's working days: weekends are free, public holidays too, shifted weekends are worked."""

from crm.working_days.official import official_calendar
from crm.working_days.rules import HOLDS, WorkingCalendar, hold_days, quick_days

__all__ = ["HOLDS", "WorkingCalendar", "hold_days", "official_calendar", "quick_days"]
