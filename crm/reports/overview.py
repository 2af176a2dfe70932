"""The overview: one page from the parts beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm import clock
from crm.access import Actor
from crm.companies.queries import editions
from crm.offers.queries import Waiting, awaiting_decision
from crm.reports.coordination import CoordinationList, figures
from crm.reports.decisions import stuck
from crm.reports.figure import Figure
from crm.reports.forecast.queries import LandingForecast, landing_forecast
from crm.reports.goals import GoalLine, goals
from crm.reports.landed import Landed, landed
from crm.reports.results import Results, results
from crm.reports.standing import AFTER_SIGNING, Standing, standing
from crm.reports.visiting import Visiting, visiting
from crm.spans import Period, Span, week_of
from crm.targets.queries import Standing as Coverage
from crm.targets.queries import standings
from models.lead import Lead
from models.target import ListEdition


@dataclass(frozen=True)
class Overview:
    """Everything that the page shows, of one period, as known at one moment."""

    period: Period
    span: Span
    known_at: datetime
    standing: Standing
    results: Results
    landed: Landed
    forecast: LandingForecast
    visiting: Visiting
    lists: Sequence[tuple[CoordinationList, Figure]]
    waiting: Sequence[Waiting]
    stuck: Sequence[Lead]
    editions: Sequence[ListEdition]
    coverage: Mapping[int, Coverage]
    goals: Sequence[GoalLine]

    def figures(self) -> Iterator[Figure]:
        """Every figure of the page but those of the lists, which are coverage."""
        stand, came = self.standing, self.results
        for row in (*stand.rows, stand.total):
            yield from (row.leads, row.stalled, row.overdue)
            for cell in row.cells:
                yield from (cell.leads, cell.stalled)
        yield from (stand.ongoing, stand.resting, stand.on_hold)
        yield from (stand.after_signing, *stand.causes.values())
        yield from (came.registered, came.signed, came.landed, came.expansions)
        yield from (came.ahead, came.missed, *(month.leads for month in came.months))
        yield from self.landed.figures()
        made = self.visiting
        yield from (made.all, made.out, made.received, made.video)
        yield from made.by_team.values()
        yield from (figure for _list, figure in self.lists)
        yield from (line.actual for line in self.goals if line.actual is not None)


def overview(actor: Actor, period: Period, now: datetime) -> Overview:
    """The page of what this actor may see (fourteen statements at most)."""
    today = clock.local_date(now)
    span = period.span(today)
    where, came = standing(actor, today), landed(actor, today)
    return Overview(
        period=period,
        span=span,
        known_at=now,
        standing=where,
        results=results(actor, span, today),
        landed=came,
        forecast=landing_forecast(actor, where.counts, came.this, today),
        visiting=visiting(actor, week_of(today)),
        lists=figures(where.counts),
        waiting=awaiting_decision(actor),
        stuck=stuck(actor, AFTER_SIGNING, today) if where.after_signing.value else [],
        editions=editions(),
        coverage=standings(now),
        goals=goals(actor),
    )
