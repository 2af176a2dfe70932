"""Who may put what away, and bring it back, as conditions of queries."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access.actor import Actor
from crm.access.archive import Condition, archived_keys, present
from crm.access.policy import Right, allowed
from models.archive import ArchiveEntry
from models.enums import Role
from models.lead import Lead
from models.visit import Visit, VisitLead


def in_trash(actor: Actor) -> Condition:
    """The archived leads that this person may bring back: their own and those they put away, a
    team lead all of the team's, a manager all."""
    away = Lead.id.in_(archived_keys(Lead))
    if not allowed(actor, Right.WRITE_LEADS):
        return sa.false()
    if actor.role is Role.MANAGER:
        return away
    by_them = (
        sa.select(ArchiveEntry.lead_id)
        .where(ArchiveEntry.lead_id.is_not(None), ArchiveEntry.archived_by_id == actor.id)
        .correlate(None)
    )
    theirs = sa.or_(
        Lead.owner_id == actor.id, sa.and_(Lead.team_id.in_(actor.teams), Lead.id.in_(by_them))
    )
    if actor.role is Role.TEAM_LEAD:
        theirs = sa.or_(theirs, Lead.team_id.in_(actor.teams))
    return sa.and_(away, theirs)


def removable_visits(actor: Actor) -> Condition:
    """The visits that this person may put away: their own, a team lead those about the team's
    leads, a manager all."""
    if not allowed(actor, Right.LOG_VISITS):
        return sa.false()
    if actor.role is Role.MANAGER:
        return sa.true()
    own = Visit.author_id == actor.id
    if actor.role is not Role.TEAM_LEAD:
        return own
    of_team = (
        sa.select(VisitLead.visit_id)
        .join(Lead, Lead.id == VisitLead.lead_id)
        .where(VisitLead.visit_id == Visit.id, Lead.team_id.in_(actor.teams), present())
        .exists()
    )
    return sa.or_(own, of_team)


def visits_in_trash(actor: Actor) -> Condition:
    """The archived visits that this person may bring back: those they might have put away."""
    return sa.and_(Visit.id.in_(archived_keys(Visit)), removable_visits(actor))
