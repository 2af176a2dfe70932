"""The clock of a lead's present stay in its stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm.leads.stages import protection, stage_info
from models.enums import Stage, Status


@dataclass(frozen=True)
class StageClock:
    """Since when the stay lasts, the days of its past holds, and since when it is held now."""

    since: date
    held_days: int = 0
    held_since: date | None = None

    def held(self, today: date) -> StageClock:
        """Stop the clock; a clock that stands goes on standing."""
        return self if self.held_since else replace(self, held_since=today)

    def woken(self, today: date) -> StageClock:
        """Let the clock go on; the days it stood are kept."""
        return StageClock(self.since, self.held_days + self._standing(today))

    def days(self, today: date) -> int:
        """Calendar days of the stay without its holds, never below 0."""
        passed = (today - self.since).days - self.held_days - self._standing(today)
        return max(0, passed)

    def _standing(self, today: date) -> int:
        return max(0, (today - self.held_since).days) if self.held_since else 0


def stalls_on(stage: Stage, clock: StageClock, status: Status) -> date | None:
    """The first day on which the lead counts as stalled: its days are above the stage's limit.

    None while it can not stall: not active, or in a stage without a limit.
    """
    limit = stage_info(stage).stalled_after
    if status is not Status.ACTIVE or limit is None:
        return None
    return clock.since + timedelta(days=clock.held_days + limit + 1)


def is_stalled(stage: Stage, clock: StageClock, status: Status, today: date) -> bool:
    """Active, and longer in the stage than its limit."""
    first = stalls_on(stage, clock, status)
    return first is not None and first <= today


def protected_until(first_reported: date, last_touch: date | None) -> date:
    """The last day of the holder's protection: counted from the later of report and last touch."""
    start = max(first_reported, last_touch) if last_touch else first_reported
    return start + timedelta(days=protection().days)
