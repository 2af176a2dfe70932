"""The goals of the policy, with what the records know of each and what is missing."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.formats import say
from crm.reports import policy_goals
from crm.reports.goals import GoalLine, goals, measures
from crm.reports.landing_goals import service
from crm.reports.landing_goals.queries import goal_of, landing_goals
from models.figure import Goal
from models.landing_goal import LandingGoal
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.facts import GoalQuery, GoalSchema
from views.api.schemas.reports import (
    LandingGoalChangesSchema,
    LandingGoalSchema,
    YearGoalSchema,
)
from views.guard import actor

noun = Noun("goals", "Goals: what the policy wants, for the city and its parts.")

_OF_GOAL = ("code", "scope", "zh", "en", "value", "unit", "due_on", "clause")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(GoalQuery, location="query")
@noun.pages(GoalSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List goals

    All of them on one page, in the policy's order. Actual and gap are those of the overview: for
    who sees the whole city, and of a park for its officers.
    """
    known = {line.goal.id: line for line in goals(actor())}
    found = policy_goals.goals(query.get("scope"))
    return answers.all_of([_row(goal, known.get(goal.id)) for goal in found], query)


@noun.get("/landings")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ShortPaging, location="query")
@noun.pages(LandingGoalSchema)
def landings(query: dict[str, Any]) -> dict[str, Any]:
    """List the goals of landings

    How many projects are to land in each year that has a goal, on one page. Managers and
    administrators set them, one year at a time; what most likely comes of it stands in
    `/reports/landing-forecast`.
    """
    rows = [
        {"year": goal.year, "landings": goal.landings, "set_at": goal.set_at}
        for goal in landing_goals()
    ]
    return answers.all_of(rows, query)


@noun.get("/landings/<year:year>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(YearGoalSchema)
def show_landings(year: int) -> Response:
    """Get the goal of landings of a year

    A year from 2000 to 2100 that has no goal answers null, with the tag by which one is set.
    """
    return answers.read(_dumped(year, goal_of(year)))


@noun.patch("/landings/<year:year>")
@noun.needs(Right.WRITE_LANDING_GOALS)
@noun.arguments(LandingGoalChangesSchema)
@noun.answers(YearGoalSchema)
def set_landings(sent: dict[str, Any], year: int) -> Response:
    """Set the goal of landings of a year

    The first one or another; managers and administrators. The trail has who, when and what it was.
    """
    answers.matched(lambda: service.held_goal(year, actor()), lambda goal: _dumped(year, goal))
    service.set_goal(year, sent["landings"], actor(), clock.now())
    return answers.changed(_dumped(year, goal_of(year)))


@noun.delete("/landings/<year:year>")
@noun.needs(Right.WRITE_LANDING_GOALS)
@noun.gone
def clear_landings(year: int) -> Response:
    """Clear the goal of landings of a year

    From then on the year has none. The trail keeps what it was.
    """
    answers.matched(lambda: service.held_goal(year, actor()), lambda goal: _dumped(year, goal))
    service.clear_goal(year, actor(), clock.now())
    return answers.gone()


def _dumped(year: int, goal: LandingGoal | None) -> dict[str, Any]:
    dumped: dict[str, Any] = YearGoalSchema().dump(
        {
            "year": year,
            "landings": goal.landings if goal else None,
            "set_at": goal.set_at if goal else None,
        }
    )
    return dumped


def _row(goal: Goal, line: GoalLine | None) -> dict[str, Any]:
    measure = measures().get(goal.code)
    return {
        **{name: getattr(goal, name) for name in _OF_GOAL},
        "actual": line.value if line else None,
        "companies": line.actual.value if line and line.actual else None,
        "gap": line.gap if line else None,
        "known_by": say(measure.known_by) if measure else None,
    }
