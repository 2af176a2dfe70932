"""Makers of what was observed of past quarters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.reports.forecast.rules import AHEAD, ON_THEIR_WAY
from models.enums import Stage
from models.landing_rate import LandingRate

# Of a hundred that stood there, so many landed in the same quarter; a third of it in each later.
USUAL: Mapping[Stage, int] = {
    Stage.IDENTIFIED: 0,
    Stage.ENGAGED: 3,
    Stage.NEGOTIATING: 9,
    Stage.COMMITTED: 30,
    Stage.REGISTERED: 60,
}


def some_rates(session: Any, as_of: date, standing: int = 100, landed: Any = USUAL) -> None:
    """The shares of a day, committed."""
    for stage in ON_THEIR_WAY:
        for ahead in AHEAD:
            n = landed[stage] * standing // 100 // (3 if ahead else 1)
            session.add(
                LandingRate(
                    as_of=as_of, stage=stage, quarters_ahead=ahead, standing=standing, landed=n
                )
            )
    session.commit()
