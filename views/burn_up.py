"""Landings of two years as lines of a chart: a share of the width across, pixels down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from crm.reports.landed import Landed

# The lines take so much of the width; what they come to is written at their right.
WIDE = 74
TOP, BOTTOM = 18, 150
# Lines across, the axis apart; and how close the words of two lines may come.
_ACROSS = 3
_CLOSE = 16


@dataclass(frozen=True)
class Line:
    """A piece of a step line, or a line across."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class BurnUp:
    """Both years' steps, where each ends, and the lines across with what they stand for."""

    this: list[Line]
    before: list[Line]
    this_at: tuple[float, float]
    before_at: tuple[float, float]
    across: list[tuple[int, float]]
    months: list[float]


def burn_up(landed: Landed) -> BurnUp:
    """The chart; the axis begins at none."""
    this = list(accumulate(month.this.value for month in landed.months if month.this))
    before = list(accumulate(month.before.value for month in landed.months))
    step = _step(max(this[-1], before[-1]))
    most = step * _ACROSS

    def high(n: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * n / most, 1)

    this_at = (_across(len(this)), high(this[-1]))
    before_at = (_across(len(before)), high(before[-1]))
    if len(this) == len(before) and abs(this_at[1] - before_at[1]) < _CLOSE:
        off = _CLOSE if before[-1] > this[-1] else -_CLOSE
        before_at = (before_at[0], this_at[1] - off)
    return BurnUp(
        this=list(_steps(map(high, this))),
        before=list(_steps(map(high, before))),
        this_at=this_at,
        before_at=before_at,
        across=[(n, high(n)) for n in range(0, most + 1, step)],
        months=[_across(number) for number in range(len(before))],
    )


def _across(month: int) -> float:
    return round(WIDE * month / 12, 2)


def _steps(heights: Iterable[float]) -> Iterator[Line]:
    """Up where a month begins, and along it: a month's landings count for all of it."""
    for month, (last, now) in enumerate(pairwise([float(BOTTOM), *heights])):
        if now != last:
            yield Line(_across(month), last, _across(month), now)
        yield Line(_across(month), now, _across(month + 1), now)


def _step(most: int) -> int:
    """1, 2 or 5 of a power of ten, so that few lines reach the most."""
    step, factors = 1, (2, 2.5, 2)
    number = 0
    while step * _ACROSS < most:
        step = int(step * factors[number % 3])
        number += 1
    return step
