"""What pages show of local companies, premises and first people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.access import Actor, present, visible_leads
from crm.landing.local_company import local_company_of
from crm.landing.premises import may_write_premises
from crm.landing.registration import relation_to
from crm.leads.cards import place_name
from crm.leads.facts import CAPITAL, EMPLOYEES, FUNDS
from crm.leads.gates import LeadFacts
from crm.leads.stages import position
from crm.messages import Message, Name
from models import db
from models.company import Company
from models.enums import Stage
from models.figure import Figure
from models.lead import EntityPhase, Lead, LeadEntity
from models.premises import Premises

MOST_SHOWN = 50


@dataclass(frozen=True)
class Site:
    """Premises and what their place is called."""

    premises: Premises
    place: Message | Name


@dataclass(frozen=True)
class Landing:
    """What is known of a lead's registration and landing."""

    company: Company | None
    moved_itself: bool
    share_bp: int | None
    capital: Figure | None
    funds: Figure | None
    employees: Figure | None
    sites: Sequence[Site]
    may_write_premises: bool


@dataclass(frozen=True)
class Landed:
    """A local company and the lead that led to it. ``readable``: the actor may open the lead."""

    lead: Lead
    investor: Company
    local: Company
    phase: EntityPhase
    readable: bool


def landing_of(lead: Lead, facts: LeadFacts, actor: Actor) -> Landing | None:
    """The registration and landing of a lead (five statements at most).

    None, and no statement, before signing when nothing is known of it.
    """
    signed = position(lead.stage) >= position(Stage.COMMITTED)
    if not signed and not facts.local_company_id and not facts.has_premises:
        return None
    company = local_company_of(lead) if facts.local_company_id else None
    relation = relation_to(lead, company.id) if company else None
    figures = _figures(company.id) if company else {}
    return Landing(
        company=company,
        moved_itself=company is not None and company.id == lead.company_id,
        share_bp=relation.share_bp if relation else None,
        capital=figures.get(CAPITAL),
        funds=figures.get(FUNDS),
        employees=figures.get(EMPLOYEES),
        sites=sites_of(lead.id) if facts.has_premises else (),
        may_write_premises=may_write_premises(lead, actor),
    )


def sites_of(lead_id: int) -> list[Site]:
    """The premises of a lead, the first lease first (one query)."""
    query = (
        sa.select(Premises)
        .where(Premises.lead_id == lead_id)
        .options(joinedload(Premises.district), joinedload(Premises.park))
        .order_by(Premises.lease_start, Premises.id)
    )
    return [Site(p, place_name(p.park, p.district)) for p in db.session.scalars(query)]


def landings_of(company_id: int, actor: Actor) -> list[Landed]:
    """What leads of this company led to, and which lead led to it (one query)."""
    investor, local = aliased(Company), aliased(Company)
    leads = sa.union(
        sa.select(LeadEntity.lead_id).where(LeadEntity.company_id == company_id),
        sa.select(Lead.id).where(Lead.company_id == company_id),
    )
    rows = db.session.execute(
        sa.select(Lead, investor, local, LeadEntity.phase, visible_leads(actor).label("readable"))
        .join(LeadEntity, LeadEntity.lead_id == Lead.id)
        .join(investor, investor.id == Lead.company_id)
        .join(local, local.id == LeadEntity.company_id)
        .where(Lead.id.in_(leads), present())
        .order_by(Lead.id.desc())
        .limit(MOST_SHOWN)
    )
    return [Landed(*row) for row in rows]


def _figures(company_id: int) -> dict[str, Figure]:
    """The latest figure of each kind that a lead's page shows (one query)."""
    rows = db.session.scalars(
        sa.select(Figure)
        .where(Figure.company_id == company_id, Figure.metric.in_((CAPITAL, FUNDS, EMPLOYEES)))
        .order_by(Figure.year, Figure.recorded_at)
    )
    return {figure.metric: figure for figure in rows}
