"""Yearly figures of a company: the latest counts, what was known before stays beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.clock import local_date
from crm.companies.rules import wrong_figures
from crm.companies.survivors import still_itself
from crm.errors import Refusal
from crm.messages import Message, msg
from models import db
from models.figure import Figure

EMPLOYEES = "employees"
REVENUE = "software_revenue_cny"
METRIC_WORDS: dict[str, Message] = {EMPLOYEES: msg("从业人员"), REVENUE: msg("软件业务收入")}

LICENCE = "licence"
REPORTED = "company"
PUBLISHED = "published"
# Where a figure comes from.
SOURCE_WORDS: dict[str, Message] = {
    PUBLISHED: msg("年报或榜单公布"),
    REPORTED: msg("企业提供"),
    "social_insurance": msg("社保参保"),
    "visit": msg("走访所见"),
    LICENCE: msg("营业执照"),
}
# What may be chosen for the yearly figures of a company, the usual one first.
YEARLY_SOURCES = (PUBLISHED, REPORTED, "visit")
# What is said of a figure beside its metric.
_PARTS = ("value", "year", "source")


@dataclass(frozen=True)
class YearFigures:
    """What a company was in a year, as somebody knew it: whole CNY and people; None: not said."""

    year: int
    revenue_cny: int | None = None
    employees: int | None = None
    source: str = PUBLISHED


@dataclass(frozen=True)
class KnownFigure:
    """A figure that counts: of its metric and year the one that was recorded last."""

    metric: str
    year: int
    value: int
    source: str


def latest(metric: str, company_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """A company's figure of the latest year, as it was recorded last; null when there is none."""
    return _latest(Figure.value, metric, company_id).scalar_subquery()


def _latest(what: Any, metric: str, company_id: sa.ColumnElement[int] | int) -> sa.Select[Any]:
    return (
        sa.select(what)
        .where(Figure.company_id == company_id, Figure.metric == metric)
        .order_by(Figure.year.desc(), Figure.recorded_at.desc())
        .limit(1)
    )


def latest_figure(company_id: int, metric: str) -> Figure | None:
    """The figure of the latest year, of that year the one that was recorded last."""
    found: Figure | None = db.session.scalar(_latest(Figure, metric, company_id))
    return found


def record_figure(
    company_id: int,
    metric: str,
    value: int,
    *,
    source: str,
    now: datetime,
    as_of: date,
) -> Figure:
    """Write down a figure for the year of ``as_of``; what is known already is not repeated.

    ``source`` is a code that says where it comes from. Amounts are whole CNY.
    """
    known = latest_figure(company_id, metric)
    told = (as_of.year, value, source, as_of)
    if known is not None and (known.year, known.value, known.source, known.as_of) == told:
        return known
    if known is not None and (known.year, known.recorded_at) == (as_of.year, now):
        known.value, known.source, known.as_of = value, source, as_of
        db.session.flush()
        return known
    figure = Figure(
        company_id=company_id,
        year=as_of.year,
        metric=metric,
        value=value,
        source=source,
        recorded_at=now,
        as_of=as_of,
    )
    db.session.add(figure)
    db.session.flush()
    return figure


def record_year(company_id: int, given: YearFigures, now: datetime) -> None:
    """Write down what a company was in a year; Refusal: each wrong field, or it was merged."""
    today = local_date(now)
    errors = wrong_figures(given.year, given.revenue_cny, given.employees, today)
    if given.source not in YEARLY_SOURCES:
        errors["source"] = [msg("没有这个来源，请从列表里选。")]
    if errors:
        raise Refusal(errors)
    still_itself(company_id)
    as_of = min(date(given.year, 12, 31), today)
    for metric, value in ((REVENUE, given.revenue_cny), (EMPLOYEES, given.employees)):
        if value is not None:
            record_figure(company_id, metric, value, source=given.source, now=now, as_of=as_of)


def figures_of(company_id: int) -> Sequence[KnownFigure]:
    """Revenue and people of a company year by year, the latest year first (one statement)."""
    rows = db.session.execute(
        sa.select(Figure.metric, Figure.year, Figure.value, Figure.source)
        .where(Figure.company_id == company_id, Figure.metric.in_(METRIC_WORDS))
        .order_by(Figure.year.desc(), Figure.metric.desc(), Figure.recorded_at.desc())
    )
    counts: dict[tuple[int, str], KnownFigure] = {}
    for row in rows:
        counts.setdefault((row.year, row.metric), KnownFigure(*row))
    return list(counts.values())


def figure_columns(company_id: int) -> list[sa.Label[Any]]:
    """What ``figures_in`` reads, as columns of any query."""
    return [
        _latest(getattr(Figure, part), metric, company_id)
        .scalar_subquery()
        .label(f"{metric}_{part}")
        for metric in METRIC_WORDS
        for part in _PARTS
    ]


def figures_in(row: Any) -> list[KnownFigure]:
    """The latest figure of each metric that is known, from a row with ``figure_columns``."""
    found = []
    for metric in METRIC_WORDS:
        value, year, source = (getattr(row, f"{metric}_{part}") for part in _PARTS)
        if value is not None:
            found.append(KnownFigure(metric, year, value, source))
    return found
