"""Companies, contacts, visits, tasks, targets, chain map, reminders, goals by machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from crm.offers.rules import Proposal
from crm.offers.service import propose
from models.company import Company
from models.figure import Goal
from models.user import User
from models.visit import Visit
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW, a_lead, a_visit, actor_of
from tests.people import People
from tests.walks.world import LIST, YEAR, build

CODE = "913300002539329145"


@pytest.fixture
def company(session: Any) -> Company:
    """A company that nobody holds."""
    made = create_company("星环软件有限公司", now=NOW)
    session.commit()
    return made


def test_a_company_is_made_found_and_changed(machine: Machine, session: Any) -> None:
    sent = {"name": "星环软件有限公司", "place": "hangzhou", "segments": ["FND-DB"]}
    sent["credit_code"] = CODE
    answer = machine.post("/companies", sent)
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert {name: made[name] for name in sent} == sent
    assert (made["short_name"], made["holder"], made["merged_into"]) == ("星环软件", None, None)
    path = f"/companies/{made['id']}"
    tag = machine.get(path).headers["ETag"]
    changed = machine.patch(path, {"short_name": "星环", "segments": []}, If_Match=tag)
    assert changed.status_code == 200, changed.text
    assert (changed.json["short_name"], changed.json["segments"]) == ("星环", [])
    assert changed.json["place"] == "hangzhou"
    assert machine.patch(path, {"short_name": "x"}, If_Match=tag).status_code == 412
    assert machine.patch(path, {"short_name": "x"}).status_code == 428
    other = machine.post("/companies", {"name": "别的软件有限公司", "credit_code": CODE})
    assert list(other.json["errors"]) == ["credit_code"]
    for asked in (
        f"q={CODE}",
        f"credit_code={CODE}",
        "q=xinghuan",
        "place=hangzhou",
        "q=星环&place=hangzhou",
    ):
        assert [row["id"] for row in machine.get(f"/companies?{asked}").json["items"]] == [
            made["id"]
        ]
    assert machine.get("/companies?segment=FND").json["items"] == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "星环软件有限公司"}, "name"),
        ({"name": "别的公司", "credit_code": "123"}, "credit_code"),
        ({"name": "别的公司", "place": "nowhere"}, "place"),
        ({"name": "别的公司", "segments": ["FND-DB", "NONE"]}, "segments"),
        ({"name": "别的公司", "kind": "group"}, "kind"),
        ({"name": "别\u0000的"}, "name"),
        ({"name": ["别的"]}, "name"),
    ],
)
def test_a_wrong_company_is_refused(
    machine: Machine, company: Company, session: Any, sent: Any, field: str
) -> None:
    answer = machine.post("/companies", sent)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert session.scalar(sa.select(sa.func.count()).select_from(Company)) == 1


def test_everybody_sees_who_holds_a_company(app: Flask, people: People, scout: User) -> None:
    lead = a_lead(scout)
    other = machine_of(app, people.scout("chengdu"))
    (row,) = other.get("/companies").json["items"]
    assert row["holder"]["team"] == "beijing"
    assert row["holder"]["owner"] == scout.public_id
    assert other.get(f"/leads/{lead.public_id}").status_code == 404


def test_companies_page_stably(machine: Machine, session: Any) -> None:
    made = [create_company(f"软件{n}号有限公司", now=NOW).public_id for n in range(5)]
    session.commit()
    seen, cursor = [], ""
    while cursor is not None:
        page = machine.get(f"/companies?limit=2{cursor}").json
        seen += [row["id"] for row in page["items"]]
        create_company(f"后来{len(seen)}有限公司", now=clock.now())
        session.commit()
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert seen == made[::-1]


def test_a_year_is_written_down(machine: Machine, company: Company) -> None:
    path = f"/companies/{company.public_id}/figures"
    sent = {"year": 2024, "revenue_cny": 280_000_000, "employees": 1500, "source": "company"}
    made = machine.post(path, sent)
    assert (made.status_code, made.json) == (201, sent)
    assert machine.post(path, {"year": 2024, "employees": 1600}).json["source"] == "published"
    found = [(row["metric"], row["value"]) for row in machine.get(path).json["items"]]
    assert found == [("software_revenue_cny", 280_000_000), ("employees", 1600)]
    for wrong, field in (({"year": 2024}, "revenue_cny"), ({"year": 2099, "employees": 1}, "year")):
        assert list(machine.post(path, wrong).json["errors"]) == [field]


def test_a_visit_is_logged_once(machine: Machine, session: Any, scout: User) -> None:
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id)
    contact = machine.post("/contacts", {"company": company.public_id, "name": "周启明"}).json["id"]
    sent = {
        "client_key": "1",
        "lead": lead.public_id,
        "mode": "out",
        "occurred_at": (clock.now() - timedelta(hours=1)).isoformat(timespec="minutes"),
        "reached": True,
        "contacts": [contact],
        "need": "要一层楼",
        "next_step": "带看",
        "next_step_on": "2099-12-01",
        "planned_headcount": 160,
    }
    first = machine.post("/visits", {**sent, "space_m2": 3000})
    assert first.status_code == 201, first.text
    again = machine.post("/visits", {**sent, "summary": "改了"})
    assert (again.status_code, again.json) == (200, first.json)
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    now = machine.get(f"/leads/{lead.public_id}").json
    assert (now["need"], now["planned_headcount"], now["space_m2"]) == ("要一层楼", 160, 3000)
    assert (now["next_step"], now["last_touch_at"]) == ("带看", first.json["occurred_at"])
    path = f"/visits/{first.json['id']}"
    assert machine.get(path).json == first.json
    for asked, n in (
        ("lead", lead.public_id),
        ("company", company.public_id),
        ("author", scout.public_id),
        ("mode", "out"),
        ("reached", "true"),
    ):
        assert len(machine.get(f"/visits?{asked}={n}").json["items"]) == 1, asked
    assert machine.get("/visits?mode=call").json["items"] == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"occurred_at": "2026-11-25T10:00:00"}, "occurred_at"),
        ({"occurred_at": "2099-11-25T10:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"reached": "true"}, "reached"),
        ({"reached": True}, "contacts"),
        ({"reached": True, "contacts": ["zzzzzzzzzzzz"]}, "contacts"),
        ({"mode": "smoke"}, "mode"),
        ({"client_key": ""}, "client_key"),
        ({"company": None}, "company"),
    ],
)
def test_a_wrong_visit_is_refused(
    machine: Machine, company: Company, sent: Any, field: str
) -> None:
    right = {
        "client_key": "machine-1",
        "company": company.public_id,
        "mode": "call",
        "occurred_at": "2026-11-25T10:00:00+08:00",
        "reached": False,
    }
    answer = machine.post("/visits", right | sent)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [field]
    assert "\\u" not in answer.text, "people read it, too"
    assert machine.get("/visits").json["items"] == []


def test_a_task_is_set_put_off_and_done(machine: Machine, scout: User) -> None:
    lead = a_lead(scout)
    made = machine.post(
        "/tasks", {"lead": lead.public_id, "text": "带看场地", "due_on": "2099-12-01"}
    )
    assert (made.status_code, made.json["kind"], made.json["state"]) == (201, "next_step", "open")
    path = f"/tasks/{made.json['id']}"
    assert machine.patch(path, {"due_on": "2099-12-08"}).status_code == 428
    moved = machine.patch(path, {"due_on": "2099-12-08"}, If_Match=made.headers["ETag"])
    assert (moved.json["due_on"], moved.json["state"]) == ("2099-12-08", "open")
    stale = machine.patch(path, {"state": "done"}, If_Match=made.headers["ETag"])
    assert stale.status_code == 412
    for wrong, field in (
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"state": "moved"}, "state"),
        ({}, "state"),
        ({"state": "done", "due_on": "2099-12-08"}, "state"),
    ):
        answer = machine.patch(path, wrong, If_Match="*")
        assert list(answer.json["errors"]) == [field], wrong
    done = machine.patch(path, {"state": "done"}, If_Match=moved.headers["ETag"])
    assert done.json["state"] == "done"
    assert machine.get(f"/leads/{lead.public_id}").json["next_step"] is None
    assert machine.patch(path, {"state": "done"}, If_Match="*").status_code == 409
    wrong = machine.post("/tasks", {"lead": lead.public_id, "text": " ", "due_on": "2020-01-01"})
    assert set(wrong.json["errors"]) == {"text", "due_on"}
    found = {
        "state=done": 1,
        "state=open": 0,
        f"lead={lead.public_id}": 1,
        "kind=promise": 0,
        f"assignee={scout.public_id}": 1,
        "due_from=2099-12-09": 0,
        "due_to=2099-12-08": 1,
    }
    for asked, n in found.items():
        assert len(machine.get(f"/tasks?{asked}").json["items"]) == n, asked


def test_targets_say_state_and_coverage(app: Flask, people: People, session: Any) -> None:
    world = build(people, session, app)
    who = machine_of(app, people.manager())
    edition = who.get(f"/targets/{LIST}/{YEAR}").json
    assert (edition["entries"], edition["covered"], edition["coverage_percent"]) == (2, 0, 0)
    assert sum(edition["states"].values()) == 2
    lists = who.get("/targets").json["items"]
    (target,) = [row for row in lists if row["code"] == LIST]
    assert target["editions"] == [edition]
    assert who.get(f"/targets/{LIST}").json == target
    part = who.get("/targets?limit=1").json
    rest = who.get(f"/targets?cursor={part['next']}").json
    assert (part["items"] + rest["items"], rest["next"]) == (lists, None)
    path = f"/targets/{LIST}/{YEAR}/entries"
    first = who.get(f"{path}?limit=1").json
    second = who.get(f"{path}?limit=1&cursor={first['next']}").json
    assert [row["rank"] for row in (*first["items"], *second["items"])] == [1, 2]
    assert second["next"] is None
    entry = first["items"][0]
    lead = who.post(
        "/leads",
        {
            "company": entry["company"],
            "segment": "FND-DB",
            "channel": "resident",
            "team": "beijing",
            "owner": _scout_of(session, world),
        },
    )
    assert lead.status_code == 201, lead.text
    (held,) = who.get(f"{path}?state=assigned").json["items"]
    assert held["holder"]["team"] == "beijing"
    assert (held["state"], held["covered"]) == ("assigned", False)
    for asked, n in (
        ("covered=true", 0),
        ("undecided=true", 0),
        ("q=第二", 1),
        ("state=untouched", 1),
    ):
        assert len(who.get(f"{path}?{asked}").json["items"]) == n, asked
    assert who.get(f"{path}?state=none").status_code == 422


def _scout_of(session: Any, world: Any) -> str:
    return str(session.scalar(sa.select(User.public_id).where(User.email == world.emails["scout"])))


def test_the_chain_counts_what_stands_below(machine: Machine, scout: User) -> None:
    a_lead(scout)
    (top,) = [n for n in machine.get("/chain-map").json["items"] if n["code"] == "FND"]
    (below,) = [n for n in top["children"] if n["code"] == "FND-DB"]
    assert top["counts"] == below["counts"]
    assert below["counts"] == {"companies": 1, "targets": 0, "leads": 1, "signed": 0, "landed": 0}
    panel = machine.get("/chain-map/FND-DB").json
    assert (panel["counts"], panel["above"], panel["gap"]) == (below["counts"], ["FND"], "missing")


def test_goals_are_those_of_the_policy(machine: Machine, session: Any) -> None:
    goals = machine.get("/goals").json["items"]
    assert len(goals) == session.scalar(sa.select(sa.func.count()).select_from(Goal))
    of_city = machine.get("/goals?scope=city").json["items"]
    assert {goal["scope"] for goal in of_city} == {"city"}


def test_reminders_are_the_callers_own(app: Flask, people: People, session: Any) -> None:
    from crm.reminders.plan import plan  # noqa: PLC0415 (only here)
    from tests.reminders.leads import MORNING, Leads  # noqa: PLC0415 (only here)

    scout, other = people.scout(), people.scout()
    made = Leads(session, scout)
    made.make(age=61)
    plan(MORNING)
    session.commit()
    (row,) = machine_of(app, scout).get("/reminders").json["items"]
    assert (row["rule"], row["state"], row["mail_state"]) == ("cadence", "planned", None)
    assert "没有联系过" in row["reason"]
    assert (
        "contacted"
        in machine_of(app, scout, lang="en").get("/reminders").json["items"][0]["reason"]
    )
    assert machine_of(app, other).get("/reminders").json["items"] == []
    assert machine_of(app, scout).get("/reminders?state=queued").json["items"] == []


def test_an_offer_is_proposed_by_one_and_decided_by_another(
    app: Flask, people: People, session: Any, scout: User
) -> None:
    lead = a_lead(scout)
    proposer, decider = machine_of(app, scout), machine_of(app, people.manager())
    wrong = proposer.post(
        "/offers", {"lead": lead.public_id, "lines": [{"rule": "none", "amount_cny": 1}]}
    )
    assert list(wrong.json["errors"]) == ["lines.none"]
    twice = [{"rule": "training", "amount_cny": 1}] * 2
    wrong = proposer.post("/offers", {"lead": lead.public_id, "lines": twice})
    assert list(wrong.json["errors"]) == ["lines.training"]
    nobodys = proposer.post("/offers", {"lead": "zzzzzzzzzzzz", "no_incentive": True})
    assert list(nobodys.json["errors"]) == ["lead"]
    stated = proposer.post(
        "/offers", {"lead": lead.public_id, "no_incentive": True, "note": "企业书面放弃"}
    )
    assert (stated.status_code, stated.json["state"]) == (201, "recorded")
    gone = proposer.post(f"/offers/{stated.json['id']}/withdrawal", {})
    assert (gone.status_code, gone.json["state"]) == (201, "withdrawn")
    offer = propose(
        lead.public_id, Proposal({"project-subsidy": 1_000_000}), actor_of(scout), NOW
    ).public_id
    session.commit()
    assert proposer.post(f"/offers/{offer}/decision", {"decision": "approve"}).status_code == 403
    refused = decider.post(f"/offers/{offer}/decision", {"decision": "refuse"})
    assert list(refused.json["errors"]) == ["reason"]
    done = decider.post(f"/offers/{offer}/decision", {"decision": "approve"})
    assert (done.status_code, done.json["state"]) == (201, "approved")
    assert done.json["lines"][0]["rule"] == "project-subsidy"
    late = decider.post(f"/offers/{offer}/decision", {"decision": "approve"})
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    listed = proposer.get(f"/offers?lead={lead.public_id}&state=approved").json["items"]
    assert listed == [decider.get(f"/offers/{offer}").json]
    assert machine_of(app, people.scout()).get("/offers").json["items"] == []


def test_a_visit_of_another_team_is_not_there(
    app: Flask, people: People, scout: User, session: Any
) -> None:
    visit = a_visit(a_lead(scout), scout)
    other = machine_of(app, people.scout("chengdu"))
    assert other.get(f"/visits/{visit.public_id}").status_code == 404
    assert other.get("/visits").json["items"] == []
