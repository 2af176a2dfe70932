"""Yearly figures of companies, and the goals of the policy."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, UTCDateTime, ref


class Figure(Model):
    """A figure of a company for a year, as somebody knew it; a later one stands beside it.

    ``as_of`` is the day on which it was so, where somebody said one.
    """

    __tablename__ = "figure"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "year", "metric", "recorded_at"),
        # The latest of a metric is one look-up.
        sa.Index("ix_figure_latest", "company_id", "metric", "year", "recorded_at", "value"),
    )
    audit_subject = "figure"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = ref("company.id")
    year: Mapped[int]
    metric: Mapped[str] = mapped_column(sa.String(32))
    value: Mapped[int] = mapped_column(sa.BigInteger)
    source: Mapped[str] = mapped_column(sa.String(64))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    as_of: Mapped[date | None]


class Goal(Model):
    """A goal (目标任务) of the policy, for the city or one of its parts."""

    __tablename__ = "goal"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(48), unique=True)
    scope: Mapped[str] = mapped_column(sa.String(48))
    zh: Mapped[str] = mapped_column(sa.String(128))
    en: Mapped[str] = mapped_column(sa.String(160))
    value: Mapped[int | None] = mapped_column(sa.BigInteger)
    unit: Mapped[str | None] = mapped_column(sa.String(32))
    due_on: Mapped[date | None]
    clause: Mapped[str | None] = mapped_column(sa.String(64))
