"""Tasks beside the next step (待办): what a colleague is to do about a lead by a working day.

One that comes back makes the next one when it is done: the lead's lock lets one at a time do it,
and the database takes one follower of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from crm.access import Actor, Right, may_write, readers_of, require, visible_leads
from crm.access.policy import RIGHTS
from crm.clock import local_date
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.held import held
from crm.leads.inputs import Errors
from crm.leads.moves import locked_lead
from crm.leads.recurrence import Rhythm, following, wrong_day, wrong_rhythm
from crm.messages import Message, msg
from crm.spans import wrong_year
from crm.texts import too_long
from crm.working_days.queries import working_calendar
from models import db
from models.enums import Every, TaskKind, TaskState
from models.lead import Lead
from models.recurrence import Recurrence
from models.task import Task
from models.user import User

LONGEST = 400
# The longest way from one to the next, with room for a holiday.
_AHEAD = timedelta(days=366 * 5)


@dataclass(frozen=True)
class NewTask:
    """A task as somebody sets it. ``assignee`` is a person's public id, empty for the lead's owner.

    With ``every`` and ``unit`` it comes back, counted from ``due_on``.
    """

    text: str
    due_on: date | None
    assignee: str = ""
    every: int | None = None
    unit: Every | None = None


@dataclass(frozen=True)
class Done:
    """The lead of a task that is done, and the task that came of it."""

    lead: Lead
    next: Task | None


def could_do(lead: Lead, today: date) -> list[User]:
    """Who may read the lead and work on what they read (one statement)."""
    return [user for user in readers_of(lead, today) if Right.LOG_VISITS in RIGHTS[user.role]]


def wrong_task(text: str, due_on: date | None, today: date) -> Errors:
    """What is wrong with a task whosever lead it is about, at its field."""
    errors: Errors = {}
    if not text.strip():
        errors["text"] = [msg("请写下要办什么。")]
    elif long := too_long(text.strip(), LONGEST):
        errors["text"] = [long]
    if wrong := _wrong_day(due_on, today):
        errors["due_on"] = [wrong]
    return errors


def is_set(lead: Lead, text: str, due_on: date | None) -> bool:
    """Whether the lead's owner has this very task to do already."""
    same = sa.select(Task.id).where(
        Task.lead_id == lead.id,
        Task.kind == TaskKind.TASK,
        Task.state == TaskState.OPEN,
        Task.assignee_id == lead.owner_id,
        Task.text == text.strip(),
        Task.due_on == due_on,
    )
    return db.session.scalar(same.limit(1)) is not None


def assign(lead_id: str, new: NewTask, actor: Actor, *, now: datetime) -> Task:
    """Set a task. Raises NotFound, Forbidden and Refusal with each wrong field."""
    require(actor, Right.WRITE_LEADS)
    lead = locked_lead(lead_id, actor)
    today = local_date(now)
    errors = wrong_task(new.text, new.due_on, today)
    if wrong := wrong_rhythm(new.every, new.unit):
        errors["every"] = [wrong]
    who = lead.owner_id
    if new.assignee:
        found = [user.id for user in could_do(lead, today) if user.public_id == new.assignee]
        who = next(iter(found), 0)
        if not found:
            errors["assignee"] = [msg("请选能看到这条线索的同事。")]
    if errors or new.due_on is None:
        raise Refusal(errors)
    task = _add(lead, new.text.strip(), new.due_on, who, actor.id, now)
    if new.every and new.unit:
        db.session.add(
            Recurrence(task_id=task.id, every=new.every, unit=new.unit, starts_on=new.due_on)
        )
    lead.updated_at = now
    db.session.flush()
    return task


def finish(public_id: str, actor: Actor, *, now: datetime) -> Done:
    """It is done; one that comes back makes the next one, once.

    Raises NotFound, Forbidden, and Conflict when somebody was faster.
    """
    task, lead = _open(public_id, actor)
    task.state, task.closed_at = TaskState.DONE, now
    lead.updated_at = now
    db.session.flush()
    return Done(lead, _next(task, lead, actor, now))


def withdraw(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """It need not be done, and does not come back. Raises as ``finish`` does."""
    task, lead = _open(public_id, actor)
    task.state, task.closed_at = TaskState.CANCELLED, now
    lead.updated_at = now
    db.session.flush()
    return lead


def reopen(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """It is to be done after all; the one that came of it is withdrawn. Twice is as good as once.

    Raises NotFound, Forbidden, and Conflict when the one after it is done already.
    """
    task, lead = _held(public_id, actor)
    if task.state is TaskState.OPEN:
        return lead
    if follower := _follower(task):
        if follower.state is TaskState.DONE:
            raise Conflict(msg("下一次已经办好了，这一次不能再改回来。"))
        if follower.state is TaskState.OPEN:
            follower.state, follower.closed_at = TaskState.CANCELLED, now
    task.state, task.closed_at = TaskState.OPEN, None
    lead.updated_at = now
    db.session.flush()
    return lead


def move(public_id: str, due_on: date | None, actor: Actor, *, now: datetime) -> Lead:
    """Put it on another working day. Raises as ``finish`` does, and Refusal at ``due_on``."""
    task, lead = _open(public_id, actor)
    if (wrong := _wrong_day(due_on, local_date(now))) or due_on is None:
        raise Refusal({"due_on": [wrong] if wrong else []})
    task.due_on = due_on
    lead.updated_at = now
    db.session.flush()
    return lead


def put_back(public_id: str, was_on: date, moved_to: date, actor: Actor, *, now: datetime) -> Lead:
    """Back on the day it had, also one that has passed; Conflict when it was moved again since."""
    task, lead = _open(public_id, actor)
    if task.due_on != moved_to:
        raise Conflict(msg("之后又改过日期，不能撤销了。请看最新情况。"))
    task.due_on = was_on
    lead.updated_at = now
    db.session.flush()
    return lead


def changeable_task(public_id: str, actor: Actor) -> tuple[Task, Lead]:
    """A task that is still open, and its lead, held for who may change it."""
    return _open(public_id, actor)


def may_change(task: Task, lead: Lead, actor: Actor) -> bool:
    """Who is to do or to see to it, and who may change the lead (of what they can read)."""
    return task.assignee_id == actor.id or may_write(lead, actor)


def _next(task: Task, lead: Lead, actor: Actor, now: datetime) -> Task | None:
    """The one that comes after a task that was done; an undone one is taken up again."""
    known = db.session.get(Recurrence, task.id)
    if known is None or task.due_on is None:
        return None
    today = local_date(now)
    number, day = following(
        Rhythm(known.every, known.unit, known.starts_on),
        known.number,
        task.due_on,
        today,
        working_calendar(min(task.due_on, today), max(task.due_on, today) + _AHEAD),
    )
    if follower := _follower(task):
        follower.state, follower.closed_at, follower.due_on = TaskState.OPEN, None, day
        db.session.get_one(Recurrence, follower.id).number = number
        db.session.flush()
        return follower
    made = _add(lead, task.text, day, task.assignee_id or lead.owner_id, actor.id, now)
    db.session.add(
        Recurrence(
            task_id=made.id,
            every=known.every,
            unit=known.unit,
            starts_on=known.starts_on,
            number=number,
            follows_id=task.id,
        )
    )
    db.session.flush()
    return made


def _follower(task: Task) -> Task | None:
    return db.session.scalar(
        sa.select(Task)
        .join(Recurrence, Recurrence.task_id == Task.id)
        .where(Recurrence.follows_id == task.id)
    )


def _add(lead: Lead, text: str, due_on: date, assignee_id: int, by: int, now: datetime) -> Task:
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.TASK,
        text=text,
        due_on=due_on,
        assignee_id=assignee_id,
        created_by_id=by,
        created_at=now,
    )
    db.session.add(task)
    db.session.flush()
    return task


def _wrong_day(due_on: date | None, today: date) -> Message | None:
    last = max(due_on, today) if due_on and not wrong_year(due_on) else today
    return wrong_day(due_on, today, working_calendar(today, last + timedelta(days=30)))


def _open(public_id: str, actor: Actor) -> tuple[Task, Lead]:
    task, lead = _held(public_id, actor)
    if task.state is TaskState.DONE:
        raise Conflict(msg("这件待办已经办好了。"))
    if task.state is not TaskState.OPEN:
        raise Conflict(msg("这件待办已经撤掉了。"))
    return task, lead


def _held(public_id: str, actor: Actor) -> tuple[Task, Lead]:
    """The task, read again once its lead is held, for who may change it."""
    which = sa.and_(Task.public_id == public_id, Task.kind == TaskKind.TASK)
    lead_id = db.session.scalar(
        sa.select(Lead.id).join(Task, Task.lead_id == Lead.id).where(which, visible_leads(actor))
    )
    if lead_id is None:
        raise NotFound
    lead = held(Lead, Lead.id == lead_id, visible_leads(actor))
    task = held(Task, which)
    if not may_change(task, lead, actor):
        raise Forbidden(msg("请由要办的同事，或这条线索的小分队来改。"))
    return task, lead
