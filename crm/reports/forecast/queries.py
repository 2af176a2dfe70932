"""What will land: of the leads that somebody may read, by the shares that were observed last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.access import READER, Actor, sees_the_city
from crm.leads.counting import Count
from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure
from crm.reports.forecast.rules import (
    AHEAD,
    ON_THEIR_WAY,
    SHOWN_QUARTERS,
    Observed,
    Points,
    Quarter,
    Rates,
    left_of_quarter,
    points,
    quarters_until,
    rising,
    weights_of,
)
from crm.reports.landed import landed
from crm.reports.standing import counts_by_stage
from models import db
from models.enums import Stage
from models.landing_goal import LandingGoal
from models.landing_rate import LandingRate


@dataclass(frozen=True)
class Ahead:
    """A quarter, this one as far as it is left: what lands in it, and from today to its end."""

    quarter: Quarter
    points: Points | None
    until_end: Points | None


@dataclass(frozen=True)
class Year:
    """A year: its goal, and what will have landed by its end; ``points`` count this year's landings
    so far."""

    year: int
    goal: int | None
    points: Points | None

    @property
    def short(self) -> int | None:
        """How many are missing most likely, negative for those above; None where one is unknown."""
        return None if self.goal is None or self.points is None else self.goal - self.points.likely


@dataclass(frozen=True)
class LandingForecast:
    """All of it as of today. ``as_of`` is the day of the shares; None: none were observed yet."""

    today: date
    as_of: date | None
    rates: Rates
    standing: Mapping[Stage, Figure]
    landed: Figure
    path: Sequence[Ahead]
    """This quarter and those after it to the end of the next year."""
    years: Sequence[Year]

    @property
    def quarters(self) -> Sequence[Ahead]:
        """Those that are said one by one."""
        return self.path[:SHOWN_QUARTERS]

    @property
    def shown(self) -> bool:
        """Whether any quarter has a range, of leads that there are."""
        return bool(self.whole) and any(one.points for one in self.quarters)

    @property
    def whole(self) -> int:
        """How many leads are on their way."""
        return sum(one.value for one in self.standing.values())

    def figures(self) -> Iterator[Figure]:
        """The leads that it is made of."""
        yield from self.standing.values()


@dataclass(frozen=True)
class _Known:
    """What is on record."""

    as_of: date | None
    rates: Rates
    goals: Mapping[int, int]


def landing_forecast(
    actor: Actor, counts: Mapping[Stage, Count], landed_so_far: Figure, today: date
) -> LandingForecast:
    """What becomes of the leads that the actor may read (one statement); ``counts`` of those that
    are not lost, ``landed_so_far`` is what landed this year.

    A goal is the city's: it is known to who sees all of it.
    """
    known = _known(today)
    n: dict[Stage, int] = {stage: counts.get(stage, Count()).n for stage in ON_THEIR_WAY}
    left = left_of_quarter(today)
    quarters = quarters_until(today, today.year + 1)
    to_end = rising([_points(n, known.rates, 0, ahead, left) for ahead in range(len(quarters))])
    path = [
        Ahead(quarter, _points(n, known.rates, ahead, ahead, left), until)
        for ahead, (quarter, until) in enumerate(zip(quarters, to_end, strict=True))
    ]
    goals = known.goals if sees_the_city(actor) else {}
    this = sum(one.quarter.first.year == today.year for one in path)
    until = path[this - 1].until_end
    following = _points(n, known.rates, this, len(quarters) - 1, left)
    return LandingForecast(
        today=today,
        as_of=known.as_of,
        rates=known.rates,
        standing={stage: _standing(stage, n[stage]) for stage in ON_THEIR_WAY},
        landed=landed_so_far,
        path=path,
        years=[
            Year(today.year, goals.get(today.year), until and until.after(landed_so_far.value)),
            Year(today.year + 1, goals.get(today.year + 1), following),
        ],
    )


def forecast_of(actor: Actor, today: date) -> LandingForecast:
    """The same on a page of its own (three statements)."""
    return landing_forecast(actor, counts_by_stage(actor), landed(actor, today).this, today)


def city_forecast(today: date) -> LandingForecast:
    """The same of all leads, for a command that nobody has signed in to."""
    return forecast_of(READER, today)


def _points(
    n: Mapping[Stage, int], rates: Rates, first: int, last: int, left: float
) -> Points | None:
    return points(n, rates, weights_of(first, last, left))


def _standing(stage: Stage, n: int) -> Figure:
    return Figure(f"standing-{stage}", n, LeadFilter(stage=stage))


def _known(today: date) -> _Known:
    """The last shares that were observed, and the goals of this year and the next (one
    statement)."""
    until = sa.select(sa.func.max(LandingRate.as_of)).where(LandingRate.as_of <= today)
    last = until.scalar_subquery()
    none, nothing = sa.literal(0), sa.null()
    rates = sa.select(
        LandingRate.as_of,
        LandingRate.stage,
        LandingRate.quarters_ahead,
        LandingRate.standing,
        LandingRate.landed,
    ).where(LandingRate.as_of == last)
    goals = sa.select(
        sa.cast(nothing, LandingRate.as_of.type),
        sa.cast(nothing, LandingRate.stage.type),
        LandingGoal.year,
        LandingGoal.landings,
        none,
    ).where(LandingGoal.year.between(today.year, today.year + 1), LandingGoal.landings.is_not(None))
    found: dict[Stage, dict[int, Observed]] = defaultdict(dict)
    by_year: dict[int, int] = {}
    as_of = None
    for day, stage, key, n, came in db.session.execute(sa.union_all(rates, goals)):
        if stage is None:
            by_year[key] = n
        elif key in AHEAD:
            as_of = day
            found[stage][key] = Observed(n, came)
    return _Known(as_of, found, by_year)
