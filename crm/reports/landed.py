"""What landed month by month, this year beside the year before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, visible_parts
from crm.leads.counting import KNOWN, in_summary, own_conditions, parts
from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure
from crm.spans import Span, month_end
from models import db
from models.enums import Stage
from models.lead import Lead, LeadMonth, Result

_YEAR = 12


@dataclass(frozen=True)
class Month:
    """A month of this year and the same of the year before; None: it has not come yet."""

    first: date
    this: Figure | None
    before: Figure


@dataclass(frozen=True)
class Landed:
    """The twelve months, what they come to, and the whole months so far of both years."""

    months: Sequence[Month]
    this: Figure
    before: Figure
    full: Figure
    full_before: Figure

    def figures(self) -> Iterator[Figure]:
        """All of them."""
        yield from (self.this, self.before, self.full, self.full_before)
        for month in self.months:
            yield from (month.before, *([month.this] if month.this else []))


def landed(actor: Actor, today: date) -> Landed:
    """The landings of two calendar years that the actor may read, expansions among them (one
    statement). One that went back or was lost counts no more."""
    first, last = date(today.year - 1, 1, 1), month_end(today)
    found = _by_month(actor, Span(first, last), today)

    def figure(name: str, months: Sequence[date]) -> Figure:
        span = Span(months[0], month_end(months[-1]))
        return Figure(name, sum(found[month] for month in months), landed_in(span))

    this = [first.replace(year=today.year, month=month + 1) for month in range(_YEAR)]
    before = [month.replace(year=first.year) for month in this]
    # Of a January the year before has nothing to be compared with: its whole is said instead.
    full = today.month - 1 or _YEAR
    return Landed(
        months=[
            Month(
                month,
                figure(f"landed-{month:%Y-%m}", [month]) if month <= today else None,
                figure(f"landed-{earlier:%Y-%m}", [earlier]),
            )
            for month, earlier in zip(this, before, strict=True)
        ],
        this=figure("landed-this-year", this[: today.month]),
        before=figure("landed-last-year", before),
        full=figure("landed-full-months", this[: today.month - 1 or 1]),
        full_before=figure("landed-full-months-before", before[:full]),
    )


def landed_in(span: Span) -> LeadFilter:
    """What landed in these days."""
    return LeadFilter(stage=Stage.LANDED, landed=span)


def _by_month(actor: Actor, span: Span, today: date) -> Counter[date]:
    """How many by the first day of their month."""
    wanted = landed_in(span)
    arms: list[sa.Select[*tuple[Any, ...]]] = []
    by_key = parts(actor, wanted)
    if (whose := in_summary(actor, LeadMonth)) is not None:
        by_key = visible_parts(actor)[KNOWN:]
        arms.append(
            sa.select(LeadMonth.month, sa.func.sum(LeadMonth.n))
            .where(whose, LeadMonth.result == Result.LANDED)
            .where(LeadMonth.month.between(span.first, span.last))
            .group_by(LeadMonth.month)
        )
    arms += [
        sa.select(Lead.landed_on, sa.func.count())
        .where(part, *own_conditions(wanted, today, by_row=whose is not None))
        .group_by(Lead.landed_on)
        for part in by_key
    ]
    found: Counter[date] = Counter()
    for day, n in db.session.execute(sa.union_all(*arms)) if arms else ():
        found[day.replace(day=1)] += int(n)
    return found
