"""A task of a lead as a row: promises, directives and what else is to be done are made of it."""

from __future__ import annotations

from datetime import date, datetime
from random import Random

from crm.demo.office.pen import Change
from crm.demo.office.scene import LeadSeen, new
from crm.demo.records import Values
from models.enums import TaskKind, TaskState


def task(
    random: Random,
    lead: LeadSeen,
    kind: TaskKind,
    text: str,
    *,
    due_on: date | None,
    by: int,
    to: int | None,
    at: datetime,
) -> Values:
    """An open task of that kind, set by somebody for somebody."""
    return new(
        random,
        lead_id=lead.id,
        kind=kind,
        state=TaskState.OPEN,
        text=text,
        due_on=due_on,
        assignee_id=to,
        created_by_id=by,
        created_at=at,
    )


def closed(row: Values, at: datetime, state: TaskState = TaskState.DONE) -> Change:
    """It is done, or need not be."""
    return Change("task", row, {"state": state, "closed_at": at})
