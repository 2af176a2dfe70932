"""Bring a record back from the trash, whatever it is: each by the verb of its own room."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor
from crm.companies import archiving as companies
from crm.companies import contact_archiving
from crm.errors import NotFound
from crm.events.service import restore_event
from crm.leads import archiving as leads
from crm.leads import attachments, comments, views
from crm.trash.kinds import Kind, kind_of, restorable
from crm.trash.queries import entry_or_404
from crm.visits import archiving as visits
from models import db
from models.archive import ArchiveEntry


def restore(public_id: str, actor: Actor, now: datetime) -> None:
    """Bring back what an entry is of.

    Raises NotFound for what is not theirs to bring back, and the Refusal of the record's room.
    """
    entry = entry_or_404(public_id)
    kind = kind_of(entry)
    mine = sa.select(ArchiveEntry.id).where(ArchiveEntry.id == entry.id, restorable(actor, kind))
    if db.session.scalar(mine) is None:
        raise NotFound
    match kind:
        case Kind.LEADS if entry.lead:
            leads.restore_lead(entry.lead.public_id, actor, now)
        case Kind.VISITS if entry.visit:
            visits.restore_visit(entry.visit.public_id, actor)
        case Kind.CONTACTS if entry.contact:
            contact_archiving.restore_contact(entry.contact.public_id, actor)
        case Kind.COMPANIES if entry.company:
            companies.restore_company(entry.company.public_id, actor)
        case Kind.COMMENTS if entry.comment:
            comments.restore(entry.comment.public_id, actor)
        case Kind.FILES if entry.attachment:
            attachments.restore_attachment(entry.attachment.public_id, actor)
        case Kind.VIEWS if entry.view:
            views.restore_view(entry.view.public_id, actor)
        case Kind.EVENTS if entry.event:
            restore_event(entry.event.public_id, actor)
