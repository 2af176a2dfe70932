"""What would have been said of the landings of a quarter on its first day."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class LandingHindsight(Model):
    """How many of the leads that stood at the start of a quarter were to land in it, as it followed
    from what was known at that moment (crm/reports/forecast/hindsight.py).

    Of the whole city. The points are null where too little was known to say it.
    """

    __tablename__ = "landing_hindsight"
    __table_args__ = (
        sa.CheckConstraint("standing >= 0", name="standing_known"),
        sa.CheckConstraint(
            "(sure IS NULL AND likely IS NULL AND possible IS NULL)"
            " OR (0 <= sure AND sure <= likely AND likely <= possible)",
            name="points_rise",
        ),
    )

    first: Mapped[date] = mapped_column(primary_key=True)
    """Of the quarter."""
    standing: Mapped[int]
    sure: Mapped[int | None]
    likely: Mapped[int | None]
    possible: Mapped[int | None]
