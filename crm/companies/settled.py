"""Companies that settled here: the local companies that landed leads led to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.access import Actor, sees_the_city, visible_leads
from crm.companies.figures import METRIC_WORDS, latest
from models.enums import Stage, Status
from models.lead import Lead, LeadEntity
from models.place import Park
from models.settled import SettledCompany

CITY = "city"


def landings(which: sa.ColumnElement[bool]) -> sa.Select[int, int | None]:
    """The local companies of landed leads, each once, with the park its lead went to.

    A company that landed in two parks counts in the one that comes later in the city's order, so
    that the parks add up.
    """
    return (
        sa.select(LeadEntity.company_id, sa.func.max(Lead.park_id).label("park_id"))
        .join(Lead, Lead.id == LeadEntity.lead_id)
        .where(Lead.stage == Stage.LANDED, Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)), which)
        .group_by(LeadEntity.company_id)
    )


def settled(actor: Actor) -> sa.Subquery:
    """Each such company once with its park, of leads that the actor may read: company_id, park_id.

    The whole city's are kept (``settlement``).
    """
    if sees_the_city(actor):
        return sa.select(SettledCompany.company_id, SettledCompany.park_id).subquery()
    return landings(visible_leads(actor)).subquery()


def settled_figures(actor: Actor) -> sa.Select[Any]:
    """The same with the latest figures, by the names of their metrics."""
    if sees_the_city(actor):
        return sa.select(*SettledCompany.__table__.columns)
    return with_figures(settled(actor))


def with_figures(each: sa.Subquery) -> sa.Select[Any]:
    """Companies with their parks, and each one's latest figures looked up."""
    values = [latest(metric, each.c.company_id).label(metric) for metric in METRIC_WORDS]
    # A planner that folds this into sums over it looks each value up once a sum.
    return sa.select(each.c.company_id, each.c.park_id, *values).offset(0)


def settled_ids(actor: Actor, where: str) -> sa.Select[int]:
    """Their keys; ``where``: ``city`` or ``park:CODE``, anything else is nowhere."""
    each = settled(actor)
    query = sa.select(each.c.company_id)
    if where == CITY:
        return query
    code = where.removeprefix("park:")
    return query.join(Park, Park.id == each.c.park_id).where(Park.code == code)
