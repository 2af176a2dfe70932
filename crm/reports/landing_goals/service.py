"""Sets, changes and clears the goal of a year; each change stands in the trail."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, Right, require
from crm.errors import Conflict, NotFound, Refusal
from crm.messages import msg
from crm.reports.landing_goals.rules import wrong, wrong_year
from models import db
from models.landing_goal import LandingGoal

# A goal that somebody sees where none is.
NONE = 0


def set_goal(
    year: int, landings: int | None, actor: Actor, now: datetime, *, seen: int | None = None
) -> int:
    """Let so many landings be the goal of the year; what the goal was, 0 for none.

    ``seen`` is the goal that the actor had before them, 0 for none; None does not ask. Raises
    NotFound for a year that no goal is of, Forbidden, Refusal at ``landings``, and Conflict when
    somebody was faster.
    """
    require(actor, Right.WRITE_LANDING_GOALS)
    if wrong_year(year):
        raise NotFound
    if text := wrong(landings):
        raise Refusal({"landings": [text]})
    assert landings is not None  # noqa: S101 (said above)
    goal = _held(year)
    before = goal.landings if goal else NONE
    _expect(before, seen)
    if goal is None:
        db.session.add(LandingGoal(year=year, landings=landings, set_by_id=actor.id, set_at=now))
    elif before != landings:
        goal.landings, goal.set_by_id, goal.set_at = landings, actor.id, now
    db.session.flush()
    return before


def clear_goal(year: int, actor: Actor, *, seen: int | None = None) -> int:
    """Let the year have no goal; what it was, 0 where it had none. Raises as ``set_goal``."""
    require(actor, Right.WRITE_LANDING_GOALS)
    if wrong_year(year):
        raise NotFound
    goal = _held(year)
    before = goal.landings if goal else NONE
    _expect(before, seen)
    if goal is not None:
        db.session.delete(goal)
        db.session.flush()
    return before


def _held(year: int) -> LandingGoal | None:
    """The goal, which nobody else changes until the commit."""
    query = sa.select(LandingGoal).where(LandingGoal.year == year)
    found: LandingGoal | None = db.session.scalar(
        query.with_for_update().execution_options(populate_existing=True)
    )
    return found


def _expect(before: int, seen: int | None) -> None:
    if seen is None or seen == before:
        return
    if before:
        raise Conflict(msg("您打开之后，目标改成了 %(n)s 条。请看一眼再定。", n=before))
    raise Conflict(msg("您打开之后，有人取消了目标。请看一眼再定。"))
