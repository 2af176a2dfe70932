"""What Today shows beside the agenda's words, and what no mail may hold: links and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm.access import present
from crm.reminders.facts import AgendaItem, Later
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


def faces_of(items: Sequence[AgendaItem | Later]) -> dict[int, Face]:
    """The faces of an agenda's items by the lead's key (one query)."""
    if not items:
        return {}
    whom = {item.lead.lead_id: item.lead.contact_id for item in items}
    named = {lead_id: contact_id for lead_id, contact_id in whom.items() if contact_id}
    # Whom to ring, looked up by their key for each lead.
    contact = sa.case(named, value=Lead.id) if named else sa.null()
    rows = db.session.execute(
        sa.select(
            *(Lead.id, Lead.public_id, Lead.project, Contact.phone),
            Company.public_id.label("company"),
        )
        .join(Company, Company.id == Lead.company_id)
        .outerjoin(Contact, sa.and_(Contact.id == contact, present(Contact)))
        .where(Lead.id.in_(whom))
    )
    return {row.id: Face(row.public_id, row.company, row.project, row.phone or "") for row in rows}
