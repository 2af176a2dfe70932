"""What is asked of people on leads: tasks, mentions, decisions, and what they have set aside."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.access import Actor, no_hidden_promise
from crm.clock import local_date
from crm.offers.decided import PROPOSER, unanswered, who_hears
from crm.reminders.facts import Decided, LastStep, Mentioned, OpenTask, Snoozed, Waiting
from models import db
from models.comment import Comment, Mention
from models.enums import OfferState, Side, TaskKind, TaskState
from models.lead import Lead
from models.offer import Offer
from models.promise import Promise
from models.sets import one_of_chunk
from models.snooze import Snooze
from models.task import Task
from models.user import User


class Asked(NamedTuple):
    """What is asked of people on leads, what was set aside, and the steps that were last."""

    tasks: dict[int, list[OpenTask]]
    mentions: dict[int, list[Mentioned]]
    snoozes: dict[int, list[Snoozed]]
    steps: dict[int, LastStep]
    offers: dict[int, Waiting]
    decided: dict[int, Decided]


class _Part(enum.IntEnum):
    """What a row of the one statement is."""

    TASK = 0
    MENTION = 1
    SNOOZE = 2
    STEP = 3
    OFFER = 4
    DECIDED = 5


def asked_on(lead_ids: list[int], reader: Actor | None = None) -> Asked:
    """What is asked of people on these leads (one statement); of promises what a reader may see."""
    found = Asked(defaultdict(list), defaultdict(list), defaultdict(list), {}, {}, {})
    rows = db.session.execute(sa.union_all(*_parts(lead_ids, reader)))
    for row in sorted(rows, key=lambda row: (row.id, row.person_id or 0)):
        match row.part:
            case _Part.TASK:
                theirs = row.side is Side.THEIRS
                since = local_date(row.at)
                task = OpenTask(
                    row.id, row.kind, row.text, row.due_on, row.person_id, theirs, since, row.by_id
                )
                found.tasks[row.lead_id].append(task)
            case _Part.MENTION:
                one = Mentioned(row.id, row.person_id, row.text, local_date(row.at))
                found.mentions[row.lead_id].append(one)
            case _Part.SNOOZE:
                aside = Snoozed(row.person_id, row.text, row.due_on)
                found.snoozes[row.lead_id].append(aside)
            case _Part.STEP:
                found.steps[row.lead_id] = LastStep(row.id, local_date(row.at))
            case _Part.OFFER:
                found.offers[row.lead_id] = Waiting(
                    row.id, row.person_id, row.text, local_date(row.at), row.ref
                )
            case _Part.DECIDED:
                on, approved = local_date(row.at), row.state is OfferState.APPROVED
                found.decided[row.lead_id] = Decided(
                    row.id, row.person_id, row.text, on, row.ref, approved
                )
    return found


def _parts(lead_ids: list[int], reader: Actor | None) -> list[sa.Select[Any]]:
    return [
        _tasks(lead_ids, reader),
        _mentions(lead_ids),
        _snoozes(lead_ids),
        _steps(lead_ids),
        _waiting(lead_ids),
        _decided(lead_ids),
    ]


def _null(column: Any) -> sa.Cast[Any]:
    """Nothing, of the type that the other parts have there."""
    return sa.cast(sa.null(), column.type)


_PERSON, _KIND, _TEXT = _null(Task.assignee_id), _null(Task.kind), _null(Task.text)
_DUE_ON, _AT = _null(Task.due_on), _null(Task.created_at)
_SIDE, _REF, _STATE = _null(Promise.side), _null(Offer.public_id), _null(Offer.state)


def _part(
    which: _Part,
    *columns: Any,
    side: Any = _SIDE,
    ref: Any = _REF,
    state: Any = _STATE,
    by: Any = _PERSON,
) -> sa.Select[Any]:
    """Rows of one kind in the columns of all: first the seven that each says."""
    names = ("lead_id", "id", "person_id", "kind", "text", "due_on", "at")
    named = (column.label(name) for name, column in zip(names, columns, strict=True))
    rest = (side.label("side"), ref.label("ref"), state.label("state"), by.label("by_id"))
    number = sa.literal(int(which)).label("part")
    return sa.select(*named, *rest, number)


def _tasks(lead_ids: list[int], reader: Actor | None) -> sa.Select[Any]:
    query = (
        _part(
            _Part.TASK,
            *(Task.lead_id, Task.id, Task.assignee_id, Task.kind, Task.text, Task.due_on),
            Task.created_at,
            side=Promise.side,
            by=Task.created_by_id,
        )
        .outerjoin(Promise, Promise.task_id == Task.id)
        .where(one_of_chunk(Task.lead_id, lead_ids), Task.state == TaskState.OPEN)
    )
    if reader is None:
        return query
    return query.join(Lead, Lead.id == Task.lead_id).where(no_hidden_promise(reader))


def _mentions(lead_ids: list[int]) -> sa.Select[Any]:
    return (
        _part(
            _Part.MENTION,
            *(Comment.lead_id, Comment.id, Mention.user_id, _KIND, User.name, _DUE_ON),
            Comment.created_at,
        )
        .join(Mention, Mention.comment_id == Comment.id)
        .join(User, User.id == Comment.author_id)
        .where(
            one_of_chunk(Comment.lead_id, lead_ids),
            Comment.removed_at.is_(None),
            Mention.seen_at.is_(None),
        )
    )


def _snoozes(lead_ids: list[int]) -> sa.Select[Any]:
    return _part(
        _Part.SNOOZE,
        *(Snooze.lead_id, Snooze.id, Snooze.person_id, _KIND, Snooze.occurrence, Snooze.until),
        _AT,
    ).where(one_of_chunk(Snooze.lead_id, lead_ids), Snooze.taken_back_at.is_(None))


def _steps(lead_ids: list[int]) -> sa.Select[Any]:
    closed = sa.func.max(Task.closed_at)
    return (
        _part(
            _Part.STEP,
            *(Task.lead_id, sa.func.max(Task.id), _PERSON, _KIND, _TEXT, _DUE_ON, closed),
        )
        # By the leads: of the tasks PostgreSQL would go to all leads of the city without a step.
        .join(Lead, Lead.id == Task.lead_id)
        .where(one_of_chunk(Lead.id, lead_ids), Lead.next_step_on.is_(None), closed_step())
        .group_by(Task.lead_id)
    )


def _waiting(lead_ids: list[int]) -> sa.Select[Any]:
    return (
        _part(
            _Part.OFFER,
            *(Offer.lead_id, Offer.id, Offer.proposer_id, _KIND, User.name, _DUE_ON),
            Offer.created_at,
            ref=Offer.public_id,
        )
        .join(User, User.id == Offer.proposer_id)
        .where(one_of_chunk(Offer.lead_id, lead_ids), Offer.state == OfferState.PROPOSED)
    )


def _decided(lead_ids: list[int]) -> sa.Select[Any]:
    return (
        _part(
            _Part.DECIDED,
            *(Offer.lead_id, Offer.id, who_hears(), _KIND, User.name, _DUE_ON),
            Offer.decided_at,
            ref=Offer.public_id,
            state=Offer.state,
        )
        .join(User, User.id == Offer.approver_id)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(PROPOSER, PROPOSER.id == Offer.proposer_id)
        .where(one_of_chunk(Offer.lead_id, lead_ids), unanswered())
    )


def closed_step() -> sa.ColumnElement[bool]:
    """Tasks that were a lead's next step once."""
    return sa.and_(
        Task.kind == TaskKind.NEXT_STEP,
        Task.state.in_((TaskState.DONE, TaskState.MOVED, TaskState.CANCELLED)),
        Task.closed_at.is_not(None),
    )
