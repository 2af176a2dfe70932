"""Promises and tasks by hand: on the visit's form, the lead's page and in the promise book."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from crm import clock
from crm.leads import next_steps
from crm.leads.step_history import step_history
from models.enums import Side, TaskKind
from models.promise import Promise
from models.task import Task
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People


@pytest.fixture
def days() -> list[str]:
    """A working day to come, another, and a day off."""
    ahead = [clock.today() + timedelta(days=n) for n in range(3, 40)]
    working = [day for day in ahead if day.weekday() == 2]
    off = next(day for day in ahead if day.weekday() == 6)
    return [working[0].isoformat(), working[1].isoformat(), off.isoformat()]


def test_a_visit_brings_promises_and_what_is_wrong_stands_at_its_row(
    session: Any, client: Client, people: People, days: list[str]
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    sent = {
        "lead": lead.public_id,
        "client_key": "0123456789abcdef01234567",
        "mode": "call",
        "reached": "0",
        "occurred_at": "2026-11-25T10:00",
        "promise_1": "给出书面答复",
        "promise_1_who": "ours:",
        "promise_1_on": days[0],
        "promise_2": "发来三年规划",
        "promise_2_who": "theirs:",
    }
    refused = client.post("/visits", sent)
    assert refused.status_code == 422
    assert 'data-field="promise_2_on"' in refused.text
    assert "给出书面答复" in refused.text
    assert session.query(Task).count() == 0
    assert client.post("/visits", sent | {"promise_2_on": days[0]}).status_code == 302
    sides = session.query(Promise.side).order_by(Promise.task_id).all()
    assert [row.side for row in sides] == [Side.OURS, Side.THEIRS]
    page = client.get(f"/leads/{lead.public_id}").text
    assert page.count('data-testid="promise"') == 2
    assert "发来三年规划" in client.get("/promises?side=theirs").text


def test_the_book_keeps_moves_withdraws_and_takes_back(
    session: Any, client: Client, people: People, days: list[str]
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    first = {"text": "给出书面答复", "who": "ours:", "due_on": days[0]}
    assert client.post(f"/leads/{lead}/promises", first).status_code == 302
    key = session.query(Task).filter_by(kind=TaskKind.PROMISE).one().public_id
    path, book = f"/promises/{key}", {"back": "/promises"}
    moved = {"due_on": days[1], "reason": "等场地方案"} | book
    assert client.post(f"{path}/days", {"due_on": days[1]} | book).status_code == 422
    assert client.post(f"{path}/days", moved).headers["Location"] == "/promises"
    page = client.get("/promises").text
    undo = re.search(r'(/promises/[^"]*/days\?[^"]*)"', page)
    assert undo
    assert client.post(undo[1].replace("&amp;", "&")).status_code == 302
    session.expire_all()
    assert str(session.query(Task).one().due_on) == days[0]
    assert client.post(f"{path}/completion", book).status_code == 302
    assert client.post(f"{path}/completion", book).status_code == 409
    assert "给出书面答复" in client.get("/promises?standing=kept").text
    assert "给出书面答复" in client.get("/promises.csv?standing=kept").text
    assert "给出书面答复" not in client.get("/promises.csv").text
    assert client.post(f"{path}/reopening", book).status_code == 302
    assert client.post(f"{path}/withdrawal", {"reason": ""}).status_code == 422
    assert client.post(f"{path}/withdrawal", {"reason": "政策改了"}).status_code == 302
    assert "政策改了" in client.get("/promises?standing=withdrawn").text
    timeline = client.get(f"/leads/{lead}?show=promises").text
    assert all(word in timeline for word in ("承诺改期", "撤销改期", "政策改了"))


def test_a_task_is_set_moved_and_comes_back_from_the_lead(
    session: Any, client: Client, people: People, days: list[str]
) -> None:
    scout = people.scout()
    lead = a_lead(scout).public_id
    client.sign_in(scout.email)
    sent = {"text": "报一次进度", "due_on": days[2], "unit": "week", "every": "2"}
    refused = client.post(f"/leads/{lead}/tasks", sent)
    assert refused.status_code == 422
    assert "这天休息" in refused.text
    assert client.post(f"/leads/{lead}/tasks", sent | {"due_on": days[0]}).status_code == 302
    assert "每 2 周" in client.get(f"/leads/{lead}").text
    path = f"/tasks/{session.query(Task).one().public_id}"
    for wrong in ({}, {"due_on": days[2]}):
        assert client.post(f"{path}/day", wrong).status_code == 422
    assert client.post(f"{path}/day", {"due_on": days[1]}).status_code == 302
    assert client.post(f"{path}/completion").status_code == 302
    assert client.post(f"{path}/completion").status_code == 409
    assert session.query(Task).count() == 2
    assert client.get(f"/leads/{lead}").text.count('data-testid="task"') == 1
    assert client.post(f"{path}/reopening").status_code == 302
    assert client.get(f"/leads/{lead}").text.count('data-testid="task"') == 1


def test_the_history_of_a_next_step_is_read_on_the_lead(
    session: Any, client: Client, people: People
) -> None:
    scout = people.scout()
    lead, soon = a_lead(scout), TODAY + timedelta(days=2)
    for act in (
        lambda: next_steps.set_next_step(lead, "带看", soon, now=NOW, by=scout.id),
        lambda: next_steps.reschedule(lead, soon + timedelta(days=1), now=NOW),
        lambda: next_steps.set_next_step(lead, "报价", soon, now=NOW, by=scout.id),
        lambda: next_steps.finish_next_step(lead, now=NOW),
    ):
        act()
        session.commit()
    assert [str(one.words) for one in step_history(lead.public_id, actor_of(scout))] == [
        "办好了“报价”",
        f"“带看”换成“报价”，{soon}",
        f"“带看”从 {soon} 改到 {soon + timedelta(days=1)}",
        f"定下“带看”，{soon}",
    ]
    client.sign_in(scout.email)
    page = client.get(f"/leads/{lead.public_id}/next-steps").text
    assert page.count('data-testid="edit"') == 4
    assert "历次下一步" in client.get(f"/leads/{lead.public_id}").text
