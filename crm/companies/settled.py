"""Companies that settled here: the local companies that landed leads led to."""

from __future__ import annotations

import sqlalchemy as sa

from crm.access import Actor, visible_leads
from models.enums import Stage, Status
from models.lead import Lead, LeadEntity
from models.place import District, Park

CITY = "city"


def settled(actor: Actor) -> sa.Select[int, int | None, int | None]:
    """Each company with the park and district its lead went to: company_id, park_id, district_id.

    Only of leads that the actor may read.
    """
    return (
        sa.select(LeadEntity.company_id, Lead.park_id, Lead.district_id)
        .join(Lead, Lead.id == LeadEntity.lead_id)
        .where(
            Lead.stage == Stage.LANDED,
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            visible_leads(actor),
        )
    )


def settled_ids(actor: Actor, where: str) -> sa.Select[int]:
    """Their keys; ``where``: ``city``, ``park:CODE`` or ``district:CODE``."""
    each = settled(actor).subquery()
    query = sa.select(each.c.company_id)
    kind, _, code = where.partition(":")
    if kind == "park":
        return query.join(Park, Park.id == each.c.park_id).where(Park.code == code)
    if kind == "district":
        return query.join(District, District.id == each.c.district_id).where(District.code == code)
    return query if where == CITY else query.where(sa.false())
