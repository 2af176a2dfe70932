"""The caller's reminders."""

from __future__ import annotations

from typing import Any

from crm import clock
from crm.access import Right
from crm.access.scopes import Scope
from crm.formats import say
from crm.reminders.queries import reminders_page
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import ReminderQuery, ReminderSchema
from views.guard import actor

noun = Noun("reminders", "Reminders: what was found due for the caller, and why.")


@noun.get("")
@noun.needs(Right.READ_TODAY)
@noun.arguments(ReminderQuery, location="query")
@noun.pages(ReminderSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's reminders

    The newest first, with what became of each one's mail.
    """
    cursor = answers.check_cursor(query.get("cursor"), (answers.row_key,))
    found = reminders_page(
        actor(), Scope.MINE, query.get("state"), cursor, clock.today(), query["limit"]
    )
    rows = [
        {**vars(row), "headline": say(row.headline), "reason": say(row.reason)}
        for row in found.items
    ]
    return answers.page(found, rows)
