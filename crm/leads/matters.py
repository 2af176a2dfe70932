"""Matters to be coordinated (需协调事项): what the team of a lead can not do alone.

They stand on the lead and in the ledger until they are done. One with a day reminds the lead's
owner from that day on, as a next step does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import Actor, Right, require, visible_leads
from crm.clock import local_date
from crm.errors import Conflict, NotFound, Refusal
from crm.leads.inputs import Errors
from crm.leads.moves import locked_lead
from crm.messages import msg
from crm.spans import wrong_year
from crm.texts import too_long
from models import db
from models.enums import TaskKind, TaskState
from models.lead import Lead
from models.task import Task

LONGEST = 400


def note(
    lead_id: str, text: str, actor: Actor, *, now: datetime, due_on: date | None = None
) -> Task:
    """Write down what has to be coordinated, by ``due_on`` where somebody said so.

    Raises NotFound, Forbidden and Refusal with each wrong field.
    """
    require(actor, Right.WRITE_LEADS)
    lead = locked_lead(lead_id, actor)
    said = text.strip()
    errors: Errors = {}
    if not said:
        errors["text"] = [msg("请写下要谁协调什么。")]
    elif wrong := too_long(said, LONGEST):
        errors["text"] = [wrong]
    if due_on is not None and due_on < local_date(now):
        errors["due_on"] = [msg("日期已经过去，请选今天或以后。")]
    elif strange := wrong_year(due_on):
        errors["due_on"] = [strange]
    if errors:
        raise Refusal(errors)
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.MATTER,
        text=said,
        due_on=due_on,
        created_by_id=actor.id,
        created_at=now,
    )
    db.session.add(task)
    lead.updated_at = now
    db.session.flush()
    return task


def finish(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """It is done. Raises NotFound, Forbidden, and Conflict when somebody was faster."""
    task, lead = _locked(public_id, actor)
    if task.state is not TaskState.OPEN:
        raise Conflict(msg("这件事已经办结了。"))
    task.state, task.closed_at = TaskState.DONE, now
    lead.updated_at = now
    db.session.flush()
    return lead


def reopen(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """It was not done after all. Done twice it is done once. Raises NotFound and Forbidden."""
    task, lead = _locked(public_id, actor)
    task.state, task.closed_at = TaskState.OPEN, None
    lead.updated_at = now
    db.session.flush()
    return lead


def open_matters(keys: Sequence[int]) -> Sequence[sa.Row[int, str]]:
    """What waits on these leads, the oldest first: keys of leads and texts (one statement)."""
    return db.session.execute(
        sa.select(Task.lead_id, Task.text)
        .where(Task.lead_id.in_(keys), Task.kind == TaskKind.MATTER, Task.state == TaskState.OPEN)
        .order_by(Task.id)
    ).all()


def _locked(public_id: str, actor: Actor) -> tuple[Task, Lead]:
    """The matter, read again once its lead is held."""
    require(actor, Right.WRITE_LEADS)
    query = sa.select(Task).where(Task.public_id == public_id, Task.kind == TaskKind.MATTER)
    lead_id = db.session.scalar(
        sa.select(Lead.public_id)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.public_id == public_id, Task.kind == TaskKind.MATTER, visible_leads(actor))
    )
    if lead_id is None:
        raise NotFound
    lead = locked_lead(lead_id, actor)
    task = db.session.execute(query.execution_options(populate_existing=True)).scalar_one()
    return task, lead
