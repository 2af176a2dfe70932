"""Sets, changes and clears the goal of a year; each change stands in the trail."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

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
    return _write(year, landings, actor, now, seen)


def clear_goal(year: int, actor: Actor, now: datetime, *, seen: int | None = None) -> int:
    """Let the year have no goal; what it was, 0 where it had none. Raises as ``set_goal``."""
    require(actor, Right.WRITE_LANDING_GOALS)
    if wrong_year(year):
        raise NotFound
    return _write(year, None, actor, now, seen)


def held_goal(year: int, actor: Actor) -> LandingGoal | None:
    """What the actor may change of the year's goal, which nobody else does until the commit.

    None where the year never had one. Raises Forbidden, and NotFound for a year that no goal is of.
    """
    require(actor, Right.WRITE_LANDING_GOALS)
    if wrong_year(year):
        raise NotFound
    return _held(year)


def _write(year: int, landings: int | None, actor: Actor, now: datetime, seen: int | None) -> int:
    """Let this stand; what stood before."""
    goal = _held(year)
    before = (goal.landings if goal else None) or NONE
    if seen is not None and seen != before:
        raise _faster(before)
    if (landings or NONE) == before:
        return before
    if goal is None:
        goal = LandingGoal(year=year)
        db.session.add(goal)
    goal.landings, goal.set_by_id, goal.set_at = landings, actor.id, now
    try:
        db.session.flush()
    except IntegrityError:
        # The first goal of a year has no row that could be held.
        raise Conflict(msg("刚刚有人定了这一年的目标。请看一眼再定。")) from None
    return before


def _held(year: int) -> LandingGoal | None:
    """The goal, which nobody else changes until the commit."""
    query = sa.select(LandingGoal).where(LandingGoal.year == year)
    found: LandingGoal | None = db.session.scalar(
        query.with_for_update().execution_options(populate_existing=True)
    )
    return found


def _faster(before: int) -> Conflict:
    if before:
        return Conflict(msg("您打开之后，目标改成了 %(n)s 条。请看一眼再定。", n=before))
    return Conflict(msg("您打开之后，有人取消了目标。请看一眼再定。"))
