"""How many of the leads that stood in a stage landed so many quarters later."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, str_enum
from models.enums import Stage


class LandingRate(Model):
    """Of the leads that stood in a stage at the start of a quarter, those that landed in the one
    that begins ``quarters_ahead`` later, over the quarters that were observed by ``as_of``.

    Of the whole city. A lead that stood there at several starts counts at each. The sets of a day
    are written together (crm/reports/forecast/service.py).
    """

    __tablename__ = "landing_rate"
    __table_args__ = (
        sa.CheckConstraint("quarters_ahead BETWEEN 0 AND 7", name="quarters_ahead_known"),
        sa.CheckConstraint("0 <= landed AND landed <= standing", name="landed_of_standing"),
    )

    as_of: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[Stage] = mapped_column(str_enum(Stage), primary_key=True)
    quarters_ahead: Mapped[int] = mapped_column(primary_key=True)
    standing: Mapped[int]
    landed: Mapped[int]
