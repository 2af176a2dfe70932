"""Makers of what is searched for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm.companies.contacts import ContactInput, add_contact
from models import db
from models.company import Company
from models.contact import ContactRole
from models.lead import Lead
from models.token import ContactToken, LeadToken
from models.user import User
from tests.leads.making import NOW, actor_of


def a_person(
    lead: Lead, by: User, name: str = "欧阳明珠", phone: str = "13812345678"
) -> ContactRole:
    """Somebody at the lead's company, written down by that user; committed."""
    company = db.session.get_one(Company, lead.company_id)
    typed = ContactInput(name, title="副总裁", phone=phone)
    role = add_contact(company, typed, actor_of(by), NOW)
    db.session.commit()
    return role


def kept() -> dict[str, set[tuple[Any, ...]]]:
    """All that leads and people are found by, as it stands."""
    return {
        table.__tablename__: {
            tuple(row) for row in db.session.execute(sa.select(*table.__table__.c))
        }
        for table in (LeadToken, ContactToken)
    }
