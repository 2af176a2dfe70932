"""From leads by stage and observed shares to how many will land, and how sure that is. Pure.

Why it is done so: docs/decisions/0024-what-will-land.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import ceil, exp, lgamma, sqrt
from typing import Any, NamedTuple

from models.enums import Stage

ON_THEIR_WAY: tuple[Stage, ...] = tuple(stage for stage in Stage if stage is not Stage.LANDED)
# Observed are so many quarters of landings, each with the leads that stood so many quarters before.
OBSERVED_QUARTERS = 8
AHEAD = range(8)
# This one and the next four are said one by one.
SHOWN_QUARTERS = 5
# A stage of which less was observed is taken together with those beside it; all of them with less
# say nothing.
LEAST_STANDING = 20
# Jeffreys: half an observation on either side.
_PRIOR = 0.5
# The points that are said: of ten such quarters one has fewer, five have, nine have.
_POINTS = (0.1, 0.5, 0.9)
_NORMAL = (-1.2815515655446004, 0.0, 1.2815515655446004)
# What is less likely than this is left out of a stage's landings.
_NEVER = 1e-9
# Up to so many landings in reach are summed exactly.
EXACT_REACH = 150
_DEVIATIONS = 6
# With a heavier tail the correction would turn the points' order around.
_MOST_SKEWED = 2.0


class Observed(NamedTuple):
    """So many stood, so many of them landed."""

    standing: int
    landed: int

    @property
    def enough(self) -> bool:
        """Whether it says something of others."""
        return self.standing >= LEAST_STANDING

    def __add__(self, other: Any) -> Observed:
        """Both together."""
        return Observed(self.standing + other.standing, self.landed + other.landed)


Rates = Mapping[Stage, Mapping[int, Observed]]
"""By the stage that leads stood in, and by quarters from then to the landing."""
Weights = Mapping[int, float]
"""How much of the share of each quarter ahead counts, 0 to 1."""


class Quarter(NamedTuple):
    """A calendar quarter by its first day."""

    first: date

    @property
    def next(self) -> Quarter:
        """The one after it."""
        return quarter_of(self.first + timedelta(days=100))

    @property
    def before(self) -> Quarter:
        """The one before it."""
        return quarter_of(self.first - timedelta(days=1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def number(self) -> int:
        """1 to 4."""
        return (self.first.month + 2) // 3


class Points(NamedTuple):
    """How many land: nine in ten sure that at least so many, most likely, one chance in ten that
    at least so many."""

    sure: int
    likely: int
    possible: int

    def after(self, landed: int) -> Points:
        """The same with what has landed already."""
        return Points(*(landed + point for point in self))


class Pooled(NamedTuple):
    """What a stage's share is taken from, and of which stages it was observed."""

    observed: Observed
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Share:
    """What a share of leads is taken to be: a beta distribution; none lands where ``a`` is 0."""

    a: float
    b: float


def quarter_of(day: date) -> Quarter:
    """The quarter that the day is in."""
    return Quarter(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))


def quarters_until(day: date, last_year: int) -> list[Quarter]:
    """The quarter of the day and those after it to the end of a year."""
    found = [quarter_of(day)]
    while (following := found[-1].next).first.year <= last_year:
        found.append(following)
    return found


def left_of_quarter(today: date) -> float:
    """The share of this quarter's days that are left, today among them."""
    quarter = quarter_of(today)
    return ((quarter.last - today).days + 1) / ((quarter.last - quarter.first).days + 1)


def weights_of(first: int, last: int, left: float) -> dict[int, float]:
    """What counts from the quarter ``first`` ahead to ``last``, both included; 0 is what is left
    of this one.

    Shares were observed from the starts of quarters on; from today on each reaches so far into
    the calendar quarter after it.
    """
    found: dict[int, float] = {}
    for ahead in range(first, last + 1):
        found[ahead] = found.get(ahead, 0.0) + left
        if ahead:
            found[ahead - 1] = found.get(ahead - 1, 0.0) + 1 - left
    return found


def pooled(rates: Rates, stage: Stage, ahead: int) -> Pooled:
    """What was observed of the stage, with the stages before it and then those after it where that
    is too little, one by one until it is enough; where it never is, all of them."""
    at = ON_THEIR_WAY.index(stage)
    found, stages = Observed(0, 0), list[Stage]()
    for one in (*ON_THEIR_WAY[at::-1], *ON_THEIR_WAY[at + 1 :]):
        found, stages = found + rates.get(one, {}).get(ahead, Observed(0, 0)), [*stages, one]
        if found.enough:
            break
    return Pooled(found, tuple(stages))


def share_of(rates: Rates, stage: Stage, weights: Weights) -> Share | None:
    """The share that lands over these quarters; None where too little was observed of one."""
    used = [(pooled(rates, stage, ahead).observed, w) for ahead, w in weights.items() if w > 0]
    if not all(one.enough for one, _w in used):
        return None
    if not used:
        return Share(0.0, 1.0)
    # As well known as the least known of them.
    base = min(one.standing for one, _w in used)
    rate = min(1.0, sum(w * one.landed / one.standing for one, w in used))
    half = _PRIOR * min(1.0, sum(weights.values()))
    a = rate * base + half
    return Share(a, base + 2 * _PRIOR - a)


def points(counts: Mapping[Stage, int], rates: Rates, weights: Weights) -> Points | None:
    """How many of these leads land over these quarters; None where too little was observed."""
    parts: list[tuple[int, Share]] = []
    for stage in ON_THEIR_WAY:
        if n := counts.get(stage, 0):
            share = share_of(rates, stage, weights)
            if share is None:
                return None
            parts.append((n, share))
    return points_of(parts)


def points_of(parts: Sequence[tuple[int, Share]]) -> Points:
    """The points of a sum of beta-binomial numbers: so many leads each with their share."""
    parts = [(n, share) for n, share in parts if n and share.a > 0]
    if not parts:
        return Points(0, 0, 0)
    if sum(_reach(n, share) for n, share in parts) > EXACT_REACH:
        return by_moments(parts)
    return exactly(parts)


def rising(path: Sequence[Points | None]) -> list[Points | None]:
    """Points of ever longer times: none is lower than the one before, as nothing lands less."""
    found: list[Points | None] = []
    so_far = Points(0, 0, 0)
    for one in path:
        if one is not None:
            so_far = Points(*map(max, zip(one, so_far, strict=True)))
        found.append(None if one is None else so_far)
    return found


def exactly(parts: Sequence[tuple[int, Share]]) -> Points:
    """The points by convolution."""
    total = [1.0]
    for n, share in parts:
        total = _convolved(total, list(_chances(n, share)))
    reached = list(accumulate(total))
    # What was left out of the tails is little, and nobody's: the rest is taken for all.
    return Points(
        *(next(k for k, sum_ in enumerate(reached) if sum_ >= p * reached[-1]) for p in _POINTS)
    )


def by_moments(parts: Sequence[tuple[int, Share]]) -> Points:
    """The points by mean, variance and skewness: what many leads cost no more than few for."""
    mean = variance = third = 0.0
    for n, share in parts:
        m, v, t = _moments(n, share)
        mean, variance, third = mean + m, variance + v, third + t
    deviation = sqrt(variance)
    skewed = min(_MOST_SKEWED, max(-_MOST_SKEWED, third / deviation**3))
    most = sum(n for n, _share in parts)
    found = (ceil(mean + deviation * (z + skewed * (z * z - 1) / 6) - 0.5) for z in _NORMAL)
    return Points(*(min(most, max(0, point)) for point in found))


def _moments(n: int, share: Share) -> tuple[float, float, float]:
    """Mean, variance and third central moment of a beta-binomial number."""
    a, b = share.a, share.b
    s = a + b
    mean = n * a / s
    variance = mean * b / s * (s + n) / (s + 1)
    if variance <= 0:
        return mean, 0.0, 0.0
    skewed = (s + 2 * n) * (b - a) / (s + 2) * sqrt((1 + s) / (n * a * b * (n + s)))
    return mean, variance, skewed * variance * sqrt(variance)


def _reach(n: int, share: Share) -> float:
    """Up to how many may land, all but never more."""
    mean, variance, _third = _moments(n, share)
    return min(n, mean + _DEVIATIONS * sqrt(variance)) + 1


def _chances(n: int, share: Share) -> Iterator[float]:
    """How likely it is that 0, 1, 2 … of n land, as far as it is worth a word."""
    a, b = share.a, share.b
    if b <= 0:
        yield from [0.0] * n
        yield 1.0
        return
    chance = exp(lgamma(n + b) + lgamma(a + b) - lgamma(n + a + b) - lgamma(b))
    mean = n * a / (a + b)
    for k in range(n + 1):
        yield chance
        if k > mean and chance < _NEVER:
            return
        if k < n:
            chance *= (n - k) / (k + 1) * (a + k) / (b + n - k - 1)


def _convolved(left: Sequence[float], right: Sequence[float]) -> list[float]:
    """How likely each sum is."""
    found = [0.0] * (len(left) + len(right) - 1)
    for k, chance in enumerate(left):
        for j, other in enumerate(right, k):
            found[j] += chance * other
    return found
