"""Merging on the pages and by machine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from crm.companies.relations import add_relation
from crm.companies.service import create_company
from models.company import Company
from models.user import User
from tests.api.machine import machine_of
from tests.clients import Client
from tests.leads.making import NOW, a_lead
from tests.mergers.making import CODE, GONE, STAYS, rows, two
from tests.people import People
from tests.views.counting import statements

# What a page may ask of the database.
MOST_STATEMENTS = 15


@pytest.fixture
def boss(people: People) -> User:
    return people.manager()


def pair(session: Any, people: People) -> tuple[Company, Company, str]:
    gone, stays = (create_company(name, now=NOW) for name in (GONE, STAYS))
    lead = a_lead(people.scout(), company=gone.public_id).public_id
    session.commit()
    return gone, stays, lead


def test_two_are_laid_side_by_side_and_made_one(
    client: Client, session: Any, people: People, boss: User
) -> None:
    gone, stays, _scout = two(session, people)
    one, other = gone.public_id, stays.public_id
    before = rows(session)
    client.sign_in(boss.email)
    found = client.get(f"/companies/{other}").text
    assert f"/companies/{other}/mergers/new" in found
    assert client.get(f"/companies/{other}/mergers/new").status_code == 200
    page = client.get(f"/companies/{other}/mergers/new?other={one}")
    assert statements(page) <= MOST_STATEMENTS
    # The one with a code is the likelier, and says what moves to it.
    assert re.search(rf'value="{one}" checked', page.text)
    assert "它有统一社会信用代码" in page.text
    assert "1 条线索、2 次走访和联系、1 位联系人、1 条上榜记录" in page.text
    sent = client.post(f"/companies/{other}/mergers", {"other": one, "stays": other})
    assert sent.location == f"/companies/{other}"
    shown = client.get(f"/companies/{other}")
    assert statements(shown) <= MOST_STATEMENTS
    assert CODE in shown.text
    back = re.search(r"/companies/\w+/mergers/\w+/reversal", shown.text)
    assert back, "the toast has a way back"
    # Its old addresses lead on, also those of forms.
    assert client.get(f"/companies/{one}").location.endswith(other)
    assert STAYS in client.get(f"/companies/{one}/edit").text
    listed = client.get(f"/companies/{other}/mergers")
    assert back[0] in listed.text
    part = client.get(f"/companies/{other}/mergers", headers={"HX-Request": "true"}).text
    assert back[0] in part
    assert "<html" not in part
    assert client.post(back[0]).location == f"/companies/{one}"
    assert client.post(back[0]).status_code == 404
    after = rows(session)
    changed = {name for name in before if before[name] != after[name]}
    # Who signed in is no part of it.
    assert changed <= {"user_account", "login_attempt", "session", "user_session"}, changed


def test_what_stands_against_it_is_said_before_and_after(
    client: Client, session: Any, people: People, boss: User
) -> None:
    gone, stays, _lead = pair(session, people)
    add_relation(stays, gone, now=NOW)
    session.commit()
    client.sign_in(boss.email)
    page = f"/companies/{gone.public_id}/mergers"
    asked = client.get(f"{page}/new?other={stays.public_id}").text
    assert 'data-testid="against"' in asked
    assert "合并成一家" not in asked
    sent = {"other": stays.public_id, "stays": stays.public_id}
    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "登记为上级和下属" in refused.text
    assert client.get(f"{page}/new?other={gone.public_id}").status_code == 200
    assert client.post(page, {"other": ""}).status_code == 422


def test_without_saying_which_stays_nothing_is_merged(
    client: Client, session: Any, people: People, boss: User
) -> None:
    gone, stays, _lead = pair(session, people)
    client.sign_in(boss.email)
    sent = {"other": stays.public_id, "stays": "zzzzzzzzzzzz"}
    refused = client.post(f"/companies/{gone.public_id}/mergers", sent)
    assert refused.status_code == 422
    assert "请选留下哪一家" in refused.text
    session.expire_all()
    assert gone.merged_into_id is None


def test_machines_merge_and_part(app: Flask, session: Any, people: People, boss: User) -> None:
    gone, stays, lead = pair(session, people)
    one, other = gone.public_id, stays.public_id
    machine = machine_of(app, boss)
    made = machine.post(f"/companies/{other}/mergers", {"other": one})
    assert (made.status_code, made.json["company"], made.json["name"]) == (201, one, GONE)
    assert machine.get(f"/companies/{one}").json["merged_into"] == other
    assert machine.get(f"/leads/{lead}").json["company"] == other
    again = machine.post(f"/companies/{other}/mergers", {"other": one})
    assert again.status_code == 422
    assert machine.post(f"/companies/{other}/mergers", {"other": "z" * 12}).status_code == 422
    (listed,) = machine.get(f"/companies/{other}/mergers").json["items"]
    path = f"/companies/{other}/mergers/{listed['id']}"
    assert machine.delete(path).status_code == 428
    tag = machine.get(path).headers["ETag"]
    assert machine.delete(path, If_Match=tag).status_code == 204
    assert machine.get(f"/leads/{lead}").json["company"] == one
    assert machine.get(path).status_code == 404
    scout = machine_of(app, people.scout())
    assert scout.post(f"/companies/{other}/mergers", {"other": one}).status_code == 403
