"""The goals of the policy, with what the records know of each and what is missing."""

from __future__ import annotations

from typing import Any

from crm.access import Right
from crm.formats import say
from crm.reports import policy_goals
from crm.reports.goals import GoalLine, goals, measures
from crm.reports.landing_goals.queries import landing_goals
from models.figure import Goal
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.facts import GoalQuery, GoalSchema
from views.api.schemas.reports import LandingGoalSchema
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
    administrators set them on `/landing-goals`; what most likely comes of it stands in
    `/reports/landing-forecast`.
    """
    rows = [
        {"year": goal.year, "landings": goal.landings, "set_at": goal.set_at}
        for goal in landing_goals()
    ]
    return answers.all_of(rows, query)


def _row(goal: Goal, line: GoalLine | None) -> dict[str, Any]:
    measure = measures().get(goal.code)
    return {
        **{name: getattr(goal, name) for name in _OF_GOAL},
        "actual": line.value if line else None,
        "companies": line.actual.value if line and line.actual else None,
        "gap": line.gap if line else None,
        "known_by": say(measure.known_by) if measure else None,
    }
