"""Companies that settled here: the local companies that landed leads led to."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access import Actor, visible_leads
from models.enums import Stage, Status
from models.lead import Lead, LeadEntity
from models.place import Park

CITY = "city"


def settled(actor: Actor) -> sa.Subquery:
    """Each such company once, with the park its lead went to: company_id, park_id.

    Only of leads that the actor may read. A company that landed in two parks counts in the one
    that comes later in the city's order, so that the parks add up.
    """
    return (
        sa.select(LeadEntity.company_id, sa.func.max(Lead.park_id).label("park_id"))
        .join(Lead, Lead.id == LeadEntity.lead_id)
        .where(
            Lead.stage == Stage.LANDED,
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            visible_leads(actor),
        )
        .group_by(LeadEntity.company_id)
        .subquery()
    )


def settled_ids(actor: Actor, where: str) -> sa.Select[int]:
    """Their keys; ``where``: ``city`` or ``park:CODE``, anything else is nowhere."""
    each = settled(actor)
    query = sa.select(each.c.company_id)
    if where == CITY:
        return query
    code = where.removeprefix("park:")
    return query.join(Park, Park.id == each.c.park_id).where(Park.code == code)
