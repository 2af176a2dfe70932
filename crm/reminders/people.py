"""What Today shows beside the agenda's words, and what no mail may hold: links and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm.reminders.facts import AgendaItem
from models import db
from models.company import Company
from models.contact import Contact
from models.lead import Lead


@dataclass(frozen=True)
class Face:
    """A lead of the agenda: its links, and the number to ring (empty when none is known)."""

    public_id: str
    company_id: str
    project: str
    phone: str


def faces_of(items: Sequence[AgendaItem]) -> dict[int, Face]:
    """The faces of an agenda's items by the lead's key (two queries)."""
    if not items:
        return {}
    contacts = {item.lead.contact_id for item in items if item.lead.contact_id}
    rows = db.session.execute(sa.select(Contact.id, Contact.phone).where(Contact.id.in_(contacts)))
    phones: dict[int | None, str] = {row.id: row.phone or "" for row in rows}
    whom = {item.lead.lead_id: item.lead.contact_id for item in items}
    leads = db.session.execute(
        sa.select(Lead.id, Lead.public_id, Lead.project, Company.public_id.label("company"))
        .join(Company, Company.id == Lead.company_id)
        .where(Lead.id.in_(whom))
    )
    return {
        lead.id: Face(lead.public_id, lead.company, lead.project, phones.get(whom[lead.id], ""))
        for lead in leads
    }
