"""Promises made, kept, withdrawn and moved; each is a task of its lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import (
    Actor,
    Right,
    readable_lead,
    require,
    visible_leads,
    visible_promises,
)
from crm.clock import local_date
from crm.companies.contacts import contacts_of
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.held import held
from crm.leads.to_do import could_do, may_change
from crm.messages import msg
from crm.promises import rules
from crm.promises.rules import Errors, NewPromise
from models import db
from models.enums import Side, TaskKind, TaskState
from models.lead import Lead
from models.promise import Promise, PromiseDay
from models.task import Task


@dataclass(frozen=True)
class Read:
    """A promise whose people are known: keys of who of ours and who of theirs."""

    new: NewPromise
    assignee_id: int
    contact_id: int | None


def read(
    rows: Sequence[NewPromise], lead: Lead, company_id: int, actor: Actor, first: date, today: date
) -> tuple[list[Read], list[Errors]]:
    """The people behind what was written down, and what is wrong with each row, in order.

    ``first`` is the first day that a promise may be due on. Two statements at most.
    """
    named = {row.side for row in rows if row.who}
    ours = {one.public_id: one.id for one in could_do(lead, today)} if Side.OURS in named else {}
    theirs = (
        {role.contact.public_id: role.contact_id for role in contacts_of(company_id)}
        if Side.THEIRS in named
        else {}
    )
    found, wrong = [], []
    for row in rows:
        errors = rules.wrong_promise(row.text, row.due_on, first)
        known = ours if row.side is Side.OURS else theirs
        who = known.get(row.who) if row.who else None
        if row.who and who is None:
            text = (
                msg("请选能看到这条线索的同事。")
                if row.side is Side.OURS
                else msg("请选这家企业的联系人。")
            )
            errors["who"] = [text]
        is_ours = row.side is Side.OURS
        owes = (who or actor.id) if is_ours else lead.owner_id
        found.append(Read(row, owes, None if is_ours else who))
        wrong.append(errors)
    return found, wrong


def write(
    rows: Sequence[Read], lead: Lead, actor: Actor, *, now: datetime, visit_id: int | None = None
) -> list[Task]:
    """Write promises down as tasks of the lead; they were read and found right."""
    made = [
        Task(
            lead_id=lead.id,
            kind=TaskKind.PROMISE,
            text=row.new.text.strip(),
            due_on=row.new.due_on,
            assignee_id=row.assignee_id,
            created_by_id=actor.id,
            created_at=now,
        )
        for row in rows
    ]
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(
        Promise(task_id=task.id, side=row.new.side, contact_id=row.contact_id, visit_id=visit_id)
        for task, row in zip(made, rows, strict=True)
    )
    db.session.flush()
    return made


def make(lead_id: str, new: NewPromise, actor: Actor, *, now: datetime) -> Task:
    """Write one promise down on a lead: for who logs visits and may read it.

    Raises Forbidden, NotFound, and Refusal at ``text``, ``due_on`` and ``who``.
    """
    require(actor, Right.LOG_VISITS)
    lead = readable_lead(actor, lead_id)
    today = local_date(now)
    rows, (errors,) = read([new], lead, lead.company_id, actor, today, today)
    if errors:
        raise Refusal(errors)
    (task,) = write(rows, lead, actor, now=now)
    return task


def keep(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """It was kept. Raises NotFound, Forbidden, and Conflict when it is not open any more."""
    task, _promise, lead = _open(public_id, actor)
    task.state, task.closed_at = TaskState.DONE, now
    db.session.flush()
    return lead


def withdraw(public_id: str, reason: str, actor: Actor, *, now: datetime) -> Lead:
    """It does not hold any more, and why. Raises as ``keep`` does, and Refusal without a reason."""
    task, promise, lead = _open(public_id, actor)
    if wrong := rules.wrong_reason(reason):
        raise Refusal({"reason": [wrong]})
    promise.reason = reason.strip()
    task.state, task.closed_at = TaskState.CANCELLED, now
    db.session.flush()
    return lead


def reopen(public_id: str, actor: Actor) -> Lead:
    """It was neither kept nor withdrawn after all; done twice it is done once.

    Raises NotFound and Forbidden.
    """
    task, promise, lead = _held(public_id, actor)
    task.state, task.closed_at, promise.reason = TaskState.OPEN, None, None
    db.session.flush()
    return lead


def give_another_day(
    public_id: str, due_on: date | None, reason: str, actor: Actor, *, now: datetime
) -> Lead:
    """Another day, and why; the old one stays in sight.

    Raises as ``keep`` does, and Refusal for a day that can not be and without a reason.
    """
    task, _promise, lead = _open(public_id, actor)
    was_on = task.due_on or local_date(task.created_at)
    errors: Errors = {}
    if wrong := rules.wrong_other_day(was_on, due_on, local_date(now)):
        errors["due_on"] = [wrong]
    if wrong := rules.wrong_reason(reason):
        errors["reason"] = [wrong]
    if errors or due_on is None:
        raise Refusal(errors)
    _move(task, due_on, reason.strip(), actor, now)
    return lead


def put_back(public_id: str, was_on: date, moved_to: date, actor: Actor, *, now: datetime) -> Lead:
    """Take another day back, also to one that has passed; the days stay in sight.

    Raises as ``keep`` does, and Conflict when it was moved again since.
    """
    task, _promise, lead = _open(public_id, actor)
    if task.due_on != moved_to:
        raise Conflict(msg("之后又改过日期，不能撤销了。请看最新情况。"))
    _move(task, was_on, rules.UNDONE, actor, now)
    return lead


def _move(task: Task, due_on: date, reason: str, actor: Actor, now: datetime) -> None:
    day = PromiseDay(
        task_id=task.id,
        was_on=task.due_on or local_date(task.created_at),
        due_on=due_on,
        reason=reason,
        set_by_id=actor.id,
        set_at=now,
    )
    task.due_on = due_on
    db.session.add(day)
    db.session.flush()


def _open(public_id: str, actor: Actor) -> tuple[Task, Promise, Lead]:
    task, promise, lead = _held(public_id, actor)
    if task.state is TaskState.DONE:
        raise Conflict(msg("这条承诺已经记为做到了。"))
    if task.state is not TaskState.OPEN:
        raise Conflict(msg("这条承诺已经收回了。"))
    return task, promise, lead


def _held(public_id: str, actor: Actor) -> tuple[Task, Promise, Lead]:
    """The promise with its lead, held for who may change it."""
    which = sa.and_(Task.public_id == public_id, Task.kind == TaskKind.PROMISE)
    row = db.session.execute(
        sa.select(Lead.id, Task.id)
        .join(Task, Task.lead_id == Lead.id)
        .where(which, visible_promises(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    lead = held(Lead, Lead.id == row[0], visible_leads(actor))
    task = held(Task, Task.id == row[1])
    if not may_change(task, lead, actor):
        raise Forbidden(msg("请由答应的同事，或这条线索的小分队来改。"))
    return task, db.session.get_one(Promise, task.id), lead
