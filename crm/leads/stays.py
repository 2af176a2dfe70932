"""How long a lead stayed in each stage, from its stage changes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm.leads.clock import StageClock
from models.enums import Stage, Status


@dataclass(frozen=True)
class Step:
    """A stage change, reduced to what a clock sees."""

    on: date
    stage: Stage
    status: Status


def days_by_stage(steps: Iterable[Step], today: date) -> dict[Stage, int]:
    """Days spent in each stage, holds and losses left out; stays in one stage add up."""
    days: dict[Stage, int] = defaultdict(int)
    clock: StageClock | None = None
    stage: Stage | None = None
    for step in steps:
        if clock is None or stage is not step.stage:
            if clock is not None and stage is not None:
                days[stage] += clock.days(step.on)
            clock, stage = StageClock(step.on), step.stage
        clock = clock.woken(step.on) if step.status is Status.ACTIVE else clock.held(step.on)
    if clock is not None and stage is not None:
        days[stage] += clock.days(today)
    return dict(days)
