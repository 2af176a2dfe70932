"""What Today shows beside the agenda: what is done, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from crm.access import Actor, present
from crm.access.conditions import in_scope
from crm.access.scopes import Scope
from models import db
from models.company import Company
from models.enums import Status, TaskKind, TaskState
from models.lead import Lead
from models.task import Task
from models.visit import Visit

AHEAD = timedelta(days=30)
MOST_COMING = 8


@dataclass(frozen=True)
class Coming:
    """A next step of a later day; ``lead`` is a public id."""

    day: date
    company: str
    text: str
    lead: str


def done_since(actor: Actor, moment: datetime) -> int:
    """How many contacts the actor logged and how many of their tasks are done since then."""
    logged = sa.select(sa.func.count()).where(
        Visit.author_id == actor.id, Visit.occurred_at >= moment, present(Visit)
    )
    closed = sa.select(sa.func.count()).where(
        Task.assignee_id == actor.id,
        Task.closed_at >= moment,
        Task.state == TaskState.DONE,
    )
    return db.session.scalar(sa.select(logged.scalar_subquery() + closed.scalar_subquery())) or 0


def coming_steps(actor: Actor, today: date, *, scope: Scope) -> list[Coming]:
    """The next steps after today, the soonest first: a few of the month ahead (one query)."""
    # Found first and loaded then: what has to be sorted are days and keys, of an index alone.
    soonest = (
        sa.select(Lead.id)
        .where(
            in_scope(actor, scope),
            Lead.status == Status.ACTIVE,
            Lead.next_step_on > today,
            Lead.next_step_on <= today + AHEAD,
        )
        .order_by(Lead.next_step_on, Lead.id)
        .limit(MOST_COMING)
        .subquery()
    )
    is_next = sa.and_(Task.kind == TaskKind.NEXT_STEP, Task.state == TaskState.OPEN)
    rows = db.session.execute(
        sa.select(Lead.next_step_on, Company.short_name, Task.text, Lead.public_id)
        .join(soonest, soonest.c.id == Lead.id)
        .join(Company, Company.id == Lead.company_id)
        .join(Task, sa.and_(Task.lead_id == Lead.id, is_next))
        .order_by(Lead.next_step_on, Lead.id)
    )
    return [Coming(day, company, text, lead) for day, company, text, lead in rows if day]
