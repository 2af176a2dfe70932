"""What came of it in a period, and what is expected to land next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.leads.counting import Count, Wanted, all_conditions, count_each
from crm.leads.filters import LeadFilter
from crm.reports.figure import Figure, of_leads
from crm.spans import Span, month_end
from models import db
from models.enums import SIGNED, Stage
from models.lead import Lead, Result

AHEAD = timedelta(days=90)
SHOWN = 8


@dataclass(frozen=True)
class Month:
    """A calendar month, as far as it lies ahead."""

    first: date
    leads: Figure


@dataclass(frozen=True)
class Results:
    """Figures of a period (of now: registered this month), and the landings ahead."""

    registered: Figure
    signed: Figure
    landed: Figure
    expansions: Figure
    ahead: Figure
    missed: Figure
    months: Sequence[Month]
    next: Sequence[Lead]


def results(actor: Actor, period: Span, today: date) -> Results:
    """All of it, of the leads that the actor may read (three statements at most).

    Signed and landed count by the day it happened, while the lead stands there or further on: one
    that went back or was lost counts no more. What lands of a group after its first is an
    expansion. A signing counts once a project.
    """
    landed = LeadFilter(stage=Stage.LANDED, landed=period)
    month = Span(today.replace(day=1), month_end(today))
    ahead = Span(today, today + AHEAD)
    months = {f"landing-{day:%Y-%m}": (day, end) for day, end in months_of(today, today + AHEAD)}
    opens = {
        "registered-this-month": LeadFilter(status="all", created=month),
        "signed": LeadFilter(stages=SIGNED, signed=period),
        # A landing is either the group's first or an expansion.
        "landed": replace(landed, expansion="no"),
        "expansions": replace(landed, expansion="yes"),
        "landing-missed": expected(Span(None, today - timedelta(days=1))),
        **{name: expected(Span(*days)) for name, days in months.items()},
        "landing-ahead": expected(ahead),
    }
    due = Span(None, ahead.last)
    counts = count_each(
        actor,
        {
            "registered-this-month": Wanted(
                opens["registered-this-month"], month=(Result.CREATED, month)
            ),
            "signed": Wanted(opens["signed"], ("signed",), month=(Result.SIGNED, period)),
            "landed": Wanted(landed, ("signed",), month=(Result.LANDED, period)),
            "expansions": Wanted(opens["expansions"], ("signed",)),
            # The months are the days ahead, cut; what is left should have landed before.
            "landing-missed": Wanted(
                expected(due), ("planned",), {name: opens[name] for name in months}
            ),
        },
        today,
    )
    counts["landed"] -= counts["expansions"]
    counts["landing-ahead"] = sum((counts[name] for name in months), Count())

    def figure(name: str, sum_of: str = "") -> Figure:
        return of_leads(name, counts[name], opens[name], sum_of)

    return Results(
        registered=figure("registered-this-month"),
        signed=figure("signed", "signed"),
        landed=figure("landed", "signed"),
        expansions=figure("expansions", "signed"),
        ahead=figure("landing-ahead", "planned"),
        missed=figure("landing-missed", "planned"),
        months=[Month(first, figure(name, "planned")) for name, (first, _end) in months.items()],
        next=_next(actor, expected(ahead), today) if counts["landing-ahead"].n else [],
    )


def expected(span: Span) -> LeadFilter:
    """Leads on their way that are expected to land in these days."""
    return LeadFilter(status="ongoing", landing=span)


def months_of(first: date, last: date) -> list[tuple[date, date]]:
    """The days from first to last, cut at the ends of months."""
    found = []
    while first <= last:
        end = min(month_end(first), last)
        found.append((first, end))
        first = end + timedelta(days=1)
    return found


def _next(actor: Actor, wanted: LeadFilter, today: date) -> Sequence[Lead]:
    return db.session.scalars(
        sa.select(Lead)
        .where(*all_conditions(actor, wanted, today))
        .order_by(Lead.expected_landing_on, Lead.id)
        .limit(SHOWN)
        .options(joinedload(Lead.company), joinedload(Lead.park), joinedload(Lead.district))
    ).all()
