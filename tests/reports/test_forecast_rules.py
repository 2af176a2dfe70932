"""Ranges of landings: what must hold of any leads and any history."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import comb, exp, lgamma
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.reports.forecast.rules import (
    AHEAD,
    EXACT_REACH,
    LEAST_STANDING,
    ON_THEIR_WAY,
    Observed,
    Points,
    Quarter,
    Share,
    by_moments,
    exactly,
    left_of_quarter,
    points,
    points_of,
    pooled,
    quarter_of,
    quarters_until,
    rising,
    share_of,
    weights_of,
)
from models.enums import Stage

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


@st.composite
def observations(draw: Any, least: int = 0) -> Observed:
    """So many stood, no more of them landed."""
    standing = draw(st.integers(least, 3_000))
    return Observed(standing, draw(st.integers(0, standing)))


def histories(least: int = LEAST_STANDING) -> Any:
    """Shares of every stage and quarter."""
    by_ahead = st.fixed_dictionaries({ahead: observations(least) for ahead in AHEAD})
    return st.fixed_dictionaries(dict.fromkeys(ON_THEIR_WAY, by_ahead))


COUNTS = st.dictionaries(st.sampled_from(ON_THEIR_WAY), st.integers(0, 60_000))
FEW = st.dictionaries(st.sampled_from(ON_THEIR_WAY), st.integers(0, 8))
SPANS = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(sorted)


@given(COUNTS, histories(), SPANS, DAYS)
def test_the_points_are_in_order_and_within_what_stands(
    counts: Any, rates: Any, span: list[int], today: date
) -> None:
    found = points(counts, rates, weights_of(*span, left_of_quarter(today)))
    assert found is not None
    assert all(isinstance(point, int) for point in found)
    assert 0 <= found.sure <= found.likely <= found.possible <= sum(counts.values())


@given(histories(0), SPANS, DAYS)
def test_of_no_leads_none_lands(rates: Any, span: list[int], today: date) -> None:
    weights = weights_of(*span, left_of_quarter(today))
    assert points(dict.fromkeys(ON_THEIR_WAY, 0), rates, weights) == Points(0, 0, 0)
    assert points({}, rates, weights) == Points(0, 0, 0)


@given(FEW, histories(), SPANS, st.sampled_from(ON_THEIR_WAY))
def test_a_lead_more_lands_no_less(counts: Any, rates: Any, span: list[int], stage: Stage) -> None:
    weights = weights_of(*span, 0.5)
    fewer = points(counts, rates, weights)
    more = points({**counts, stage: counts.get(stage, 0) + 1}, rates, weights)
    assert fewer is not None
    assert more is not None
    assert all(a <= b for a, b in zip(fewer, more, strict=True))


@given(st.integers(1, 100_000), st.floats(0.5, 500), st.floats(0.5, 5_000), st.floats(1, 3))
def test_many_leads_more_land_no_less_by_moments(n: int, a: float, b: float, times: float) -> None:
    fewer, more = (by_moments([(many, Share(a, b))]) for many in (n, int(n * times)))
    assert all(x <= y for x, y in zip(fewer, more, strict=True))


@given(st.integers(1, 12), st.integers(0, 40), st.integers(1, 40), DAYS)
def test_the_points_are_those_of_the_chances_written_out(
    n: int, landed: int, more: int, today: date
) -> None:
    """By the formula of the distribution, which the rules never write down."""
    a, b = landed + 0.5, more + 0.5

    def beta(x: float, y: float) -> float:
        return lgamma(x) + lgamma(y) - lgamma(x + y)

    chances = [comb(n, k) * exp(beta(a + k, b + n - k) - beta(a, b)) for k in range(n + 1)]
    assert sum(chances) == pytest.approx(1)
    found = points_of([(n, Share(a, b))])
    for point, share in zip(found, (0.1, 0.5, 0.9), strict=True):
        assert sum(chances[: point + 1]) >= share - 1e-6
        assert sum(chances[:point]) < share + 1e-6


@given(
    st.lists(
        st.tuples(st.integers(200, 60_000), st.floats(5, 300), st.floats(600, 4_000)),
        min_size=1,
        max_size=5,
    )
)
def test_many_leads_are_summed_as_few_are(given_parts: list[tuple[int, float, float]]) -> None:
    """Where it is too much to sum, the moments say the same as the sum, to a hundredth of the
    range and a landing."""
    parts = [(min(n, int(600 * (a + b) / a)), Share(a, b)) for n, a, b in given_parts]
    exact, quick = exactly(parts), by_moments(parts)
    near = 1 + 0.03 * (exact.possible - exact.sure)
    for x, y in zip(exact, quick, strict=True):
        assert abs(x - y) <= near, (exact, quick)


def test_the_exact_sum_and_the_quick_one_meet() -> None:
    """However many leads there are, no more than one landing lies between the two."""
    ways = set()
    for n in range(1, 1_400, 9):
        parts = [(n, Share(9.5, 111.5)), (n // 2, Share(2.5, 300.5))]
        exact, said = exactly(parts), points_of(parts)
        assert all(abs(x - y) <= 1 for x, y in zip(exact, said, strict=True)), n
        ways.add(said == exact)
        if exact.possible > EXACT_REACH:
            ways.add("quick")
            assert said == by_moments(parts)
    assert {True, "quick"} <= ways


def test_little_history_gives_a_wide_range() -> None:
    def width(times: int) -> int:
        rates = {Stage.COMMITTED: {0: Observed(20 * times, 4 * times)}}
        found = points({Stage.COMMITTED: 60}, rates, {0: 1.0})
        assert found is not None
        assert found.likely in (11, 12)
        return found.possible - found.sure

    assert width(1) > width(10) + 2 > width(100)


@given(observations(0), st.integers(0, LEAST_STANDING - 1))
def test_too_little_history_says_nothing(other: Observed, few: int) -> None:
    rates = {Stage.REGISTERED: {0: Observed(few, 0)}}
    assert points({Stage.REGISTERED: 5}, rates, {0: 1.0}) is None
    # With the stage before it there is enough, or not.
    rates[Stage.COMMITTED] = {0: other}
    taken = pooled(rates, Stage.REGISTERED, 0)
    assert taken.observed.standing == few + other.standing
    assert taken.stages[:2] == (Stage.REGISTERED, Stage.COMMITTED)
    known = points({Stage.REGISTERED: 5}, rates, {0: 1.0})
    assert (known is not None) == (few + other.standing >= LEAST_STANDING)


def test_a_stage_is_taken_with_those_beside_it_only_where_it_must() -> None:
    rates = {stage: {0: Observed(30, 3)} for stage in ON_THEIR_WAY}
    assert pooled(rates, Stage.ENGAGED, 0) == (Observed(30, 3), (Stage.ENGAGED,))
    rates[Stage.IDENTIFIED] = {0: Observed(19, 0)}
    stages = (Stage.IDENTIFIED, Stage.ENGAGED)
    assert pooled(rates, Stage.IDENTIFIED, 0) == (Observed(49, 3), stages)


@given(DAYS)
def test_a_lead_is_counted_once_over_all_quarters(today: date) -> None:
    """The parts of the observed quarters that the calendar's take add up to whole ones."""
    left = left_of_quarter(today)
    assert 0 < left <= 1
    whole = weights_of(0, 7, left)
    assert [whole[ahead] for ahead in range(7)] == pytest.approx([1] * 7)
    assert whole[7] == pytest.approx(left)
    parts = [weights_of(ahead, ahead, left) for ahead in range(8)]
    for ahead in range(8):
        assert sum(part.get(ahead, 0) for part in parts) == pytest.approx(whole[ahead])


def test_on_a_quarters_first_day_the_observed_quarters_are_the_calendars() -> None:
    assert left_of_quarter(date(2026, 10, 1)) == 1
    assert left_of_quarter(date(2026, 12, 31)) == pytest.approx(1 / 92)
    assert {k: w for k, w in weights_of(2, 2, 1.0).items() if w} == {2: 1.0}


@given(histories(), SPANS, st.floats(0.01, 1))
def test_a_share_is_one(rates: Any, span: list[int], left: float) -> None:
    share = share_of(rates, Stage.NEGOTIATING, weights_of(*span, left))
    assert share is not None
    assert share.a > 0
    assert share.b > 0


@given(DAYS, st.integers(0, 1))
def test_quarters_follow_one_another(today: date, years: int) -> None:
    found = quarters_until(today, today.year + years)
    assert found[0] == quarter_of(today)
    assert found[0].first <= today <= found[0].last
    assert found[-1].last == date(today.year + years, 12, 31)
    for one, after in pairwise(found):
        assert after.first == one.last + timedelta(days=1)
        assert after.before == one
    assert [one.number for one in found][-1] == 4
    assert quarter_of(date(2026, 8, 31)) == Quarter(date(2026, 7, 1))


def test_what_landed_does_not_become_less() -> None:
    path = [Points(1, 3, 5), Points(0, 4, 4), None, Points(2, 2, 9)]
    assert rising(path) == [Points(1, 3, 5), Points(1, 4, 5), None, Points(2, 4, 9)]
    assert Points(1, 2, 3).after(10) == Points(11, 12, 13)
