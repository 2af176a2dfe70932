"""What narrows a scope that holds more than one's own: a team, one person, a park."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from crm.access import Scope
from crm.formats import say
from crm.leads import choices
from views.guard import actor


def scope_selects(
    scope: Scope | None, today: date, *, team: str, person: str, park: str
) -> list[dict[str, Any]]:
    """The choices, with what is chosen (codes and a public id, empty for all); none for one's own.

    A city's people are asked for once a team is chosen: they are too many before.
    """
    found = []
    if scope is Scope.CITY:
        teams = [(code, say(name)) for code, name in choices.teams()]
        found.append(("team", _("小分队"), [("", _("所有小分队")), *teams], team))
    if people := _people(scope, team, today):
        found.append(("person", _("人员"), [("", _("所有人")), *people], person))
    if scope in {Scope.CITY, Scope.TEAM}:
        parks = [
            (code.removeprefix("park:"), say(name))
            for code, name in choices.places()
            if code.startswith("park:")
        ]
        found.append(("park", _("园区"), [("", _("所有园区")), *parks], park))
    return [dict(zip(("name", "label", "options", "chosen"), one, strict=True)) for one in found]


def _people(scope: Scope | None, team: str, today: date) -> list[tuple[str, str]]:
    if scope is Scope.CITY and team:
        people = choices.members(team, today)
    elif scope is Scope.TEAM:
        people = choices.owners(actor(), today)
    else:
        return []
    return [(one.public_id, one.name) for one in people]
