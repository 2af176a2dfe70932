"""Which leads words find: by their companies' names and their projects, as the search does."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access import Actor, Scope, first_by_team
from crm.companies.finding import Shelf, looked_up, words_of
from models.enums import Role
from models.lead import Lead
from models.team import Team
from models.token import LeadToken

Condition = sa.ColumnElement[bool]

_SHELF = Shelf(LeadToken.lead_id, LeadToken.token)


def found_by(
    words: str, among: Condition | None = None, *, lost: bool | None = None, by_row: bool = False
) -> Condition:
    """The leads that every word finds; what is too short to be looked up is looked for in projects.

    ``among``: the part of the words that is read (``words_among``), else all of them; ``lost``:
    whether only lost leads are asked for, or only others. ``by_row``: each lead is looked up by its
    key, where very many are found and few are wanted.
    """
    looked_for = words_of(words)
    if not looked_for:
        # Most leads have no project of their own, and an empty text is soon told.
        return sa.and_(Lead.project != "", Lead.project.icontains(words, autoescape=True))
    if by_row:
        row = sa.select(sa.literal(1)).where(LeadToken.lead_id == Lead.id)
        each = (row.where(_SHELF.begins(word)) for word in looked_for)
        return sa.and_(*(looked_up(one.correlate_except(LeadToken)) for one in each))
    part = [_of_any_team() if among is None else among]
    if lost is not None:
        part.append(LeadToken.lost.is_(lost))
    rows = sa.select(LeadToken.lead_id).where(*part)
    return sa.and_(*(Lead.id.in_(rows.where(_SHELF.begins(word))) for word in looked_for))


def words_among(actor: Actor, scope: Scope | None) -> Condition:
    """Where the words stand of the leads of a scope; without one, of the actor's teams."""
    if scope is Scope.TEAM or (scope is None and first_by_team(actor)):
        return LeadToken.team_id.in_(actor.teams)
    if scope is Scope.MINE and actor.role is not Role.LIAISON_LEADER:
        return sa.and_(_of_any_team(), LeadToken.owner_id == actor.id)
    return _of_any_team()


def _of_any_team() -> Condition:
    """All of them, as ranges of the table's key, which begins with the team."""
    return LeadToken.team_id.in_(sa.select(Team.id))
