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


_SCOPES: dict[Role, tuple[Scope, ...]] = {
    Role.SCOUT: (Scope.MINE, Scope.TEAM),
    Role.TEAM_LEAD: (Scope.TEAM, Scope.MINE),
    Role.MANAGER: (Scope.CITY, Scope.MINE),
    Role.AUDITOR: (Scope.CITY,),
    Role.PARK_OFFICER: (Scope.PLACE,),
    Role.LIAISON_LEADER: (Scope.MINE,),
}


def scopes(actor: Actor) -> tuple[Scope, ...]:
    """What this actor may choose; the first is where they start."""
    return scopes_of(actor.role)


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """The same by role."""
    return _SCOPES.get(role, ())


def own_first(actor: Actor) -> list[Scope]:
    """The same where a day is looked at: whoever works in a team starts with their own."""
    return sorted(scopes(actor), key=lambda scope: bool(actor.teams) and scope is not Scope.MINE)
