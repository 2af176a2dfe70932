"""Whether somebody may be written to now, outside of the day's mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from crm.clock import ZONE
from crm.working_days import WorkingCalendar

MOST_AN_HOUR = 3
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Quiet:
    """The hours in which nobody is disturbed, where the teams work; they may go over midnight."""

    begins: time = time(20)
    ends: time = time(8, 30)

    def holds(self, at: time) -> bool:
        """Whether that time of day lies in them; never where both are the same."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def may_send_now(
    at: datetime, sent: Iterable[datetime], calendar: WorkingCalendar, quiet: Quiet
) -> bool:
    """Whether one more mail may go to a person at that moment; what may not waits for the digest.

    ``sent`` are the moments of the mails that this person got out of turn.
    """
    local = at.astimezone(ZONE)
    lately = sum(at - _HOUR < moment for moment in sent)
    return (
        lately < MOST_AN_HOUR
        and calendar.is_working_day(local.date())
        and not quiet.holds(local.time())
    )
