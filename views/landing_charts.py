"""The charts of what landed and what will: shares of a width across, pixels down. Pure.

What is drawn in lines stands in a box of its own, so wide and high as the chart's field, whose
width is ``ACROSS`` units; words are placed in per cent of the whole width, so that they keep their
size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from crm.reports.forecast.queries import Ahead, LandingForecast
from crm.reports.forecast.rules import Points
from crm.reports.landed import Landed
from crm.spans import month_end

ACROSS = 1000
# Lines across, the axis apart; and how close the words at two lines may come.
_GRID = 3
_CLOSE = 16
# The names of quarters stand left of the ranges, what they come to at their right.
LEFT, RIGHT = 25.0, 78.0
ROW, RANGES_TOP = 44, 6
# The lines of progress take so much of the width; what they come to stands at their right.
WIDE = 76
TOP, BOTTOM = 14, 232


@dataclass(frozen=True)
class Range:
    """A quarter's bar and dot, in per cent of the width."""

    ahead: Ahead
    points: Points
    y: float
    sure: float
    likely: float
    possible: float


@dataclass(frozen=True)
class Ranges:
    """The quarters below one another, the lines down with what they stand for, and the height."""

    rows: Sequence[Range]
    grid: Sequence[tuple[int, float]]
    bottom: int


@dataclass(frozen=True)
class Ending:
    """What a line comes to at the right, and where its words stand."""

    kind: str
    n: int
    y: float


@dataclass(frozen=True)
class Progress:
    """Lines as points of the field's box; words in per cent across and pixels down."""

    steps: str
    goal: str
    likely: str
    fan: str
    now: tuple[float, float]
    endings: Sequence[Ending]
    grid: Sequence[tuple[int, float]]
    ticks: Sequence[tuple[date, float]]
    goal_alone: tuple[int, float, float] | None
    """This year's goal and the end of its line, where the next year has none."""


def ranges(forecast: LandingForecast) -> Ranges | None:
    """The quarters that are said one by one; None where nothing is said of any."""
    known = [(one, one.points) for one in forecast.quarters if one.points]
    if not (known and forecast.shown):
        return None
    step = grid_step(max(points.possible for _one, points in known))

    def across(n: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * n / (step * _GRID), 2)

    rows = [
        Range(one, points, RANGES_TOP + ROW * (number + 0.5), *map(across, points))
        for number, (one, points) in enumerate(known)
    ]
    grid = [(n, across(n)) for n in range(0, step * _GRID + 1, step)]
    return Ranges(rows, grid, RANGES_TOP + ROW * len(rows))


def progress(landed: Landed, forecast: LandingForecast) -> Progress:
    """What landed this year, what will by the end of the next, and the goals of both."""
    today = forecast.today
    first, last = date(today.year, 1, 1), date(today.year + 1, 12, 31)
    now = landed.this.value
    path = [
        (one.quarter.last, one.until_end.after(now))
        for one in forecast.path
        if one.until_end and forecast.shown
    ]
    goals = list(accumulate(_goals(forecast)))
    step = grid_step(max([now, *goals, *(points.possible for _day, points in path)]))

    def across(day: date) -> float:
        return round(ACROSS * (day - first).days / (last - first).days, 1)

    def high(n: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * n / (step * _GRID), 1)

    begin = (across(today), high(now))
    ends = [date(today.year + number, 12, 31) for number in range(len(goals))]
    likely = [begin, *((across(day), high(points.likely)) for day, points in path)]
    upper = [(across(day), high(points.possible)) for day, points in path]
    lower = [(across(day), high(points.sure)) for day, points in path]
    endings = [Ending("goal", goals[-1], high(goals[-1]))] if len(goals) > 1 else []
    if path:
        final = path[-1][1]
        endings += [
            Ending("possible", final.possible, high(final.possible)),
            Ending("likely", final.likely, high(final.likely)),
            Ending("sure", final.sure, high(final.sure)),
        ]
    alone = (goals[0], share(across(ends[0])), high(goals[0])) if len(goals) == 1 else None
    return Progress(
        steps=_drawn(_steps(landed, today, across, high)),
        goal=_drawn([(0, high(0)), *zip(map(across, ends), map(high, goals), strict=True)])
        if goals
        else "",
        likely=_drawn(likely) if path else "",
        fan=_drawn([begin, *upper, *reversed(lower)]) if path else "",
        now=(share(begin[0]), begin[1]),
        endings=apart(endings),
        grid=[(n, high(n)) for n in range(0, step * _GRID + 1, step)],
        ticks=[
            (day, share(across(day)))
            for year in (today.year, today.year + 1)
            for day in (date(year, 1, 1), date(year, 7, 1))
        ],
        goal_alone=alone,
    )


def share(across: float) -> float:
    """Units of the field's box as per cent of the whole width."""
    return round(WIDE * across / ACROSS, 2)


def apart(endings: Iterable[Ending]) -> list[Ending]:
    """The words at the right, the highest first, none upon another or out of the field."""
    found = sorted(endings, key=lambda one: (one.y, -one.n))
    places: list[float] = []
    for one in found:
        places.append(max(one.y, places[-1] + _CLOSE) if places else one.y)
    low = float(BOTTOM)
    for number in reversed(range(len(places))):
        places[number] = min(places[number], low)
        low = places[number] - _CLOSE
    return [Ending(one.kind, one.n, y) for one, y in zip(found, places, strict=True)]


def grid_step(most: int) -> int:
    """1, 2 or 5 of a power of ten, so that few lines reach the most."""
    step, factors = 1, (2, 2.5, 2)
    number = 0
    while step * _GRID < most:
        step = int(step * factors[number % 3])
        number += 1
    return step


def _goals(forecast: LandingForecast) -> list[int]:
    """This year's and the next one's, as long as there is one: a line has no hole."""
    found: list[int] = []
    for year in forecast.years:
        if year.goal is None:
            break
        found.append(year.goal)
    return found


def _steps(landed: Landed, today: date, across: Any, high: Any) -> list[tuple[float, float]]:
    """Up where a month begins, and along it: a month's landings count for all of it."""
    found, so_far = [(0.0, high(0))], 0
    for month in landed.months:
        if month.this is None:
            break
        so_far += month.this.value
        end = min(month_end(month.first), today)
        found += [(across(month.first), high(so_far)), (across(end), high(so_far))]
    return found


def _drawn(points: Iterable[tuple[float, float]]) -> str:
    """As an SVG has them."""
    return " ".join(f"{x:g},{y:g}" for x, y in points)
