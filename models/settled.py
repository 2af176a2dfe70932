"""Companies that settled here, as the figures of the goals are read."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class SettledCompany(Model):
    """A local company that landed leads led to: where it is, and what it was last.

    Kept by the transactions that its leads and figures change in (crm/companies/settlement.py). The
    columns of figures are named like their metrics.
    """

    __tablename__ = "settled_company"
    # Summed by park from this alone.
    __table_args__ = (
        sa.Index("ix_settled_company_park", "park_id", "employees", "software_revenue_cny"),
    )

    company_id: Mapped[int] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    park_id: Mapped[int | None] = mapped_column(sa.ForeignKey("park.id"))
    employees: Mapped[int | None] = mapped_column(sa.BigInteger)
    software_revenue_cny: Mapped[int | None] = mapped_column(sa.BigInteger)
