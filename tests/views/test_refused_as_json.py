"""A form that is refused answers machines in the API's shape: code, status and reasons agree."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from models.enums import Role, Status
from models.lead import Lead
from tests.clients import Client
from tests.forms import form_with
from tests.leads.making import a_lead
from tests.leads.test_pages import fields_with
from tests.people import People

AS_JSON = {"Accept": "application/json"}


@pytest.fixture
def lead(people: People, session: Any) -> Lead:
    """A lead of a scout."""
    return a_lead(people.scout())


@pytest.fixture
def boss(app: Flask, people: People) -> Client:
    """A manager, who may do all of it."""
    return Client(app).sign_in(people.manager().email)


def _said(answer: TestResponse) -> tuple[int, str, set[str]]:
    assert answer.is_json, answer.text[:200]
    return answer.status_code, answer.json["code"], set(answer.json["errors"])


def test_a_hand_over(boss: Client, people: People, lead: Lead) -> None:
    path, taker = f"/leads/{lead.public_id}/hand-overs", people.scout("shenzhen").public_id
    sent = {"team": "shenzhen", "owner": "", "version": str(lead.version)}
    assert _said(boss.post(path, sent, headers=AS_JSON)) == (422, "refused", {"owner"})
    stale = {**sent, "owner": taker, "version": "0"}
    assert _said(boss.post(path, stale, headers=AS_JSON)) == (409, "conflict", set())


def test_the_preview_of_a_change_of_many(boss: Client, lead: Lead) -> None:
    path = boss.post("/bulk-edits", {"lead": lead.public_id, "kind": "hold"}).location
    status, code, fields = _said(boss.post(f"{path}/preview", {}, headers=AS_JSON))
    assert (status, code) == (422, "refused")
    assert fields


def test_a_move_says_all_that_its_gates_ask_for(boss: Client, lead: Lead) -> None:
    path = f"/leads/{lead.public_id}/stage-changes"
    sent = {"to_stage": "engaged", "version": str(lead.version)}
    by_form = boss.post(path, sent, headers=AS_JSON)
    as_json = boss.post(path, json={**sent, "version": lead.version})
    status, code, fields = _said(by_form)
    assert (status, code) == (as_json.status_code, as_json.json["code"]) == (422, "gate_unmet")
    assert by_form.json["message"] == as_json.json["message"]
    assert by_form.json["errors"] == as_json.json["errors"]
    assert fields == {"touch", "need"}


def test_a_move_on_the_whole_way_names_the_gates_in_json_and_on_the_page(
    boss: Client, lead: Lead
) -> None:
    path = f"/leads/{lead.public_id}/stage-changes"
    sent = {"to_stage": "landed", "version": str(lead.version)}
    by_form = boss.post(path, {**sent, "planned_headcount": "abc"}, headers=AS_JSON)
    as_json = boss.post(path, json={**sent, "version": lead.version})
    assert {"visit", "touch", "offer"} <= set(as_json.json["errors"]) == set(by_form.json["errors"])
    unread = by_form.json["errors"]["planned_headcount"]
    assert unread != as_json.json["errors"]["planned_headcount"]
    page = boss.post(path, sent).text
    assert set(fields_with(page, "gate-missing")) == set(as_json.json["errors"])


def test_the_page_names_the_gates_also_where_the_visit_in_the_form_is_refused(
    boss: Client, lead: Lead
) -> None:
    path = f"/leads/{lead.public_id}/stage-changes"
    visit = {"mode": "out", "occurred_at": "2026-01-02T09:00", "client_key": "a" * 24}
    page = boss.post(path, {"to_stage": "engaged", "version": str(lead.version), **visit})
    assert page.status_code == 422
    assert fields_with(page.text, "field-error") == ["contacts", "need"]
    assert fields_with(page.text, "gate-missing") == ["touch", "need"]


def test_a_rule_that_somebody_changed_meanwhile(app: Flask, people: People) -> None:
    admin = Client(app).sign_in(people.make(Role.ADMINISTRATOR).email)
    page = admin.get("/admin/reminder-rules").text
    path = page.partition('href="/admin/reminder-rules/')[2].partition('"')[0]
    path = f"/admin/reminder-rules/{path}"
    action, form = form_with(admin.get(path).text, "version")
    answer = admin.post(action or path, {**form, "version": "0"}, headers=AS_JSON)
    assert _said(answer) == (409, "conflict", set())


def test_a_version_that_is_none_is_named_on_the_page_and_in_json(
    boss: Client, lead: Lead, session: Any
) -> None:
    path = f"/leads/{lead.public_id}/stage-changes"
    sent = {"to_status": "lost", "reason": "不来了", "version": "abc"}
    assert _said(boss.post(path, sent, headers=AS_JSON)) == (422, "refused", {"version"})
    assert _said(boss.post(path, json=sent, headers=AS_JSON)) == (422, "refused", {"version"})
    for lang, sentence in (("zh", "请刷新后再试"), ("en", "Reload it")):
        page = boss.post(f"{path}?lang={lang}", sent)
        said = page.text.partition('data-field="version">')[2].partition("<")[0]
        assert page.status_code == 422
        assert fields_with(page.text, "field-error") == ["version"]
        assert sentence in said
        # There is nothing on the page that one could go to.
        assert 'href="#version"' not in page.text
    session.expire_all()
    assert lead.status is Status.ACTIVE
    # It guards what was read; who says nothing of it has it unguarded, by machine as on the page.
    del sent["version"]
    assert boss.post(path, sent).status_code == 302


def test_what_keeps_a_lost_lead_from_moving_is_said_on_the_page(boss: Client, lead: Lead) -> None:
    path = f"/leads/{lead.public_id}/stage-changes"
    assert boss.post(path, {"to_status": "lost", "reason": "不来了"}).status_code == 302
    page = boss.post(path, {"to_stage": "engaged"}).text
    assert "to_status" in fields_with(page, "field-error")
    assert "请先恢复跟进" in page
    assert 'href="#to_status"' not in page
