"""The one next step of a lead: set, put off, done. ``Lead.next_step_on`` follows it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from crm.access import Actor
from crm.clock import local_date
from crm.errors import NotFound, Refusal
from crm.leads.inputs import wrong_next_step, wrong_step_day
from crm.leads.moves import locked_lead
from crm.messages import msg
from crm.together import Read, merged
from models import db
from models.enums import TaskKind, TaskState
from models.lead import Lead
from models.task import Task

_COLUMNS = {"next_step": ("text", "due_on")}


def open_next_step(lead: Lead) -> Task | None:
    """The next step that is still to be done, if there is one."""
    return db.session.scalar(
        sa.select(Task).where(
            Task.lead_id == lead.id,
            Task.kind == TaskKind.NEXT_STEP,
            Task.state == TaskState.OPEN,
        )
    )


def locked_step(public_id: str, actor: Actor) -> tuple[Lead, Task]:
    """An open next step and its lead, held for who may change it. Raises NotFound, Forbidden."""
    lead_id = db.session.scalar(
        sa.select(Lead.public_id)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.public_id == public_id)
    )
    if lead_id is None:
        raise NotFound
    lead = locked_lead(lead_id, actor)
    step = open_next_step(lead)
    if step is None or step.public_id != public_id:
        raise NotFound
    return lead, step


def known_of(step: Task | None) -> dict[str, str]:
    """The open step as two people would change it: its day and its words are one thing."""
    return {"next_step": _as_one(step.text, step.due_on) if step else ""}


def _as_one(text: str, due_on: date | None) -> str:
    return f"{due_on or ''} {text.strip()}"


def change_next_step(
    lead: Lead, text: str, due_on: date, *, now: datetime, by: int, read: Read | None = None
) -> Task | None:
    """Put the open step off when its words stay, else put this one in its place.

    ``read`` is what the person had read of it. Returns the step that is open now. Raises Refusal,
    and Stale when somebody set another step or did this one meanwhile.
    """
    _check(text, due_on, now)
    _lock(lead)
    step = open_next_step(lead)
    known, yours = known_of(step), {"next_step": _as_one(text, due_on)}
    if merged(known, yours, read, [step] if step else [], _COLUMNS) != yours:
        return step
    if step is not None and step.text == text.strip():
        return reschedule(lead, due_on, now=now)
    return set_next_step(lead, text, due_on, now=now, by=by)


def set_next_step(lead: Lead, text: str, due_on: date, *, now: datetime, by: int) -> Task:
    """Make this the next step; the open one is replaced by it (moved).

    ``by`` is the user's id; the owner of the lead is to do it. Raises Refusal for an empty or long
    text and a date that has passed.
    """
    _check(text, due_on, now)
    _lock(lead)
    _close(lead, TaskState.MOVED, now)
    step = Task(
        lead_id=lead.id,
        kind=TaskKind.NEXT_STEP,
        text=text.strip(),
        due_on=due_on,
        assignee_id=lead.owner_id,
        created_by_id=by,
        created_at=now,
    )
    db.session.add(step)
    _follow(lead, due_on, now)
    return step


def finish_next_step(lead: Lead, *, now: datetime) -> Task:
    """The next step is done; the lead has none until somebody sets one. NotFound without one."""
    _lock(lead)
    step = _close(lead, TaskState.DONE, now)
    if step is None:
        raise NotFound(msg("这条线索现在没有下一步。"))
    _follow(lead, None, now)
    return step


def reschedule(lead: Lead, due_on: date, *, now: datetime) -> Task:
    """Put the open next step on another day; its words stay.

    Raises Refusal at ``next_step_on`` for a day that can not be, and NotFound without a step.
    """
    if wrong := wrong_step_day(due_on, local_date(now)):
        raise Refusal({"next_step_on": [wrong]})
    return put_back(lead, due_on, now=now)


def put_back(lead: Lead, due_on: date, *, now: datetime) -> Task:
    """Give the open next step a day it had before, also one that has passed. NotFound without."""
    _lock(lead)
    step = open_next_step(lead)
    if step is None:
        raise NotFound(msg("这条线索现在没有下一步。"))
    step.due_on = due_on
    _follow(lead, due_on, now)
    return step


def bring_back(lead: Lead, step_id: int | None, *, now: datetime) -> None:
    """Take the open next step away; the one that it replaced is open again (None: there was none).

    Raises NotFound when that one is not of this lead.
    """
    _lock(lead)
    before = db.session.get(Task, step_id) if step_id else None
    if step_id and (before is None or before.lead_id != lead.id):
        raise NotFound(msg("这条线索现在没有下一步。"))
    _close(lead, TaskState.CANCELLED, now)
    if before is not None:
        before.state, before.closed_at = TaskState.OPEN, None
        before.assignee_id = lead.owner_id  # another's, maybe, since it was replaced
    _follow(lead, before.due_on if before else None, now)


def _lock(lead: Lead) -> None:
    """Two who set the next step of one lead come one after the other (PostgreSQL)."""
    db.session.execute(sa.select(Lead.id).where(Lead.id == lead.id).with_for_update())


def _close(lead: Lead, state: TaskState, now: datetime) -> Task | None:
    step = open_next_step(lead)
    if step is not None:
        step.state = state
        step.closed_at = now
        db.session.flush()  # before its successor is inserted: one open step a lead
    return step


def _follow(lead: Lead, due_on: date | None, now: datetime) -> None:
    lead.next_step_on = due_on
    lead.updated_at = now
    db.session.flush()


def _check(text: str, due_on: date, now: datetime) -> None:
    if errors := wrong_next_step(text, due_on, local_date(now), required=True):
        raise Refusal(errors)
