"""Visits, contacts and companies are put away by machine, against the state that was read."""

from __future__ import annotations

from typing import Any

from flask import Flask

from models.company import Company
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW, a_lead
from tests.people import People


def test_visits_contacts_and_companies_are_put_away(
    app: Flask, people: People, session: Any, machine: Machine, scout: User
) -> None:
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id).public_id
    contact = machine.post("/contacts", {"company": company, "name": "周启明"}).json["id"]
    sent = {
        "client_key": "key-00000001",
        "lead": lead.public_id,
        "mode": "out",
        "occurred_at": NOW.isoformat(),
        "reached": True,
        "contacts": [contact],
    }
    visit = machine.post("/visits", sent).json["id"]
    spare = machine.post("/companies", {"name": "备用软件有限公司"}).json["id"]
    boss = machine_of(app, people.manager())
    for who, path in (
        (machine, f"/visits/{visit}"),
        (machine, f"/contacts/{contact}"),
        (boss, f"/companies/{spare}"),
    ):
        read = who.get(path)
        assert who.delete(path).status_code == 428
        assert who.delete(path, If_Match='"somebody else"').status_code == 412
        assert who.delete(path, If_Match=read.headers["ETag"]).status_code == 204
        assert who.get(path).status_code == 404
    assert machine.get("/visits").json["items"] == []
    assert machine.get(f"/contacts?company={company}").json["items"] == []
    assert machine.get(f"/leads/{lead.public_id}").json["last_touch_at"] is None
    # Sent again by a phone that was offline: it is the same visit, and it stays where it is.
    assert machine.post("/visits", sent).status_code == 409
    held = boss.delete(f"/companies/{company}", If_Match="*")
    assert (held.status_code, held.json["code"]) == (422, "in_use")
