"""The goals of the policy, with what the records know of each and what is missing."""

from __future__ import annotations

from typing import Any

from crm.access import Right
from crm.formats import say
from crm.reports import policy_goals
from crm.reports.goals import GoalLine, goals, measures
from models.figure import Goal
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.facts import GoalQuery, GoalSchema
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


def _row(goal: Goal, line: GoalLine | None) -> dict[str, Any]:
    measure = measures().get(goal.code)
    return {
        **{name: getattr(goal, name) for name in _OF_GOAL},
        "actual": line.value if line else None,
        "companies": line.actual.value if line and line.actual else None,
        "gap": line.gap if line else None,
        "known_by": say(measure.known_by) if measure else None,
    }
