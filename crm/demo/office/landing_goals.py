"""What the manager wants to land this year and the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil

import sqlalchemy as sa

from crm.demo.office.pen import Act, Make
from crm.demo.office.scene import Scene
from crm.reports.landing_goals.rules import MOST
from models.enums import Role, Stage, Status
from models.lead import Lead

# Said in the new year's third week; the next year's in November, where that has come.
SAID_ON = (1, 18)
NEXT_SAID_ON = (11, 9)
# What each asks for, of what landed in the last twelve months; and some at least.
THIS_YEAR, NEXT_YEAR, LEAST = 1.15, 1.3, 4


def landing_goals(scene: Scene) -> Iterator[Act]:
    """Two goals that are neither met yet nor out of reach."""
    year, since = scene.today.year, scene.today - timedelta(days=365)
    landed = scene.connection.scalar(
        sa.select(sa.func.count())
        .where(Lead.stage == Stage.LANDED, Lead.status != Status.LOST)
        .where(Lead.landed_on > since, Lead.landed_on <= scene.today)
    )
    yield _goal(scene, year, date(year, *SAID_ON), (landed or 0) * THIS_YEAR)
    yield _goal(scene, year + 1, date(year, *NEXT_SAID_ON), (landed or 0) * NEXT_YEAR)


def _goal(scene: Scene, year: int, on: date, wanted: float) -> Act:
    at = scene.at(min(on, scene.today - timedelta(days=1)), 600)
    manager = scene.the(Role.MANAGER).id
    landings = min(MOST, max(LEAST, ceil(wanted)))
    goal = {"year": year, "landings": landings, "set_by_id": manager, "set_at": at}
    return Act(at, manager, (Make("landing_goal", goal),))
