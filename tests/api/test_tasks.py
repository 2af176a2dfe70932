"""Directives by machine: given, answered, taken back; all kinds of tasks are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm import clock
from crm.reminders.plan import plan
from models.enums import TaskKind
from models.lead import Lead
from models.task import Task
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW, a_lead
from tests.people import People

DAY = "2099-12-01"


@pytest.fixture
def lead(scout: User) -> Lead:
    """A lead of the scout."""
    return a_lead(scout)


@pytest.fixture
def boss(app: Flask, people: People) -> Machine:
    """A manager's machine."""
    return machine_of(app, people.manager())


def _directive(lead: Lead, **more: Any) -> dict[str, Any]:
    sent = {"lead": lead.public_id, "kind": "directive", "text": "周五前给我意见", "due_on": DAY}
    return {**sent, **more}


def test_a_directive_is_given_and_answered(
    machine: Machine, boss: Machine, scout: User, lead: Lead
) -> None:
    assert machine.post("/tasks", _directive(lead)).status_code == 403
    made = boss.post("/tasks", _directive(lead))
    assert made.status_code == 201, made.text
    assert (made.json["kind"], made.json["assignee"]) == ("directive", scout.public_id)
    path = f"/tasks/{made.json['id']}"
    assert machine.get("/tasks?kind=directive").json["items"] == [made.json]
    assert machine.patch(path, {"state": "done"}).status_code == 428
    for sent, field in (
        ({"state": "done"}, "answer"),
        ({"state": "moved"}, "state"),
        ({}, "state"),
    ):
        assert list(machine.patch(path, sent, If_Match="*").json["errors"]) == [field], sent
    answered = {"state": "done", "answer": "已约好"}
    done = machine.patch(path, answered, If_Match=made.headers["ETag"])
    assert (done.json["state"], done.json["answer"]) == ("done", "已约好")
    assert done.json["answered_by"] == scout.public_id
    assert machine.patch(path, answered, If_Match=made.headers["ETag"]).status_code == 412
    assert machine.patch(path, answered, If_Match="*").status_code == 409
    assert boss.patch(path, {"state": "cancelled"}, If_Match="*").status_code == 409


def test_only_who_gave_it_takes_it_back(machine: Machine, boss: Machine, lead: Lead) -> None:
    path = f"/tasks/{boss.post('/tasks', _directive(lead)).json['id']}"
    assert machine.patch(path, {"state": "cancelled"}, If_Match="*").status_code == 403
    moved = {"due_on": "2031-12-10", "reason": "等场地方案"}
    assert machine.patch(path, moved, If_Match="*").status_code == 403
    wordless = boss.patch(path, {"due_on": moved["due_on"]}, If_Match="*")
    assert list(wordless.json["errors"]) == ["reason"]
    put_off = boss.patch(path, moved, If_Match="*").json
    assert (put_off["due_on"], put_off["first_due_on"]) == (moved["due_on"], DAY)
    assert put_off["due_on_reason"] == moved["reason"]
    gone = boss.patch(path, {"state": "cancelled"}, If_Match="*")
    assert gone.json["state"] == "cancelled"
    again = boss.patch(path, {"state": "open"}, If_Match="*")
    assert again.json["state"] == "open"
    boss.patch(path, {"state": "cancelled"}, If_Match="*")
    late = machine.patch(path, {"state": "done", "answer": "已约好"}, If_Match="*")
    assert late.status_code == 409


def test_what_is_wrong_with_a_directive_is_told(
    app: Flask, people: People, boss: Machine, machine: Machine, lead: Lead
) -> None:
    stranger = people.scout("chengdu")
    sent = _directive(lead, text=" ", due_on="2020-01-01", assignee=stranger.public_id)
    assert set(boss.post("/tasks", sent).json["errors"]) == {"text", "due_on", "assignee"}
    missing = boss.post("/tasks", {**_directive(lead), "lead": "zzzzzzzzzzzz"})
    assert list(missing.json["errors"]) == ["lead"]
    step = {"lead": lead.public_id, "text": "带看", "due_on": DAY, "assignee": stranger.public_id}
    assert list(machine.post("/tasks", step).json["errors"]) == ["assignee"]
    assert machine_of(app, stranger).get("/tasks").json["items"] == []


def test_a_matter_is_noted_done_and_taken_up_again(
    app: Flask, people: People, machine: Machine, lead: Lead
) -> None:
    sent = {"lead": lead.public_id, "kind": "task", "text": "请区里定场地"}
    made = machine.post("/tasks", sent)
    assert (made.status_code, made.json["kind"], made.json["state"]) == (201, "task", "open")
    (row,) = machine.get("/reports/ledger").json["items"]
    assert row["coordination"] == "请区里定场地"
    path = f"/tasks/{made.json['id']}"
    for wrong, field in (({"due_on": DAY}, "state"), ({"state": "cancelled"}, "state")):
        assert list(machine.patch(path, wrong, If_Match="*").json["errors"]) == [field]
    done = machine.patch(path, {"state": "done"}, If_Match=made.headers["ETag"])
    assert (done.json["state"], done.json["closed_at"] is None) == ("done", False)
    assert machine.get("/reports/ledger").json["items"][0]["coordination"] is None
    assert machine.patch(path, {"state": "done"}, If_Match="*").status_code == 409
    again = machine.patch(path, {"state": "open"}, If_Match="*")
    assert (again.json["state"], again.json["closed_at"]) == ("open", None)
    unasked = {**sent, "due_on": DAY, "assignee": people.manager().public_id}
    assert list(machine.post("/tasks", unasked).json["errors"]) == ["assignee"]
    assert machine.post("/tasks", {**sent, "due_on": DAY}).json["due_on"] == DAY
    step = {"lead": lead.public_id, "text": "带看"}
    assert list(machine.post("/tasks", step).json["errors"]) == ["due_on"]
    assert machine_of(app, people.scout("chengdu")).get(path).status_code == 404


def test_promises_are_read_only(machine: Machine, session: Any, lead: Lead) -> None:
    task = Task(lead_id=lead.id, kind=TaskKind.PROMISE, text="给一层楼", created_at=NOW)
    session.add(task)
    session.commit()
    (seen,) = machine.get("/tasks?kind=promise").json["items"]
    assert (seen["id"], seen["text"]) == (task.public_id, "给一层楼")
    path = f"/tasks/{task.public_id}"
    assert machine.patch(path, {"state": "done"}, If_Match="*").status_code == 409
    made = machine.post("/tasks", {**_directive(lead), "kind": "promise"})
    assert list(made.json["errors"]) == ["kind"]


def test_a_lead_is_put_off_and_its_reminder_says_so(
    app: Flask, people: People, session: Any
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    lead.created_at = clock.now() - timedelta(days=61)
    session.commit()
    plan(clock.now())
    machine = machine_of(app, scout)
    path, until = f"/leads/{lead.public_id}/snoozes", clock.today() + timedelta(days=4)
    for day in (clock.today(), clock.today() + timedelta(days=91)):
        refused = machine.post(path, {"until": day.isoformat()})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["until"])
    made = machine.post(path, {"until": until.isoformat(), "reason": "等董事会"})
    assert (made.status_code, made.json) == (
        201,
        {
            "lead": lead.public_id,
            "until": until.isoformat(),
            "set_aside": len(machine.get("/reminders").json["items"]),
            "next_step_moved": False,
        },
    )
    assert {row["snoozed_until"] for row in machine.get("/reminders").json["items"]} == {
        until.isoformat()
    }
    assert machine.post(path, {"until": until.isoformat()}).status_code == 409
