"""What the forecast would have said on the first day of each of the last quarters, beside what
landed. The worker computes it once a quarter, from what was known that day alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

import sqlalchemy as sa

from crm.access import READER, Actor, sees_the_city
from crm.leads.counting import Wanted, count_each
from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure, of_leads
from crm.reports.forecast.observing import known_at_start
from crm.reports.forecast.rules import Points, Quarter, points, quarter_of, weights_of
from crm.reports.landed import landed_in
from crm.spans import Span
from models import db
from models.landing_hindsight import LandingHindsight
from models.sets import insert_rows

LOOKED_BACK = 4


@dataclass(frozen=True)
class Past:
    """A complete quarter. ``standing`` leads were on their way at its start; None: it was not
    computed yet. ``landed`` are those of them that landed in it, ``later`` those that were
    registered in it and landed in it all the same."""

    quarter: Quarter
    standing: int | None
    points: Points | None
    landed: Figure
    later: Figure

    @property
    def beside(self) -> int | None:
        """-1 for fewer than the range, 0 for within it, 1 for more; None without a range."""
        if self.points is None:
            return None
        n = self.landed.value
        return (n > self.points.possible) - (n < self.points.sure)


@dataclass(frozen=True)
class Hindsight:
    """The last complete quarters, the first one first."""

    quarters: Sequence[Past]

    @property
    def said(self) -> int:
        """Of how many a range would have been said."""
        return sum(one.points is not None for one in self.quarters)

    @property
    def inside(self) -> int:
        """In how many of these it held."""
        return sum(one.beside == 0 for one in self.quarters)

    def figures(self) -> Iterator[Figure]:
        """What landed."""
        for one in self.quarters:
            yield from (one.landed, one.later)


def looked_back(today: date) -> list[Quarter]:
    """The last complete quarters, the first one first."""
    last = quarter_of(today).before
    back = accumulate(range(LOOKED_BACK - 1), lambda quarter, _: quarter.before, initial=last)
    return list(back)[::-1]


def look_back(today: date) -> int:
    """Write what would have been said of those that have nothing yet; how many. Flushes.

    What was known on a day that is over does not change, so neither does what followed from it.
    """
    quarters = looked_back(today)
    had = set(db.session.scalars(sa.select(LandingHindsight.first).where(_of(quarters))))
    rows = [_row(quarter) for quarter in quarters if quarter.first not in had]
    insert_rows(db.session.connection(), LandingHindsight.__table__, rows)
    return len(rows)


def _row(quarter: Quarter) -> dict[str, object]:
    rates, standing = known_at_start(quarter)
    n = sum(standing.values())
    # On its first day the whole of the quarter is left.
    found = points(standing, rates, weights_of(0, 0, 1.0)) if n else None
    said = found._asdict() if found else dict.fromkeys(Points._fields)
    return {"first": quarter.first, "standing": n, **said}


def hindsight_of(actor: Actor, today: date) -> Hindsight | None:
    """The same with what landed (three statements at most); None for who sees a part.

    The ranges are of the whole city.
    """
    return _hindsight(actor, today) if sees_the_city(actor) else None


def city_hindsight(today: date) -> Hindsight:
    """The same for a command that nobody has signed in to."""
    return _hindsight(READER, today)


def _hindsight(actor: Actor, today: date) -> Hindsight:
    quarters = looked_back(today)
    had = {
        row.first: row
        for row in db.session.scalars(sa.select(LandingHindsight).where(_of(quarters)))
    }
    opens = {name: it for quarter in quarters for name, it in _filters(quarter)}
    n = count_each(actor, {name: Wanted(it) for name, it in opens.items()}, today)
    figures = {name: of_leads(name, n[name], it) for name, it in opens.items()}
    return Hindsight([_past(quarter, had.get(quarter.first), figures) for quarter in quarters])


def _past(quarter: Quarter, row: LandingHindsight | None, figures: dict[str, Figure]) -> Past:
    landed, later = (figures[name] for name, _it in _filters(quarter))
    said = None
    # Null stands in all three or in none.
    if row and row.sure is not None and row.likely is not None and row.possible is not None:
        said = Points(row.sure, row.likely, row.possible)
    return Past(quarter, row.standing if row else None, said, landed, later)


def _filters(quarter: Quarter) -> Iterator[tuple[str, LeadFilter]]:
    """What landed of those that were there, and of those that came in it."""
    name = f"{quarter.first.year}-q{quarter.number}"
    in_it = landed_in(Span(quarter.first, quarter.last))
    before, since = Span(None, quarter.first - timedelta(days=1)), Span(quarter.first, None)
    yield f"foreseen-{name}", replace(in_it, created=before)
    yield f"unforeseen-{name}", replace(in_it, created=since)


def _of(quarters: Sequence[Quarter]) -> sa.ColumnElement[bool]:
    return LandingHindsight.first.between(quarters[0].first, quarters[-1].first)
