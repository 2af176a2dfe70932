"""Tasks of leads, as lists read them."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import Actor, no_hidden_promise, present, visible_leads
from crm.errors import NotFound
from crm.leads.recurrence import Rhythm
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from models import db
from models.contact import Contact
from models.directive import DirectiveAnswer, DirectiveDay
from models.enums import Every, Side, TaskKind, TaskState
from models.lead import Lead
from models.promise import Promise, PromiseDay
from models.recurrence import Recurrence
from models.task import Task
from models.user import User
from models.visit import Visit

SHOWN = 100
_NEWEST = (Key(Task.__table__.c.id, descending=True),)


@dataclass(frozen=True)
class TaskExtract:
    """A task with the public ids of its lead and people, and a directive's answer.

    ``first_due_on`` and ``due_on_reason``: of a directive or promise that was given another day.
    Of a promise, whose it is, the public ids of who of theirs made it and of the visit it came
    from, and why it was withdrawn. ``repeat_every`` and ``repeat_unit``: of what comes back.
    """

    task: Task
    lead: str
    assignee: str | None
    created_by: str | None
    answer: str | None = None
    answered_by: str | None = None
    first_due_on: date | None = None
    due_on_reason: str | None = None
    side: Side | None = None
    contact: str | None = None
    visit: str | None = None
    reason: str | None = None
    repeat_every: int | None = None
    repeat_unit: Every | None = None


@dataclass(frozen=True)
class Wanted:
    """Which tasks: public ids and codes by field, None where not asked."""

    lead: str | None = None
    assignee: str | None = None
    kind: TaskKind | None = None
    state: TaskState | None = None
    due_from: date | None = None
    due_to: date | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As conditions of a query over tasks and their leads."""
        asked = (
            (Lead.public_id, operator.eq, self.lead),
            (Task.kind, operator.eq, self.kind),
            (Task.state, operator.eq, self.state),
            (Task.due_on, operator.ge, self.due_from),
            (Task.due_on, operator.le, self.due_to),
        )
        found = [compare(column, value) for column, compare, value in asked if value is not None]
        if self.assignee:
            who = sa.select(User.id).where(User.public_id == self.assignee).scalar_subquery()
            found.append(Task.assignee_id == who)
        return found


def tasks_page(
    actor: Actor, wanted: Wanted, *, limit: int, cursor: str | None = None
) -> Page[TaskExtract]:
    """The tasks of leads that the actor may read, the newest first, a page at a time."""
    query = _extracts(actor).where(*wanted.conditions()).limit(limit + 1)
    if behind := decode(cursor, (row_key,)):
        query = query.where(after(_NEWEST, behind))
    rows = [TaskExtract(*row) for row in db.session.execute(query)]
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].task.id]) if len(rows) > limit else None)


def readable_task(actor: Actor, public_id: str) -> TaskExtract:
    """One task; NotFound when its lead is not there for this actor."""
    query = _extracts(actor).where(Task.public_id == public_id)
    row = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return TaskExtract(*row)


@dataclass(frozen=True)
class LeadPromise:
    """What stands beside a promise: the name of who of theirs made it, the public id of its visit,
    the days it was given since and who gave them.
    """

    promise: Promise
    contact: str | None
    visit: str | None
    days: tuple[tuple[PromiseDay, str], ...] = ()


@dataclass(frozen=True)
class LeadTask:
    """A task with the names around it; a directive's answer, and the days it was given since."""

    task: Task
    by: str | None
    to: str | None
    answer: str | None
    answered_by: str | None
    days: tuple[DirectiveDay, ...] = ()
    rhythm: Rhythm | None = None
    """How it comes back."""
    promised: LeadPromise | None = None


def tasks_of(lead: Lead) -> list[LeadTask]:
    """The newest tasks of a lead, the open ones first (one statement).

    All of them: who reads them on leaves out the promises that are not the reader's to see.
    """
    maker, to, by, setter = (aliased(User) for _ in range(4))
    newest = ((Task.state == TaskState.OPEN).desc(), Task.id.desc())
    shown = sa.select(Task.id).where(Task.lead_id == lead.id).order_by(*newest).limit(SHOWN)
    rows = db.session.execute(
        sa.select(Task, maker.name, to.name, DirectiveAnswer.text, by.name)
        .add_columns(DirectiveDay, Recurrence, Promise, Contact.name, Visit.public_id)
        .add_columns(PromiseDay, setter.name)
        .outerjoin(maker, maker.id == Task.created_by_id)
        .outerjoin(to, to.id == Task.assignee_id)
        .outerjoin(DirectiveAnswer, DirectiveAnswer.task_id == Task.id)
        .outerjoin(by, by.id == DirectiveAnswer.answered_by_id)
        .outerjoin(DirectiveDay, DirectiveDay.task_id == Task.id)
        .outerjoin(Recurrence, Recurrence.task_id == Task.id)
        .outerjoin(Promise, Promise.task_id == Task.id)
        .outerjoin(Contact, Contact.id == Promise.contact_id)
        .outerjoin(Visit, sa.and_(Visit.id == Promise.visit_id, present(Visit)))
        .outerjoin(PromiseDay, PromiseDay.task_id == Task.id)
        .outerjoin(setter, setter.id == PromiseDay.set_by_id)
        # The lead here as well: by the ids alone PostgreSQL reads every task there is.
        .where(Task.lead_id == lead.id, Task.id.in_(shown))
        .order_by(*newest, DirectiveDay.id, PromiseDay.id)
    )
    return [_with_days(list(group)) for _id, group in groupby(rows, lambda row: row[0].id)]


def _with_days(rows: list[Any]) -> LeadTask:
    """One task of the rows that differ in nothing but the day it was given."""
    task, by, to, answer, answered_by, _day, back, promise, contact, visit, *_ = rows[0]
    days = tuple(row[5] for row in rows if row[5] is not None)
    rhythm = Rhythm(back.every, back.unit, back.starts_on) if back else None
    moved = tuple((row[10], row[11]) for row in rows if row[10] is not None)
    promised = LeadPromise(promise, contact, visit, moved) if promise else None
    return LeadTask(task, by, to, answer, answered_by, days, rhythm, promised)


def _extracts(actor: Actor) -> sa.Select[Any]:
    assignee, maker, by = aliased(User), aliased(User), aliased(User)
    return (
        sa.select(
            Task,
            Lead.public_id,
            assignee.public_id,
            maker.public_id,
            DirectiveAnswer.text,
            by.public_id,
            _of_its_days("was_on"),
            _of_its_days("reason", last=True),
            Promise.side,
            Contact.public_id,
            Visit.public_id,
            Promise.reason,
            Recurrence.every,
            Recurrence.unit,
        )
        .join(Lead, Lead.id == Task.lead_id)
        .outerjoin(assignee, assignee.id == Task.assignee_id)
        .outerjoin(maker, maker.id == Task.created_by_id)
        .outerjoin(DirectiveAnswer, DirectiveAnswer.task_id == Task.id)
        .outerjoin(by, by.id == DirectiveAnswer.answered_by_id)
        .outerjoin(Promise, Promise.task_id == Task.id)
        .outerjoin(Contact, Contact.id == Promise.contact_id)
        .outerjoin(Visit, sa.and_(Visit.id == Promise.visit_id, present(Visit)))
        .outerjoin(Recurrence, Recurrence.task_id == Task.id)
        .where(visible_leads(actor), no_hidden_promise(actor))
        .order_by(*order_by(_NEWEST))
    )


def _of_its_days(name: str, *, last: bool = False) -> Any:
    """A column of the first or the last day that a directive or promise was given."""
    found = (
        sa.select(getattr(noun, name))
        .where(noun.task_id == Task.id)
        .order_by(noun.id.desc() if last else noun.id)
        .limit(1)
        .scalar_subquery()
        for noun in (DirectiveDay, PromiseDay)
    )
    return sa.func.coalesce(*found)
