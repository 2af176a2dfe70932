"""People at companies by machine: listed, made once, changed; numbers for who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from crm.companies.contacts import ContactInput, add_contact
from crm.companies.service import create_company
from models.company import Company
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People


@pytest.fixture
def company(session: Any) -> Company:
    """A company that nobody holds."""
    made = create_company("星环软件有限公司", now=NOW)
    session.commit()
    return made


def test_numbers_are_for_who_may_see_them(
    app: Flask, people: People, scout: User, session: Any
) -> None:
    lead = a_lead(scout)
    company = session.get_one(Company, lead.company_id)
    typed = ContactInput("周启明", "总经理", "13800000000", "zhou@company.example", "zhouqm")
    role = add_contact(company, typed, actor_of(scout), NOW)
    contact = role.contact.public_id
    session.commit()
    for user, visible in (
        (scout, True),
        (people.manager(), True),
        (people.scout("chengdu"), False),
    ):
        who = machine_of(app, user)
        (row,) = who.get(f"/contacts?company={company.public_id}").json["items"]
        assert who.get("/contacts").json["items"] == [row] == [who.get(f"/contacts/{contact}").json]
        assert (row["name"], row["title"]) == ("周启明", "总经理")
        assert row["numbers_visible"] is visible
        assert (row["phone"] == "13800000000") is visible
        assert (row["email"] is None, row["wechat"] is None) == (not visible, not visible)
        changed = who.patch(f"/contacts/{contact}", {"phone": "13900000000"}, If_Match="*")
        assert changed.status_code == (200 if visible else 404)
        who.patch(f"/contacts/{contact}", {"phone": "13800000000"}, If_Match="*")


def test_a_contact_is_made_once_and_changed(machine: Machine, company: Company) -> None:
    sent = {
        "company": company.public_id,
        "name": "周启明",
        "title": "总经理",
        "phone": "13800000000",
    }
    made = machine.post("/contacts", sent)
    assert made.status_code == 201
    assert {name: made.json[name] for name in sent} == sent
    assert list(machine.post("/contacts", sent).json["errors"]) == ["name"]
    path = f"/contacts/{made.json['id']}"
    changed = machine.patch(path, {"phone": None, "decides": True}, If_Match=made.headers["ETag"])
    assert (changed.json["phone"], changed.json["decides"]) == (None, True)
    assert changed.json["title"] == "总经理"
    wrong = machine.patch(path, {"phone": "call me"}, If_Match="*")
    assert list(wrong.json["errors"]) == ["phone"]
    nobody = machine.post("/contacts", {**sent, "company": "zzzzzzzzzzzz"})
    assert list(nobody.json["errors"]) == ["company"]
    assert machine.get("/contacts").json["items"] == [machine.get(path).json]
