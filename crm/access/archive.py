"""What lies in the trash: left out of every query, and found again by who may bring it back."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access.actor import Actor
from crm.access.policy import Right, allowed
from models.archive import ArchiveEntry
from models.enums import Role
from models.lead import Lead

Condition = sa.ColumnElement[bool]


def present() -> Condition:
    """The leads that are not in the trash.

    By key: few are in it, and whatever index a query reads knows the key, so that what is counted
    from an index alone still is.
    """
    return Lead.id.not_in(sa.select(ArchiveEntry.lead_id))


def in_trash(actor: Actor) -> Condition:
    """The archived leads that this person may bring back: their own and those they put away, a
    team lead all of the team's, a manager all."""
    away = Lead.id.in_(sa.select(ArchiveEntry.lead_id))
    if not allowed(actor, Right.WRITE_LEADS):
        return sa.false()
    if actor.role is Role.MANAGER:
        return away
    by_them = sa.select(ArchiveEntry.lead_id).where(ArchiveEntry.archived_by_id == actor.id)
    theirs = sa.or_(
        Lead.owner_id == actor.id, sa.and_(Lead.team_id.in_(actor.teams), Lead.id.in_(by_them))
    )
    if actor.role is Role.TEAM_LEAD:
        theirs = sa.or_(theirs, Lead.team_id.in_(actor.teams))
    return sa.and_(away, theirs)
