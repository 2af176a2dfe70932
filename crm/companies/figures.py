"""Yearly figures of companies: for each the latest that is known."""

from __future__ import annotations

import sqlalchemy as sa

from crm.messages import Message, msg
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
