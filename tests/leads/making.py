"""Makers of leads and their evidence for the tests of this room."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timezone
from typing import Any

from crm.access import Actor, load_actor
from crm.companies.service import NewCompany, create_companies, create_company
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.service import create_lead
from models import db
from models.contact import Contact
from models.enums import VisitMode
from models.lead import Lead
from models.user import User
from models.visit import Visit, VisitContact, VisitLead

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=timezone.utc)
TODAY = date(2026, 11, 25)
SEGMENT = "FND-DB"
CHANNEL = "resident"
_numbers = itertools.count(1)

PLANS = LeadEdit(
    need="想在长三角设研发中心",
    planned_investment_cny=120_000_000,
    planned_revenue_cny=240_000_000,
    planned_headcount=160,
    place="park:nanhu",
    next_step="答复场地方案",
    next_step_on=date(2026, 12, 1),
)


def actor_of(user: User) -> Actor:
    """The actor that a signed-in user is today."""
    return load_actor(user, TODAY)


def a_lead(user: User, name: str | None = None, **more: Any) -> Lead:
    """A lead of that user, committed; a company of its own unless one is named."""
    company = more.pop("company", None)
    if company is None:
        company = create_company(name or f"测试软件{next(_numbers)}有限公司", now=NOW).public_id
    new = NewLead(company, more.pop("segment", SEGMENT), more.pop("channel", CHANNEL), **more)
    lead = create_lead(new, actor_of(user), NOW)
    db.session.commit()
    return lead


def some_leads(user: User, count: int, called: str = "测试第{}软件有限公司") -> list[Lead]:
    """So many leads of that user, each of a company of its own; committed together."""
    news = [NewCompany(called.format(number)) for number in range(count)]
    who = actor_of(user)
    leads = [
        create_lead(NewLead(company.public_id, SEGMENT, CHANNEL), who, NOW)
        for company in create_companies(news, NOW)
    ]
    db.session.commit()
    return leads


def a_visit(
    lead: Lead,
    author: User,
    mode: VisitMode = VisitMode.OUT,
    *,
    arranged: bool = True,
    named: bool = True,
    on_lead: bool = True,
    summary: str = "谈了场地",
    at: datetime = NOW,
) -> Visit:
    """A visit of the lead's company, committed; ``named``: somebody was reached and is named."""
    visit = Visit(
        author_id=author.id,
        client_key=f"key-{next(_numbers):08}",
        company_id=lead.company_id,
        mode=mode,
        arranged=arranged,
        reached=named,
        summary=summary,
        occurred_at=at,
        recorded_at=at,
    )
    db.session.add(visit)
    db.session.flush()
    if on_lead:
        db.session.add(VisitLead(visit_id=visit.id, lead_id=lead.id))
    if named:
        contact = Contact(name="周启明", created_at=NOW)
        db.session.add(contact)
        db.session.flush()
        db.session.add(VisitContact(visit_id=visit.id, contact_id=contact.id))
    db.session.commit()
    return visit
