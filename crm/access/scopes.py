"""Whose leads a page shows: mine, my team's, my place's, the city's."""

from __future__ import annotations

import enum

from crm.access.actor import Actor
from models.enums import Role


class Scope(enum.StrEnum):
    """A choice of whose leads a board or list shows."""

    MINE = "mine"
    TEAM = "team"
    PLACE = "place"
    CITY = "city"


def scopes(actor: Actor) -> tuple[Scope, ...]:
    """What this actor may choose; the first is where they start."""
    match actor.role:
        case Role.SCOUT:
            return (Scope.MINE, Scope.TEAM)
        case Role.TEAM_LEAD:
            return (Scope.TEAM, Scope.MINE)
        case Role.MANAGER:
            return (Scope.CITY, Scope.MINE)
        case Role.AUDITOR:
            return (Scope.CITY,)
        case Role.PARK_OFFICER:
            return (Scope.PLACE,)
        case Role.LIAISON_LEADER:
            return (Scope.MINE,)
        case _:
            return ()
