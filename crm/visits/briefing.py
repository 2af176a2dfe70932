"""What helps the next visit, said when one is saved: what is missing, who else, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, present, visible_visits
from crm.leads.facts import facts_of
from crm.leads.gates import missing_for
from crm.leads.queries import next_stage
from crm.messages import Message, Name
from crm.promises.queries import Promised, promises_of
from crm.visits.queries import readable_visit
from models import db
from models.contact import Contact
from models.enums import TaskKind, TaskState
from models.lead import Lead
from models.task import Task
from models.visit import Visit, VisitContact

MOST = 5


@dataclass(frozen=True)
class Met:
    """Somebody of theirs who was met at another time."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Briefing:
    """For the next visit; ``stage`` is what the lead's gate leads to, None at the end."""

    visit: Visit
    lead: Lead | None
    stage: Name | None
    missing: Sequence[Message]
    met: Sequence[Met]
    tasks: Sequence[Task]
    promised: Sequence[Promised]
    """What is still to be kept of what both sides promised."""


def briefing_of(actor: Actor, visit_id: str) -> Briefing:
    """The briefing after a visit that the actor may read; NotFound for others."""
    visit = readable_visit(actor, visit_id)
    leads = [lead for lead in visit.leads if lead.archived_at is None]
    lead = next((one for one in leads if one.company_id == visit.company_id), None)
    stage = next_stage(lead.stage) if lead else None
    missing = missing_for(facts_of(lead), stage.stage, lead.stage) if lead and stage else []
    return Briefing(
        visit,
        lead,
        stage.name if stage else None,
        [one.label for one in missing],
        _met(actor, visit),
        _open_tasks(lead) if lead else [],
        [one for one in promises_of(lead.public_id, actor) if one.open][:MOST] if lead else [],
    )


def _met(actor: Actor, visit: Visit) -> list[Met]:
    last = sa.func.max(Visit.occurred_at)
    rows = db.session.execute(
        sa.select(Contact.name, last)
        .join(VisitContact, VisitContact.contact_id == Contact.id)
        .join(Visit, Visit.id == VisitContact.visit_id)
        .where(
            Visit.company_id == visit.company_id,
            Contact.id.not_in([contact.id for contact in visit.contacts]),
            visible_visits(actor),
            present(Contact),
        )
        .group_by(Contact.id, Contact.name)
        .order_by(last.desc(), Contact.id)
        .limit(MOST)
    )
    return [Met(name, at) for name, at in rows]


def _open_tasks(lead: Lead) -> Sequence[Task]:
    query = sa.select(Task).where(
        Task.lead_id == lead.id,
        Task.state == TaskState.OPEN,
        Task.kind != TaskKind.PROMISE,
    )
    return db.session.scalars(query.order_by(Task.due_on.nulls_last(), Task.id).limit(MOST)).all()
