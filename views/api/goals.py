"""The goals of the policy."""

from __future__ import annotations

from typing import Any

from crm.access import Right
from crm.reports.policy_goals import goals
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.facts import GoalQuery, GoalSchema

noun = Noun("goals", "Goals: what the policy wants, for the city and its parts.")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(GoalQuery, location="query")
@noun.pages(GoalSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List goals

    All of them on one page, in the policy's order.
    """
    return answers.all_of(goals(query.get("scope")))
