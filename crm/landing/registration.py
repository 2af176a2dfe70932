"""The local company of a lead: who it is, its capital, and since when it is registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.clock import local_date
from crm.companies.credit_code import compact_code
from crm.companies.figures import latest_figure, record_figure
from crm.companies.home import home_place_id
from crm.companies.relations import add_relation
from crm.errors import Refusal
from crm.landing.local_company import local_company_of, meant
from crm.landing.rules import Milestones, Registration, wrong_registration
from crm.landing.words import LICENCE, REPORTED
from crm.leads.facts import CAPITAL, FUNDS
from crm.leads.moves import phase_of
from crm.leads.service import note_segment
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.audit import Change
from models.company import Company, CompanyRelation, RelationKind
from models.lead import Lead, LeadEntity
from models.premises import Premises

# What a registration calls otherwise than the records it stands in.
_COLUMNS = {
    "local_company": ("name", "company_id"),
    "registered_capital_cny": ("value",),
    "funds_in_place_cny": ("value",),
}


def register(lead: Lead, given: Registration, now: datetime, read: Read | None = None) -> None:
    """Write down the registration of a lead that the caller has locked (``moves.locked_lead``).

    The local company becomes the investor's subsidiary, unless the investor itself moved here.
    ``read`` is what the person had read of it. Raises Refusal with each wrong field, code checked
    before name, and Stale for what two people changed.
    """
    given = _merged(lead, given, read)
    today = local_date(now)
    if errors := wrong_registration(given, milestones(lead), today):
        raise Refusal(errors)
    if given.local_company or given.credit_code or given.local_company_is:
        company = meant(lead, given, now)
        _link(lead, company)
    else:
        company = _registered(lead)
    _relate(lead, company, given.share_bp, now)
    if given.registered_capital_cny is not None:
        _note(company, CAPITAL, given.registered_capital_cny, LICENCE, now)
    if given.funds_in_place_cny is not None:
        _note(company, FUNDS, given.funds_in_place_cny, REPORTED, now)
    if given.registered_on is not None and given.registered_on != lead.registered_on:
        lead.registered_on = given.registered_on
    lead.updated_at = now
    db.session.flush()


def known_of(lead: Lead) -> dict[str, Any]:
    """The registration as it stands, in the words of ``Registration`` (four statements)."""
    company = local_company_of(lead)
    relation = relation_to(lead, company.id) if company else None
    capital = latest_figure(company.id, CAPITAL) if company else None
    funds = latest_figure(company.id, FUNDS) if company else None
    return {
        "local_company": company.name if company else "",
        "credit_code": (company.credit_code or "") if company else "",
        "share_bp": relation.share_bp if relation else None,
        "registered_capital_cny": capital.value if capital else None,
        "funds_in_place_cny": funds.value if funds else None,
        "registered_on": lead.registered_on,
    }


def _merged(lead: Lead, given: Registration, read: Read | None) -> Registration:
    if read is None:
        return given
    known = known_of(lead)
    yours = {name: getattr(given, name) for name in known}
    yours["credit_code"] = compact_code(given.credit_code)
    company = local_company_of(lead)
    found = [
        relation_to(lead, company.id) if company else None,
        latest_figure(company.id, CAPITAL) if company else None,
        latest_figure(company.id, FUNDS) if company else None,
        db.session.get(LeadEntity, (lead.id, company.id)) if company else None,
    ]
    records = [record for record in (lead, company, *found) if record is not None]
    return replace(given, **merged(known, yours, read, records, _COLUMNS))


def milestones(lead: Lead) -> Milestones:
    """The dates of a lead that other dates are held against."""
    return Milestones(lead.signed_on, lead.registered_on, lead.landed_on)


def relation_to(lead: Lead, company_id: int) -> CompanyRelation | None:
    """How the lead's investor stands to its local company."""
    query = sa.select(CompanyRelation).where(*holding(lead.company_id, company_id))
    found: CompanyRelation | None = db.session.scalar(query)
    return found


def holding(investor_id: Any, local_id: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions of a relation in which the investor holds the local company now."""
    return (
        CompanyRelation.parent_id == investor_id,
        CompanyRelation.child_id == local_id,
        CompanyRelation.kind == RelationKind.SUBSIDIARY,
        CompanyRelation.to_on.is_(None),
    )


def _registered(lead: Lead) -> Company:
    company = local_company_of(lead)
    if company is None:
        raise Refusal({"local_company": [msg("请填本地公司营业执照上的名称。")]})
    return company


def _link(lead: Lead, company: Company) -> None:
    """Tie the company to the lead; premises that are known follow it."""
    entity = db.session.scalar(
        sa.select(LeadEntity)
        .where(LeadEntity.lead_id == lead.id)
        .order_by(LeadEntity.company_id)
        .limit(1)
    )
    if entity is None:
        db.session.add(LeadEntity(lead_id=lead.id, company_id=company.id, phase=phase_of(lead)))
    elif entity.company_id != company.id:
        _unrelate(lead, entity.company_id)
        entity.company_id = company.id
    if company.place_id is None or company.id == lead.company_id:
        company.place_id = home_place_id()
    db.session.flush()
    note_segment(company.id, lead.segment_id)
    for premises in db.session.scalars(sa.select(Premises).where(Premises.lead_id == lead.id)):
        premises.company_id = company.id
    db.session.flush()


def _relate(lead: Lead, company: Company, share_bp: int | None, now: datetime) -> None:
    if company.id == lead.company_id:
        return
    known = relation_to(lead, company.id)
    if known is not None and share_bp in {None, known.share_bp}:
        return
    investor = db.session.get_one(Company, lead.company_id)
    try:
        add_relation(investor, company, share_bp=share_bp, now=now)
    except Refusal as refusal:
        errors = dict(refusal.errors)
        if "other" in errors:
            errors["local_company"] = errors.pop("other")
        raise Refusal(errors) from None


def _unrelate(lead: Lead, company_id: int) -> None:
    """A company that was linked by mistake is no subsidiary either, if that was the only reason."""
    relation = relation_to(lead, company_id)
    if relation is not None and _noted_together(lead, relation):
        db.session.delete(relation)


def _noted_together(lead: Lead, relation: CompanyRelation) -> bool:
    """Whether the relation came to be in the transaction that tied the company to the lead."""
    link, tie = aliased(Change), aliased(Change)
    together = (
        sa.select(link.id)
        .join(tie, tie.change_set_id == link.change_set_id)
        .where(
            link.subject == CompanyRelation.audit_subject,
            link.subject_id == relation.id,
            link.field == "*",
            tie.subject == LeadEntity.audit_subject,
            tie.subject_id == lead.id,
        )
    )
    return db.session.scalar(together.limit(1)) is not None


def _note(company: Company, metric: str, cny: int, source: str, now: datetime) -> None:
    known = latest_figure(company.id, metric)
    if known is None or known.value != cny:
        record_figure(company.id, metric, cny, source=source, now=now, as_of=local_date(now))
