"""Tasks beside the next step: set, done, coming back once, taken back; on both engines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.errors import Conflict, Forbidden, NotFound
from crm.leads import matters, to_do
from crm.leads.edits import edit_lead
from crm.leads.next_steps import bring_back, open_next_step, set_next_step
from crm.leads.to_do import NewTask
from models.enums import Every, Role, TaskKind, TaskState
from models.lead import Lead
from models.recurrence import Recurrence
from models.task import Task
from tests.at_once import at_once
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

FRIDAY = date(2026, 12, 4)
MONTHLY = NewTask("报一次进度", FRIDAY, every=1, unit=Every.MONTH)


def _tasks(session: Any, lead: Lead) -> list[tuple[TaskState, date | None]]:
    session.expire_all()
    query = sa.select(Task).where(Task.lead_id == lead.id, Task.kind == TaskKind.TASK)
    return [(task.state, task.due_on) for task in session.scalars(query.order_by(Task.id))]


def test_two_who_do_it_at_once_make_one_next(app: Flask, session: Any, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    lead = a_lead(scout)
    key = to_do.assign(lead.public_id, MONTHLY, actor_of(scout), now=NOW).public_id
    actors = {"scout": actor_of(scout), "mate": actor_of(mate)}
    session.commit()
    got = at_once(
        app,
        {
            name: (who, lambda who=who: to_do.finish(key, who, now=NOW))
            for name, who in actors.items()
        },
    )
    assert sorted(type(one).__name__ for one in got.values()) == ["Conflict", "str"]
    # The fourth of January is a Monday.
    assert _tasks(session, lead) == [
        (TaskState.DONE, FRIDAY),
        (TaskState.OPEN, date(2027, 1, 4)),
    ]


def test_taken_back_and_done_again_it_still_has_one_next(session: Any, people: People) -> None:
    scout = people.scout()
    lead, actor = a_lead(scout), actor_of(scout)
    key = to_do.assign(lead.public_id, MONTHLY, actor, now=NOW).public_id
    following = to_do.finish(key, actor, now=NOW).next
    assert following
    to_do.reopen(key, actor, now=NOW)
    assert [state for state, _ in _tasks(session, lead)] == [TaskState.OPEN, TaskState.CANCELLED]
    assert to_do.finish(key, actor, now=NOW).next is following
    assert [state for state, _ in _tasks(session, lead)] == [TaskState.DONE, TaskState.OPEN]
    to_do.finish(following.public_id, actor, now=NOW)
    with pytest.raises(Conflict):
        to_do.reopen(key, actor, now=NOW)
    last = session.scalars(sa.select(Task).order_by(Task.id.desc())).first()
    to_do.withdraw(last.public_id, actor, now=NOW)
    assert _tasks(session, lead)[2:] == [(TaskState.CANCELLED, date(2027, 2, 4))]
    # The database takes one follower of each.
    session.commit()
    session.add(
        Recurrence(
            task_id=session.scalar(sa.select(Task.id).where(Task.public_id == key)) + 100,
            every=1,
            unit=Every.MONTH,
            starts_on=FRIDAY,
            number=1,
            follows_id=session.scalar(sa.select(Task.id).where(Task.public_id == key)),
        )
    )
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
    session.rollback()


def test_it_is_done_by_who_is_asked_and_changed_by_the_team(session: Any, people: People) -> None:
    scout, mate, stranger = people.scout(), people.scout(), people.scout("chengdu")
    lead, actor = a_lead(scout), actor_of(scout)
    new = NewTask("寄样机", FRIDAY, assignee=mate.public_id)
    task = to_do.assign(lead.public_id, new, actor, now=NOW)
    assert task.assignee_id == mate.id
    with pytest.raises(NotFound):
        to_do.finish(task.public_id, actor_of(stranger), now=NOW)
    with pytest.raises(Forbidden):
        to_do.finish(task.public_id, actor_of(people.make(Role.AUDITOR)), now=NOW)
    # A matter to be coordinated is none of these.
    matter = matters.note(lead.public_id, "请区里定场地", actor, now=NOW)
    with pytest.raises(NotFound):
        to_do.finish(matter.public_id, actor, now=NOW)
    assert to_do.finish(task.public_id, actor_of(mate), now=NOW).next is None


def test_what_the_earlier_owner_had_to_do_is_handed_over(session: Any, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    lead = a_lead(scout, next_step="打电话", next_step_on=TODAY)
    before = open_next_step(lead)
    assert before
    step = set_next_step(lead, "发方案", TODAY, now=NOW, by=scout.id)
    task = to_do.assign(lead.public_id, MONTHLY, actor_of(scout), now=NOW)
    edit_lead(
        lead.public_id,
        {"owner": mate.public_id, "team": "beijing"},
        actor_of(people.team_lead()),
        NOW,
    )
    assert (task.assignee_id, step.assignee_id) == (mate.id, mate.id)
    bring_back(lead, before.id, now=NOW)
    assert (before.state, before.assignee_id) == (TaskState.OPEN, mate.id)
