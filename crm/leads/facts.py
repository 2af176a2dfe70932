"""Reads from the records what the gates look at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.access import present
from crm.companies import figures
from crm.companies.credit_code import code_problem
from crm.leads.gates import LeadFacts
from models import db
from models.attachment import Attachment, AttachmentKind
from models.company import Company
from models.enums import OfferState, TaskKind, TaskState, VisitMode
from models.figure import Figure
from models.lead import Lead, LeadEntity
from models.offer import Offer
from models.premises import Premises
from models.task import Task
from models.visit import Visit, VisitContact, VisitLead

# Yearly figures under which a local company's capital and people are kept.
EMPLOYEES = figures.EMPLOYEES
CAPITAL = "registered_capital_cny"
# What has really been paid in (到位资金): no gate asks for it, the ledgers print it.
FUNDS = "funds_in_place_cny"


def facts_of(lead: Lead) -> LeadFacts:
    """What the lead's records say now, for every gate (one statement).

    Evidence is what hangs on this lead, and what was logged on its company without naming a lead.
    """
    return facts_in(db.session.execute(sa.select(*fact_columns(lead))).one(), lead)


def fact_columns(lead: Lead) -> list[sa.Label[Any]]:
    """What ``facts_in`` reads, as columns of any query: none looks at the query's own rows."""
    return [
        _evidence(lead, touched()).label("has_touch"),
        _evidence(lead, met()).label("has_visit"),
        _next_step(lead, Task.text).label("next_step"),
        _next_step(lead, Task.due_on).label("next_step_on"),
        _has_agreement(lead).label("has_agreement"),
        _offer_ready(lead).label("offer_ready"),
        _local(lead, Company.id).label("local_company_id"),
        _local(lead, Company.credit_code).label("credit_code"),
        _figure(lead, CAPITAL).label("capital"),
        _figure(lead, EMPLOYEES).label("employees"),
        _has_premises(lead).label("has_premises"),
    ]


def facts_in(row: Any, lead: Lead) -> LeadFacts:
    """The facts from a row with ``fact_columns``."""
    return LeadFacts(
        company_id=lead.company_id,
        segment_id=lead.segment_id,
        channel_id=lead.channel_id,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
        has_touch=bool(row.has_touch),
        need=lead.need,
        has_visit=bool(row.has_visit),
        planned_investment_cny=lead.planned_investment_cny,
        planned_revenue_cny=lead.planned_revenue_cny,
        planned_headcount=lead.planned_headcount,
        district_id=lead.district_id,
        park_id=lead.park_id,
        next_step=row.next_step,
        next_step_on=row.next_step_on,
        signed_on=lead.signed_on,
        signed_investment_cny=lead.signed_investment_cny,
        has_agreement=bool(row.has_agreement),
        offer_ready=bool(row.offer_ready),
        local_company_id=row.local_company_id,
        credit_code_holds=bool(row.credit_code) and code_problem(row.credit_code) is None,
        registered_capital_cny=row.capital,
        registered_on=lead.registered_on,
        has_premises=bool(row.has_premises),
        employees=row.employees,
        landed_on=lead.landed_on,
    )


def touched() -> sa.ColumnElement[bool]:
    """A visit of any mode that reached somebody who is named."""
    return sa.and_(
        Visit.reached.is_(True),
        sa.select(VisitContact.visit_id).where(VisitContact.visit_id == Visit.id).exists(),
    )


def met() -> sa.ColumnElement[bool]:
    """Whether a visit counts as one (走访): ``crm.visits.rules.is_visit``, and it met somebody."""
    return sa.and_(
        Visit.reached.is_(True),
        sa.or_(
            Visit.mode.in_((VisitMode.OUT, VisitMode.IN)),
            sa.and_(Visit.mode == VisitMode.VIDEO, Visit.arranged.is_(True)),
        ),
    )


def evidence(lead: Lead, condition: sa.ColumnElement[bool]) -> list[sa.Select[int]]:
    """The visits that count for a lead: those on it, and those on its company that name no lead."""
    names_one = sa.select(VisitLead.visit_id).where(VisitLead.visit_id == Visit.id).exists()
    on_lead = (
        sa.select(Visit.id)
        .join(VisitLead, VisitLead.visit_id == Visit.id)
        .where(VisitLead.lead_id == lead.id)
    )
    on_company = sa.select(Visit.id).where(Visit.company_id == lead.company_id, ~names_one)
    return [visits.where(condition, present(Visit)) for visits in (on_lead, on_company)]


def _evidence(lead: Lead, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.or_(*(visits.exists() for visits in evidence(lead, condition)))


def _next_step(lead: Lead, column: Any) -> sa.ScalarSelect[Any]:
    return (
        sa.select(column)
        .where(
            Task.lead_id == lead.id,
            Task.kind == TaskKind.NEXT_STEP,
            Task.state == TaskState.OPEN,
        )
        .scalar_subquery()
    )


def _has_agreement(lead: Lead) -> sa.ColumnElement[bool]:
    return (
        sa.select(Attachment.id)
        .where(
            Attachment.lead_id == lead.id,
            Attachment.kind == AttachmentKind.AGREEMENT,
            Attachment.removed_at.is_(None),
        )
        .exists()
    )


def _offer_ready(lead: Lead) -> sa.ColumnElement[bool]:
    """Approved (the table holds that two people did it), or on record that nothing is asked.

    The statement says nothing any more while something is asked all the same.
    """
    of_lead = sa.select(Offer.id).where(Offer.lead_id == lead.id)
    return sa.or_(
        of_lead.where(Offer.state == OfferState.APPROVED).exists(),
        sa.and_(
            of_lead.where(Offer.state == OfferState.RECORDED).exists(),
            ~of_lead.where(Offer.state == OfferState.PROPOSED).exists(),
        ),
    )


def _local(lead: Lead, column: Any) -> sa.ScalarSelect[Any]:
    return (
        sa.select(column)
        .join(LeadEntity, LeadEntity.company_id == Company.id)
        .where(LeadEntity.lead_id == lead.id)
        .order_by(Company.id)
        .limit(1)
        .scalar_subquery()
    )


def _has_premises(lead: Lead) -> sa.ColumnElement[bool]:
    return sa.select(Premises.id).where(Premises.lead_id == lead.id).exists()


def _figure(lead: Lead, metric: str) -> sa.ScalarSelect[Any]:
    return (
        sa.select(Figure.value)
        .join(LeadEntity, LeadEntity.company_id == Figure.company_id)
        .where(LeadEntity.lead_id == lead.id, Figure.metric == metric)
        .order_by(Figure.year.desc(), Figure.recorded_at.desc())
        .limit(1)
        .scalar_subquery()
    )
