"""Writes down what was observed until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.reports.forecast.hindsight import look_back
from crm.reports.forecast.observing import observed
from models import db
from models.landing_rate import LandingRate
from models.sets import insert_rows


@dataclass(frozen=True)
class Written:
    """How many shares were written, from how many observations of leads, and of how many quarters
    what would have been said of them."""

    rates: int
    standing: int
    looked_back: int


def observe(as_of: date) -> Written:
    """Write the shares of that day, in the place of those that it had. Flushes.

    And what would have been said of the quarters before it, where nobody has looked back yet.
    """
    found = [
        {"as_of": as_of, "stage": stage, "quarters_ahead": ahead, **one._asdict()}
        for stage, by_ahead in observed(as_of).items()
        for ahead, one in by_ahead.items()
    ]
    connection = db.session.connection()
    connection.execute(sa.delete(LandingRate).where(LandingRate.as_of == as_of))
    insert_rows(connection, LandingRate.__table__, found)
    return Written(len(found), sum(row["standing"] for row in found), look_back(as_of))
