"""A forecast as plain values, for the API and the command alike. Pure."""

from __future__ import annotations

from typing import Any

from crm.reports.forecast.hindsight import Hindsight, Past
from crm.reports.forecast.queries import LandingForecast
from crm.reports.forecast.rules import AHEAD, Points, pooled
from models.enums import Stage


def as_object(found: LandingForecast, hindsight: Hindsight | None) -> dict[str, Any]:
    """All of it; null stands for what is not known."""
    return {
        "today": found.today.isoformat(),
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "landed_this_year": found.landed.value,
        "quarters": [
            {
                "first": max(found.today, one.quarter.first).isoformat(),
                "last": one.quarter.last.isoformat(),
                **_points(one.points),
            }
            for one in found.quarters
        ],
        "years": [
            {"year": one.year, "goal": one.goal, **_points(one.points)} for one in found.years
        ],
        "stages": [
            {
                "stage": stage.value,
                "standing": figure.value,
                "observed": [_observed(found, stage, ahead) for ahead in AHEAD],
            }
            for stage, figure in found.standing.items()
        ],
        "hindsight": [_past(one) for one in hindsight.quarters] if hindsight else None,
    }


def _past(one: Past) -> dict[str, Any]:
    return {
        "first": one.quarter.first.isoformat(),
        "last": one.quarter.last.isoformat(),
        "standing": one.standing,
        **_points(one.points),
        "landed": one.landed.value,
        "registered_later": one.later.value,
        "within": None if one.beside is None else one.beside == 0,
    }


def _observed(found: LandingForecast, stage: Stage, ahead: int) -> dict[str, Any]:
    taken, stages = pooled(found.rates, stage, ahead)
    return {
        "quarters_ahead": ahead,
        "standing": taken.standing,
        "landed": taken.landed,
        "of_stages": [one.value for one in stages],
        "enough": taken.enough,
    }


def _points(points: Points | None) -> dict[str, int | None]:
    if points is None:
        return dict.fromkeys(("at_least_90", "likely", "at_least_10"))
    return {
        "at_least_90": points.sure,
        "likely": points.likely,
        "at_least_10": points.possible,
    }
