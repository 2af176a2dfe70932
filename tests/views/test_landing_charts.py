"""The charts of landings: words apart, lines within, and nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure
from crm.reports.forecast.queries import Ahead, LandingForecast, Year
from crm.reports.forecast.rules import Points, quarters_until, rising
from crm.reports.landed import Landed, Month
from models.enums import Stage
from views.landing_charts import (
    ACROSS,
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    WIDE,
    Ending,
    apart,
    grid_step,
    progress,
    ranges,
)

pytestmark = pytest.mark.only_sqlite
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
POINTS = st.lists(st.integers(0, 300), min_size=3, max_size=3).map(sorted).map(lambda p: Points(*p))


# Somebody stands somewhere.
STANDING = {Stage.ENGAGED: Figure("standing", 3, LeadFilter(stage=Stage.ENGAGED))}


def _figure(n: int) -> Figure:
    return Figure("landed", n, LeadFilter())


def _landed(today: date, each: int) -> Landed:
    months = [
        Month(date(2026, n, 1), _figure(each) if n <= today.month else None, _figure(1))
        for n in range(1, 13)
    ]
    this = _figure(each * today.month)
    return Landed(months, this, _figure(12), this, _figure(12))


def _forecast(
    today: date, landed: int, points: list[Points | None], goals: tuple[Any, Any]
) -> LandingForecast:
    quarters = quarters_until(today, 2027)
    said = (points * len(quarters))[: len(quarters)]
    path = [
        Ahead(quarter, one, until)
        for quarter, one, until in zip(quarters, said, rising(said), strict=True)
    ]
    years = [Year(2026 + n, goal, said[0]) for n, goal in enumerate(goals)]
    return LandingForecast(today, today, {}, STANDING, _figure(landed), path, years)


@given(DAYS, st.integers(0, 40), st.lists(POINTS, min_size=1, max_size=8), st.data())
def test_all_stands_within_the_field(
    today: date, each: int, points: list[Points | None], data: Any
) -> None:
    goals = data.draw(st.tuples(*[st.none() | st.integers(1, 9999)] * 2))
    landed = _landed(today, each)
    forecast = _forecast(today, landed.this.value, points, goals)
    chart = progress(landed, forecast)
    for line in (chart.steps, chart.goal, chart.likely, chart.fan):
        for x, y in (map(float, point.split(",")) for point in line.split()):
            assert 0 <= x <= ACROSS
            assert TOP <= y <= BOTTOM
    steps = [tuple(map(float, point.split(","))) for point in chart.steps.split()]
    assert steps[0] == (0, BOTTOM)
    assert all(a[0] <= b[0] and a[1] >= b[1] for a, b in pairwise(steps))
    assert chart.now[1] == steps[-1][1]
    assert bool(chart.goal) == (goals[0] is not None)
    assert (chart.goal_alone is not None) == (goals[0] is not None and goals[1] is None)
    wide = ranges(forecast)
    assert wide is not None
    for row in wide.rows:
        assert LEFT <= row.sure <= row.likely <= row.possible <= RIGHT
    assert len(wide.grid) == len(chart.grid) == 4


def test_where_nothing_is_known_only_what_landed_is_drawn() -> None:
    today = date(2026, 12, 3)
    landed = _landed(today, 2)
    forecast = _forecast(today, 24, [None], (None, None))
    chart = progress(landed, forecast)
    assert (chart.likely, chart.fan, chart.goal, chart.endings) == ("", "", "", [])
    assert chart.steps
    assert ranges(forecast) is None
    some = replace(forecast, path=_forecast(today, 24, [Points(1, 2, 3), None], (1, 1)).path)
    empty = replace(some, standing={})
    assert ranges(empty) is None
    assert progress(landed, empty).likely == ""
    known = ranges(some)
    assert known is not None
    assert [row.ahead.quarter.number for row in known.rows] == [4, 2, 4]


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(TOP, BOTTOM)), max_size=4))
def test_the_words_of_lines_stand_apart(ends: list[tuple[int, float]]) -> None:
    placed = apart(Ending("likely", n, y) for n, y in ends)
    assert len(placed) == len(ends)
    for one, after in pairwise(placed):
        assert after.y - one.y >= 16 - 1e-9
    assert all(one.y <= BOTTOM for one in placed)


@given(st.integers(0, 10**6))
def test_few_lines_reach_the_most(most: int) -> None:
    step = grid_step(most)
    assert 3 * step >= most
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert WIDE < 100
