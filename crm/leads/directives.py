"""Directives of managers and liaison leaders: given, answered, taken back. The open ones remind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import Actor, Right, allowed, may_write, readable_lead, require, visible_leads
from crm.access.readers import writers_of
from crm.clock import local_date
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.leads.tasks import LeadTask, tasks_of
from crm.messages import Message, msg
from crm.spans import wrong_year
from crm.texts import too_long
from models import db
from models.company import Company
from models.directive import DirectiveAnswer, DirectiveDay
from models.enums import Role, Status, TaskKind, TaskState
from models.lead import Lead
from models.task import Task
from models.user import User

LONGEST = 400


@dataclass(frozen=True)
class Directive:
    """A directive as a lead's page shows it; ``to`` is who must answer, by ``due_on``.

    ``answerable``, ``retractable`` and ``restorable``: whether this reader may.
    """

    public_id: str
    lead: str
    text: str
    by: str
    at: datetime
    due_on: date
    to: str
    state: TaskState
    closed_at: datetime | None
    answer: str | None
    answered_by: str
    answerable: bool
    retractable: bool
    restorable: bool
    days: tuple[DirectiveDay, ...] = ()
    """The days that the one who gave it gave it since, in order."""

    @property
    def moved(self) -> list[Message]:
        """From which day to which, and why, in order."""
        return [another_day(day) for day in self.days]

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state is TaskState.OPEN


@dataclass(frozen=True)
class Unanswered:
    """A directive that somebody gave and that waits, with what a list says of its lead."""

    lead: str
    company: str
    text: str
    to: str
    due_on: date | None


def may_direct(lead: Lead, actor: Actor) -> bool:
    """Managers on every lead, a liaison leader on those that are theirs."""
    if lead.status is Status.LOST or not allowed(actor, Right.DIRECT):
        return False
    return actor.role is Role.MANAGER or lead.liaison_id == actor.id


def give(
    lead_id: str, text: str, due_on: date | None, to: str, actor: Actor, *, now: datetime
) -> Task:
    """Ask for an answer by a day. ``to`` is a person's public id; empty for the lead's owner.

    Raises NotFound, Forbidden, and Refusal for an empty or long text, a day that has passed and a
    person who may not change the lead.
    """
    require(actor, Right.DIRECT)
    lead = readable_lead(actor, lead_id)
    if not may_direct(lead, actor):
        raise Forbidden(msg("批示由局领导或这条线索的挂钩领导下。"))
    errors = _wrong_text(text, msg("请写下要办什么。"), "text")
    today = local_date(now)
    if wrong := _wrong_day(due_on, today):
        errors["due_on"] = [wrong]
    found = [user.id for user in writers_of(lead, today) if not to or user.public_id == to]
    if to and not found:
        errors["to"] = [msg("请选能改这条线索的同事来回复。")]
    if errors:
        raise Refusal(errors)
    task = Task(
        lead_id=lead.id,
        kind=TaskKind.DIRECTIVE,
        text=text.strip(),
        due_on=due_on,
        assignee_id=found[0] if to else lead.owner_id,
        created_by_id=actor.id,
        created_at=now,
    )
    db.session.add(task)
    db.session.flush()
    return task


def answer(public_id: str, text: str, actor: Actor, *, now: datetime) -> Lead:
    """Answer an open directive; it is done. Its lead is returned.

    Raises NotFound, Forbidden for who may not change the lead and need not answer, Conflict when it
    was answered or taken back meanwhile, Refusal for an empty or long text.
    """
    task, lead = _locked(public_id, actor)
    if not _may_answer(task, lead, actor):
        raise Forbidden(msg("请由要回复的同事，或这条线索的小分队回复。"))
    if task.state is TaskState.DONE:
        raise Conflict(msg("这条批示已经有人回复了，回复在动态里。"))
    if task.state is not TaskState.OPEN:
        raise Conflict(msg("这条批示已经收回，不用回复了。"))
    if errors := _wrong_text(text, msg("请写下办到哪一步。"), "answer"):
        raise Refusal(errors)
    task.state, task.closed_at = TaskState.DONE, now
    db.session.add(
        DirectiveAnswer(
            task_id=task.id, text=text.strip(), answered_by_id=actor.id, answered_at=now
        )
    )
    db.session.flush()
    return lead


def retract(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """Take back one's own directive that nobody has answered. Raises as ``answer`` does."""
    task, lead = _own_unanswered(public_id, actor, msg("只有下批示的人能收回。"))
    if task.state is TaskState.OPEN:
        task.state, task.closed_at = TaskState.CANCELLED, now
        db.session.flush()
    return lead


def give_another_day(
    public_id: str, due_on: date | None, reason: str, actor: Actor, *, now: datetime
) -> Lead:
    """Another day for one's own directive that nobody has answered, and why; the old one stays.

    Raises as ``retract`` does, and Refusal for a day that has passed or is the same, and without
    a reason.
    """
    task, lead = _own_unanswered(public_id, actor, msg("只有下批示的人能改期。"), still=True)
    if task.state is not TaskState.OPEN:
        raise Conflict(msg("这条批示已经收回，不用改期了。"))
    was_on = task.due_on or local_date(task.created_at)
    errors = _wrong_text(reason, msg("请写下为什么改期。"), "reason")
    if wrong := _wrong_day(due_on, local_date(now)):
        errors["due_on"] = [wrong]
    elif due_on == was_on:
        errors["due_on"] = [msg("原来就是这一天，请选另一天。")]
    if errors or due_on is None:
        raise Refusal(errors)
    task.due_on = due_on
    db.session.add(
        DirectiveDay(
            task_id=task.id,
            was_on=was_on,
            due_on=due_on,
            reason=reason.strip(),
            set_by_id=actor.id,
            set_at=now,
        )
    )
    db.session.flush()
    return lead


def restore(public_id: str, actor: Actor, *, now: datetime) -> Lead:
    """Ask again for what one had taken back, as it was asked. Raises as ``retract`` does.

    Whose lead it has become meanwhile answers for it, where the one who was asked has left it.
    """
    task, lead = _own_unanswered(public_id, actor, msg("只有下批示的人能恢复。"), still=True)
    if task.state is TaskState.CANCELLED:
        task.state, task.closed_at = TaskState.OPEN, None
        if task.assignee_id not in {user.id for user in writers_of(lead, local_date(now))}:
            task.assignee_id = lead.owner_id
        db.session.flush()
    return lead


def hand_over(lead: Lead, was: int) -> None:
    """What waited for the earlier owner waits for the lead's owner now: also tasks and promises.

    The next step is the owner's, whoever they are.
    """
    theirs = sa.and_(
        Task.kind.in_((TaskKind.DIRECTIVE, TaskKind.TASK, TaskKind.PROMISE)),
        Task.assignee_id == was,
    )
    waiting = sa.select(Task).where(
        Task.lead_id == lead.id,
        Task.state == TaskState.OPEN,
        sa.or_(theirs, Task.kind == TaskKind.NEXT_STEP),
    )
    for task in db.session.scalars(waiting):
        task.assignee_id = lead.owner_id


def directives_among(tasks: Iterable[LeadTask], lead: Lead, actor: Actor) -> list[Directive]:
    """The directives among the tasks of a lead that the actor was let read, in their order."""
    return [
        Directive(
            public_id=row.task.public_id,
            lead=lead.public_id,
            text=row.task.text,
            by=row.by or "",
            at=row.task.created_at,
            due_on=row.task.due_on or local_date(row.task.created_at),
            to=row.to or "",
            state=row.task.state,
            closed_at=row.task.closed_at,
            answer=row.answer,
            answered_by=row.answered_by or "",
            answerable=row.task.state is TaskState.OPEN and _may_answer(row.task, lead, actor),
            retractable=row.task.state is TaskState.OPEN and row.task.created_by_id == actor.id,
            restorable=row.task.state is TaskState.CANCELLED
            and row.task.created_by_id == actor.id
            and may_direct(lead, actor),
            days=row.days,
        )
        for row in tasks
        if row.task.kind is TaskKind.DIRECTIVE
    ]


def readable_directive(public_id: str, actor: Actor) -> Directive:
    """One directive on a lead that the actor may read. Raises NotFound."""
    lead = db.session.scalar(
        sa.select(Lead)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.public_id == public_id, visible_leads(actor))
    )
    found = directives_among(tasks_of(lead), lead, actor) if lead else []
    for one in found:
        if one.public_id == public_id:
            return one
    raise NotFound


def another_day(day: DirectiveDay) -> Message:
    """From which day to which, and why."""
    return msg(
        "原定 %(was)s，改到 %(day)s：%(reason)s", was=day.was_on, day=day.due_on, reason=day.reason
    )


def unanswered_of(actor: Actor, most: int) -> Sequence[Unanswered]:
    """What this person asked for and nobody has answered, the most urgent first (one statement)."""
    if not allowed(actor, Right.DIRECT):
        return []
    rows = db.session.execute(
        sa.select(Lead.public_id, Company.short_name, Task.text, User.name, Task.due_on)
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Task.assignee_id)
        .where(
            Task.kind == TaskKind.DIRECTIVE,
            Task.state == TaskState.OPEN,
            Task.created_by_id == actor.id,
            Task.due_on.is_not(None),
            Lead.status != Status.LOST,
            visible_leads(actor),
        )
        .order_by(Task.due_on, Task.id)
        .limit(most)
    )
    return [Unanswered(*row) for row in rows]


def _may_answer(task: Task, lead: Lead, actor: Actor) -> bool:
    """Who must, and the others who work on the lead; nobody answers themselves."""
    if task.created_by_id == actor.id and task.assignee_id != actor.id:
        return False
    return task.assignee_id == actor.id or may_write(lead, actor)


def _own_unanswered(
    public_id: str, actor: Actor, refused: Message, *, still: bool = False
) -> tuple[Task, Lead]:
    """One's own directive, locked, that nobody has answered; ``still``: for who may direct yet."""
    task, lead = _locked(public_id, actor)
    if task.created_by_id != actor.id or (still and not may_direct(lead, actor)):
        raise Forbidden(refused)
    if task.state is TaskState.DONE:
        raise Conflict(msg("这条批示已经有人回复了，回复在动态里。"))
    return task, lead


def _locked(public_id: str, actor: Actor) -> tuple[Task, Lead]:
    """The directive, its row held: of two who answer at once the second is told so."""
    require(actor, Right.READ_LEADS)
    row = db.session.execute(
        sa.select(Task, Lead)
        .join(Lead, Lead.id == Task.lead_id)
        .where(
            Task.public_id == public_id,
            Task.kind == TaskKind.DIRECTIVE,
            visible_leads(actor),
        )
        .with_for_update(of=Task)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _wrong_text(text: str, empty: Message, field: str) -> dict[str, list[Message]]:
    if not text.strip():
        return {field: [empty]}
    wrong = too_long(text.strip(), LONGEST)
    return {field: [wrong]} if wrong else {}


def _wrong_day(due_on: date | None, today: date) -> Message | None:
    if due_on is None:
        return msg("请选一个日期，请对方在那天前回复。")
    if due_on < today:
        return msg("回复的日期已经过去，请选今天或以后。")
    return wrong_year(due_on)
