"""What pages show of local companies, premises and first people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.access import Actor, present, visible_leads, writable_premises
from crm.landing.registration import holding
from crm.leads.cards import place_name
from crm.leads.facts import CAPITAL, EMPLOYEES, FUNDS
from crm.leads.gates import LeadFacts
from crm.messages import Message, Name
from models import db
from models.company import Company, CompanyRelation
from models.enums import SIGNED
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
    also: Any = None
    """What a room above asked along."""


@dataclass(frozen=True)
class Landed:
    """A local company and the lead that led to it. ``readable``: the actor may open the lead."""

    lead: Lead
    investor: Company
    local: Company
    phase: EntityPhase
    readable: bool


def landing_of(
    lead: Lead, facts: LeadFacts, actor: Actor, also: sa.Label[Any] | None = None
) -> Landing | None:
    """The registration and landing of a lead (one statement).

    None, and no statement, before signing when nothing is known of it. ``also`` is a column that
    does not ask the lead, which a room above reads along.
    """
    signed = lead.stage in SIGNED
    if not signed and not facts.local_company_id and not facts.has_premises:
        return None
    query = _known_of(lead.id, actor)
    if also is not None:
        query = query.add_columns(also)
    found = db.session.execute(query).all()
    company, relation, may_write = found[0][:3]
    # Of several companies the first; what stands beside it comes once for each pair of the others.
    rows = [row for row in found if row.Company is company]
    figures = {row.Figure.metric: row.Figure for row in rows if row.Figure}
    premises = {row.Premises.id: row.Premises for row in rows if row.Premises}
    return Landing(
        company=company,
        moved_itself=company is not None and company.id == lead.company_id,
        share_bp=relation.share_bp if relation else None,
        capital=figures.get(CAPITAL),
        funds=figures.get(FUNDS),
        employees=figures.get(EMPLOYEES),
        sites=[Site(one, place_name(one.park, one.district)) for one in premises.values()],
        may_write_premises=may_write,
        also=found[0][-1] if also is not None else None,
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


def _known_of(
    lead_id: int, actor: Actor
) -> sa.Select[Company, CompanyRelation, bool, Figure, Premises]:
    """The local company, its relation and figures (the latest last), the premises (the first lease
    first); a row also where there is none of them."""
    shown = (CAPITAL, FUNDS, EMPLOYEES)
    return (
        sa.select(
            Company, CompanyRelation, writable_premises(actor).label("may_write"), Figure, Premises
        )
        .select_from(Lead)
        .outerjoin(LeadEntity, LeadEntity.lead_id == Lead.id)
        .outerjoin(Company, Company.id == LeadEntity.company_id)
        .outerjoin(CompanyRelation, sa.and_(*holding(Lead.company_id, Company.id)))
        .outerjoin(Figure, sa.and_(Figure.company_id == Company.id, Figure.metric.in_(shown)))
        .outerjoin(Premises, Premises.lead_id == Lead.id)
        .where(Lead.id == lead_id)
        .options(joinedload(Premises.district), joinedload(Premises.park))
        .order_by(Company.id, Figure.year, Figure.recorded_at, Premises.lease_start, Premises.id)
    )


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
