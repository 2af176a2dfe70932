"""Yearly figures of a company: the latest counts, what was known before stays beside it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from crm.messages import Message, msg
from models import db
from models.figure import Figure

EMPLOYEES = "employees"
REVENUE = "software_revenue_cny"
METRIC_WORDS: dict[str, Message] = {EMPLOYEES: msg("从业人员"), REVENUE: msg("软件业务收入")}


def latest(metric: str, company_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """A company's figure of the latest year, as it was recorded last; null when there is none."""
    return (
        sa.select(Figure.value)
        .where(Figure.company_id == company_id, Figure.metric == metric)
        .order_by(Figure.year.desc(), Figure.recorded_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def latest_figure(company_id: int, metric: str) -> Figure | None:
    """The figure of the latest year, of that year the one that was recorded last."""
    found: Figure | None = db.session.scalar(
        sa.select(Figure)
        .where(Figure.company_id == company_id, Figure.metric == metric)
        .order_by(Figure.year.desc(), Figure.recorded_at.desc())
        .limit(1)
    )
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
