"""Directives by machine: given, answered, taken back; all kinds of tasks are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm import clock
from crm.reminders.plan import plan
from models.lead import Lead
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


@pytest.mark.parametrize("kind", ["directive", "promise", "task", "matter", None])
def test_a_day_without_a_future_is_refused(
    machine: Machine, boss: Machine, lead: Lead, kind: str | None
) -> None:
    who = boss if kind == "directive" else machine
    given = {"lead": lead.public_id, "text": "长期", "due_on": "9999-12-31"}
    refused = who.post("/tasks", given | ({"kind": kind} if kind else {}))
    assert refused.status_code == 422, refused.text
    assert set(refused.json["errors"]) <= {"due_on", "next_step_on"}
    assert "2100" in refused.text


def test_neither_is_another_such_day(machine: Machine, boss: Machine, lead: Lead) -> None:
    for who, kind in ((boss, "directive"), (machine, "promise"), (machine, "task")):
        task = who.post("/tasks", _directive(lead, kind=kind)).json["id"]
        reason = {} if kind == "task" else {"reason": "长期"}
        refused = who.patch(f"/tasks/{task}", {"due_on": "9999-12-31", **reason}, If_Match="*")
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["due_on"])
    path = f"/leads/{lead.public_id}"
    held = {"to_status": "on_hold", "hold_until": "9999-12-31", "reason": "长期"}
    held["version"] = machine.get(path).json["version"]
    refused = machine.post(f"{path}/stage-changes", held)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["hold_until"])


def test_a_matter_is_noted_done_and_taken_up_again(
    app: Flask, people: People, machine: Machine, lead: Lead
) -> None:
    sent = {"lead": lead.public_id, "kind": "matter", "text": "请区里定场地"}
    made = machine.post("/tasks", sent)
    assert (made.status_code, made.json["kind"], made.json["state"]) == (201, "matter", "open")
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


def test_a_promise_is_made_moved_withdrawn_and_kept(
    app: Flask, people: People, machine: Machine, scout: User, lead: Lead
) -> None:
    sent = {"lead": lead.public_id, "kind": "promise", "text": "给一层楼", "due_on": DAY}
    made = machine.post("/tasks", sent)
    assert made.status_code == 201, made.text
    assert (made.json["side"], made.json["assignee"]) == ("ours", scout.public_id)
    path = f"/tasks/{made.json['id']}"
    for wrong, field in (
        ({"state": "cancelled"}, "reason"),
        ({"due_on": DAY}, "due_on"),
        ({}, "state"),
    ):
        assert field in machine.patch(path, wrong, If_Match="*").json["errors"], wrong
    moved = {"due_on": "2099-12-08", "reason": "等场地方案"}
    put_off = machine.patch(path, moved, If_Match=made.headers["ETag"]).json
    assert (put_off["due_on"], put_off["first_due_on"]) == (moved["due_on"], DAY)
    assert machine.patch(path, {"state": "done"}, If_Match=made.headers["ETag"]).status_code == 412
    gone = machine.patch(path, {"state": "cancelled", "reason": "政策改了"}, If_Match="*").json
    assert (gone["state"], gone["reason"]) == ("cancelled", "政策改了")
    assert machine.patch(path, {"state": "done"}, If_Match="*").status_code == 409
    assert machine.patch(path, {"state": "open"}, If_Match="*").json["reason"] is None
    assert machine.patch(path, {"state": "done"}, If_Match="*").json["state"] == "done"
    # The other scouts of the team read the lead and none of its promises.
    mate = machine_of(app, people.scout())
    assert mate.get(path).status_code == 404
    assert mate.get("/tasks?kind=promise").json["items"] == []
    for more, field in (
        ({"who": "x"}, "who"),
        ({"side": "theirs", "assignee": scout.public_id}, "assignee"),
        ({"side": "theirs", "contact": "zzzzzzzzzzzz"}, "contact"),
        ({"repeat_every": 2}, "repeat_every"),
    ):
        assert list(machine.post("/tasks", {**sent, **more}).json["errors"]) == [field]


def test_a_task_is_assigned_and_comes_back(
    app: Flask, people: People, machine: Machine, lead: Lead
) -> None:
    mate = people.scout()
    sent = {
        "lead": lead.public_id,
        "kind": "task",
        "text": "报一次进度",
        "due_on": "2026-12-04",
        "assignee": mate.public_id,
        "repeat_every": 2,
        "repeat_unit": "week",
    }
    with clock.standing_at(NOW):
        wrong = {"due_on": "2026-12-05", "assignee": people.scout("chengdu").public_id}
        refused = machine.post("/tasks", {**sent, **wrong, "repeat_unit": "month"})
        assert set(refused.json["errors"]) == {"due_on", "assignee"}
        assert "12月7日" in refused.json["errors"]["due_on"][0]
        alone = {name: value for name, value in sent.items() if name != "repeat_unit"}
        assert list(machine.post("/tasks", alone).json["errors"]) == ["repeat_every"]
        made = machine.post("/tasks", sent)
        assert made.status_code == 201, made.text
        path = f"/tasks/{made.json['id']}"
        theirs = machine_of(app, mate)
        assert theirs.patch(path, {"due_on": "2026-12-03"}, If_Match="*").status_code == 200
        assert theirs.patch(path, {"state": "done"}, If_Match="*").json["state"] == "done"
        (following,) = machine.get("/tasks?kind=task&state=open").json["items"]
    assert (following["due_on"], following["assignee"]) == ("2026-12-18", mate.public_id)
    assert (following["repeat_every"], following["repeat_unit"]) == (2, "week")


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
