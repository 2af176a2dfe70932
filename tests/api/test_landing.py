"""A lead from its first line to its landing, by machines of two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm.companies.service import create_company
from models.enums import Stage
from models.lead import Lead
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.files.making import HTML, PDF, PNG
from tests.landing.making import a_code, a_signed_lead
from tests.leads.making import CHANNEL, NOW, SEGMENT, TODAY, a_lead, a_visit
from tests.people import People

LOCAL = "嘉兴星环软件有限公司"


@pytest.fixture
def boss(app: Flask, people: People) -> Machine:
    """The machine of a manager, who decides offers."""
    return machine_of(app, people.manager())


def _missing(machine: Machine, lead: str, stage: str) -> set[str]:
    answer = machine.post(f"/leads/{lead}/stage-changes", {"to_stage": stage})
    assert (answer.status_code, answer.json["code"]) == (422, "gate_unmet"), answer.text
    return set(answer.json["errors"])


def _moves(machine: Machine, lead: str, stage: str) -> None:
    answer = machine.post(f"/leads/{lead}/stage-changes", {"to_stage": stage})
    assert answer.status_code == 201, answer.text


def _changes(machine: Machine, lead: str, **sent: Any) -> dict[str, Any]:
    tag = machine.get(f"/leads/{lead}").headers["ETag"]
    answer = machine.patch(f"/leads/{lead}", sent, If_Match=tag)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json
    return changed


def test_from_identified_to_landed(machine: Machine, boss: Machine) -> None:
    company = machine.post("/companies", {"name": "星环软件有限公司"}).json["id"]
    sent = {"company": company, "segment": SEGMENT, "channel": CHANNEL}
    lead = machine.post("/leads", sent).json["id"]
    assert _missing(machine, lead, "landed") == {
        *("touch", "need", "visit", "district", "next_step", "next_step_on"),
        *("planned_investment_cny", "planned_revenue_cny", "planned_headcount"),
        *("signed_on", "signed_investment_cny", "agreement", "offer"),
        *("local_company", "credit_code", "registered_capital_cny", "registered_on"),
        *("premises", "employees", "landed_on"),
    }
    _meet(machine, company, lead)
    _moves(machine, lead, "engaged")
    plans = {"planned_investment_cny": 120_000_000, "planned_revenue_cny": 240_000_000}
    _changes(machine, lead, park="nanhu", planned_headcount=160, **plans)
    step = {"lead": lead, "text": "签约", "due_on": str(TODAY + timedelta(days=9000))}
    assert machine.post("/tasks", step).status_code == 201
    _moves(machine, lead, "negotiating")

    _sign(machine, boss, lead)
    _moves(machine, lead, "committed")
    _register(machine, lead)
    _moves(machine, lead, "registered")
    _land(machine, lead)
    _moves(machine, lead, "landed")
    assert machine.get(f"/leads/{lead}").json["stage"] == "landed"
    seen = machine.get(f"/leads/{lead}/stage-changes").json["items"]
    assert [one["to_stage"] for one in seen] == [stage.value for stage in Stage]


def _meet(machine: Machine, company: str, lead: str) -> None:
    contact = machine.post("/contacts", {"company": company, "name": "周启明"}).json["id"]
    visit = {
        "client_key": "machine-0001",
        "lead": lead,
        "mode": "out",
        "occurred_at": (NOW - timedelta(hours=2)).isoformat(),
        "reached": True,
        "contacts": [contact],
        "need": "要一层楼",
    }
    answer = machine.post("/visits", visit)
    assert answer.status_code == 201, answer.text


def _sign(machine: Machine, boss: Machine, lead: str) -> None:
    """A file, a refused and an approved offer, date and amount."""
    assert _missing(machine, lead, "committed") == {
        *("signed_on", "signed_investment_cny", "agreement", "offer"),
    }
    path = f"/leads/{lead}/attachments?kind=agreement&name="
    wrong = machine.post(path + "协议.pdf", HTML)
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["file"])
    kept = machine.post(path + "协议.pdf", PDF, Idempotency_Key="agreement")
    assert kept.status_code == 201, kept.text
    assert (kept.json["kind"], kept.json["media_type"]) == ("agreement", "application/pdf")
    again = machine.post(path + "协议.pdf", PDF, Idempotency_Key="agreement")
    assert (again.json, again.headers["Idempotency-Replayed"]) == (kept.json, "true")
    other = machine.post(path + "协议.pdf", PDF + b"\n", Idempotency_Key="agreement")
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    (listed,) = machine.get(f"/leads/{lead}/attachments").json["items"]
    assert listed == kept.json
    file = machine.get(f"/attachments/{listed['id']}/content")
    assert (file.data, file.mimetype) == (PDF, "application/octet-stream")
    assert file.headers["Content-Disposition"].startswith("attachment")

    asked = {"lead": lead, "lines": [{"rule": "project-subsidy", "amount_cny": 5_000_000}]}
    first = machine.post("/offers", asked).json["id"]
    no = boss.post(f"/offers/{first}/decision", {"decision": "refuse", "reason": "太多"})
    assert no.json["state"] == "refused"
    assert "offer" in _missing(machine, lead, "committed")
    asked["lines"] = [{"rule": "project-subsidy", "amount_cny": 2_000_000}]
    second = machine.post("/offers", asked).json["id"]
    assert machine.post(f"/offers/{second}/decision", {"decision": "approve"}).status_code == 403
    assert boss.post(f"/offers/{second}/decision", {"decision": "approve"}).status_code == 201
    changed = _changes(machine, lead, signed_on=str(TODAY), signed_investment_cny=100_000_000)
    assert (changed["signed_on"], changed["signed_investment_cny"]) == (str(TODAY), 100_000_000)


def _register(machine: Machine, lead: str) -> None:
    wanted = {"local_company", "credit_code", "registered_capital_cny", "registered_on"}
    assert _missing(machine, lead, "registered") == wanted
    code, path = a_code(), f"/leads/{lead}"
    wrong = {
        "local_company": LOCAL,
        "credit_code": f"{code[:-1]}{'A' if code[-1] != 'A' else 'B'}",
        "share_bp": 20_000,
        "registered_on": "2999-01-01",
        "landed_on": "2999-01-01",
        "need": "一层楼",
    }
    answer = machine.patch(path, wrong, If_Match="*")
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"share_bp"}
    answer = machine.patch(path, {**wrong, "share_bp": 8_000}, If_Match="*")
    assert set(answer.json["errors"]) == {"credit_code", "registered_on", "landed_on"}
    assert machine.get(path).json["need"] == "要一层楼"
    right = {"local_company": LOCAL, "credit_code": code, "share_bp": 8_000}
    found = _changes(machine, lead, **right, registered_on=str(TODAY))
    assert (found["credit_code"], found["registered_on"]) == (code, str(TODAY))
    assert machine.get(f"/companies/{found['local_company']}").json["name"] == LOCAL
    assert _missing(machine, lead, "registered") == {"registered_capital_cny"}
    found = _changes(machine, lead, registered_capital_cny=50_000_000, funds_in_place_cny=2_000_000)
    assert (found["registered_capital_cny"], found["funds_in_place_cny"]) == (50_000_000, 2_000_000)
    (row,) = machine.get("/reports/ledger?kind=signed").json["items"]
    assert row["registered_capital_cny"] == 50_000_000
    assert row["funds_in_place_cny"] == 2_000_000


def _land(machine: Machine, lead: str) -> None:
    assert _missing(machine, lead, "landed") == {"premises", "employees", "landed_on"}
    path = f"/leads/{lead}/premises"
    answer = machine.post(path, {"area_m2": 800, "lease_start": str(TODAY)})
    assert list(answer.json["errors"]) == ["district"]
    made = machine.post(path, {"area_m2": 800, "lease_start": str(TODAY), "park": "nanhu"})
    assert made.status_code == 201, made.text
    assert (made.json["district"], made.json["park"]) == ("nanhu", "nanhu")
    assert machine.get(path).json["items"] == [made.json]
    found = _changes(machine, lead, employees=12, landed_on=str(TODAY))
    assert (found["employees"], found["landed_on"]) == (12, str(TODAY))
    assert found == machine.get(f"/leads/{lead}").json


def test_premises_are_changed_and_taken_back(machine: Machine, scout: User) -> None:
    lead = a_signed_lead(scout)
    sent = {"area_m2": 800, "lease_start": str(TODAY), "district": "haining"}
    made = machine.post(f"/leads/{lead.public_id}/premises", sent)
    path = f"/premises/{made.json['id']}"
    tag = made.headers["ETag"]
    assert machine.get(path).headers["ETag"] == tag
    assert machine.patch(path, {"area_m2": 900}).status_code == 428
    moved = machine.patch(path, {"area_m2": 900, "address": "3 号楼"}, If_Match=tag)
    assert (moved.json["area_m2"], moved.json["address"]) == (900, "3 号楼")
    assert moved.json["district"] == "haining"
    assert machine.patch(path, {"area_m2": 1}, If_Match=tag).status_code == 412
    parked = machine.patch(path, {"park": "nanhu", "lease_end": "2001-01-01"}, If_Match="*")
    assert list(parked.json["errors"]) == ["lease_end"]
    assert machine.delete(path).status_code == 428
    assert machine.delete(path, If_Match=tag).status_code == 412
    assert machine.delete(path, If_Match=moved.headers["ETag"]).status_code == 204
    assert machine.get(path).status_code == 404


def test_files_hang_on_visits_and_offers_too(machine: Machine, scout: User) -> None:
    lead = a_lead(scout)
    visit = a_visit(lead, scout).public_id
    photo = machine.post(f"/visits/{visit}/attachments?name=1.png", PNG)
    assert (photo.json["kind"], photo.json["visit"]) == ("photo", visit)
    asked = {"lead": lead.public_id, "lines": [{"rule": "project-subsidy", "amount_cny": 1_000}]}
    offer = machine.post("/offers", asked).json["id"]
    paper = machine.post(f"/offers/{offer}/attachments?name=1.pdf", PDF)
    assert (paper.json["kind"], paper.json["offer"]) == ("file", offer)
    first = machine.get(f"/leads/{lead.public_id}/attachments?limit=1").json
    assert first["items"] == [paper.json]
    path = f"/leads/{lead.public_id}/attachments?limit=1&cursor={first['next']}"
    assert machine.get(path).json == {"items": [photo.json], "next": None}
    away = f"/attachments/{photo.json['id']}"
    tag = machine.get(away).headers["ETag"]
    assert machine.delete(away, If_Match=tag).status_code == 204
    assert machine.get(away).status_code == machine.get(f"{away}/content").status_code == 404


def test_the_file_of_a_signing_stays(machine: Machine, scout: User) -> None:
    lead = a_signed_lead(scout)
    (paper,) = machine.get(f"/leads/{lead.public_id}/attachments").json["items"]
    answer = machine.delete(f"/attachments/{paper['id']}", If_Match="*")
    assert (answer.status_code, answer.json["code"]) == (422, "refused")


def test_what_is_no_file_is_told(machine: Machine, scout: User) -> None:
    path = f"/leads/{a_lead(scout).public_id}/attachments"
    assert machine.post(f"{path}?name=1.pdf", {}).status_code == 415
    assert list(machine.post(path, PDF).json["errors"]) == ["name"]
    assert list(machine.post(f"{path}?name=1.pdf", b"").json["errors"]) == ["file"]


def test_who_sends_a_file_otherwise_is_told_how(machine: Machine, scout: User) -> None:
    path = f"/leads/{a_lead(scout).public_id}/attachments?name=1.pdf"
    answer = machine.send("POST", path, {"file": "1.pdf"})
    assert (answer.status_code, answer.json["code"]) == (415, "media_type")
    assert "application/octet-stream" in answer.json["message"]


def test_a_company_that_looks_alike_is_asked_about(
    machine: Machine, scout: User, session: Any
) -> None:
    lead: Lead = a_signed_lead(scout)
    known = create_company("嘉兴新设软件技术有限公司", now=NOW)
    session.commit()
    path = f"/leads/{lead.public_id}"
    sent = {"local_company": "嘉兴新设软件有限公司", "credit_code": a_code()}
    asked = machine.patch(path, sent, If_Match="*")
    assert known.name in asked.json["errors"]["local_company"][0]
    answer = machine.patch(path, {**sent, "local_company_is": "new"}, If_Match="*")
    assert answer.json["local_company"] != known.public_id
    tag = answer.headers["ETag"]
    company = f"/companies/{answer.json['local_company']}"
    machine.patch(company, {"credit_code": a_code()}, If_Match="*")
    # The lead shows the company's code: it is not as it was read.
    assert machine.get(path, If_None_Match=tag).status_code == 200
