"""What became of a lead's next steps, as the trail has it: set, moved, replaced, done, by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, readable_lead
from crm.messages import Message, msg
from models import db
from models.audit import Change, ChangeSet
from models.enums import TaskKind, TaskState
from models.task import Task
from models.user import User

MOST = 200


@dataclass(frozen=True)
class StepChange:
    """What one person did with the next step at one moment."""

    at: datetime
    who: str
    words: Message


def step_history(lead_id: str, actor: Actor) -> list[StepChange]:
    """The newest first, of a lead that the actor may read (two statements). Raises NotFound."""
    lead = readable_lead(actor, lead_id)
    rows = db.session.execute(
        sa.select(Change, Task.text, ChangeSet.known_at, User.name)
        .join(Task, Task.id == Change.subject_id)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .outerjoin(User, User.id == ChangeSet.actor_id)
        .where(
            Task.lead_id == lead.id,
            Task.kind == TaskKind.NEXT_STEP,
            Change.subject == Task.audit_subject,
            Change.field.in_(("*", "due_on", "state")),
        )
        .order_by(Change.change_set_id.desc(), Change.id)
        .limit(MOST)
    )
    return [
        StepChange(group[0][2], group[0][3] or "", words)
        for _set, of_set in groupby(rows, key=lambda row: row[0].change_set_id)
        for group in [list(of_set)]
        for words in _said([(row[0], row[1]) for row in group])
    ]


def _said(changes: list[tuple[Change, str]]) -> Iterator[Message]:
    """In words; a step that takes the place of another is one sentence."""
    made = [(text, change.after or {}) for change, text in changes if change.field == "*"]
    gone = [text for change, text in changes if _became(change) is TaskState.MOVED]
    for text, after in made:
        day = _day(after.get("due_on"))
        if gone:
            yield msg("“%(old)s”换成“%(text)s”，%(day)s", old=gone.pop(0), text=text, day=day)
        else:
            yield msg("定下“%(text)s”，%(day)s", text=text, day=day)
    for change, text in changes:
        state = _became(change)
        if change.field == "due_on":
            was, day = _day(change.before), _day(change.after)
            yield msg("“%(text)s”从 %(was)s 改到 %(day)s", text=text, was=was, day=day)
        elif state is TaskState.DONE:
            yield msg("办好了“%(text)s”", text=text)
        elif state is TaskState.CANCELLED:
            yield msg("撤掉“%(text)s”", text=text)
        elif state is TaskState.OPEN:
            yield msg("恢复“%(text)s”", text=text)


def _became(change: Change) -> TaskState | None:
    return TaskState(str(change.after)) if change.field == "state" else None


def _day(value: Any) -> date | Message:
    return date.fromisoformat(value) if value else msg("没有日期")
