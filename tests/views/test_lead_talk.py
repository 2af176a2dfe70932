"""Directives, comments and the printed sheet as the pages show them; both engines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from crm.leads import comments, directives
from crm.leads.edits import edit_lead
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, a_visit, actor_of
from tests.people import People

pytestmark = pytest.mark.usefixtures("stopped_clock")

ASKED = "场地请两边同时拿方案"


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's clock stands at the makers' moment."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())


def statements(response: Any) -> int:
    found = re.search(r'desc="n=(\d+)"', response.headers["Server-Timing"])
    assert found
    return int(found[1])


def test_a_directive_is_given_answered_and_told(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="沈立军")
    page = f"/leads/{a_lead(scout).public_id}"
    client.sign_in(boss.email)
    assert "请谁回复" in client.get(f"{page}/directives/new").text
    wrong = client.post(f"{page}/directives", {"text": ASKED, "due_on": "2026-11-01", "to": ""})
    assert wrong.status_code == 422
    assert ASKED in wrong.text
    assert "已经过去" in wrong.text
    due = (TODAY + timedelta(days=2)).isoformat()
    sent = {"text": ASKED, "due_on": due, "client_key": "0123456789abcdef01234567"}
    for _twice in range(2):
        assert client.post(f"{page}/directives", sent).status_code == 302
    today = client.get("/today")
    assert 'data-name="directives" data-value="1"' in today.text
    assert statements(today) <= 15
    client = Client(client.app).sign_in(scout.email)
    shown = client.get(page).text
    assert "沈立军批示" in shown
    (action,) = re.findall(r'action="(/directives/\w+/answers)"', shown)
    empty = client.post(action, {"answer": ""})
    assert empty.status_code == 422
    assert ASKED in empty.text
    client.post(action, {"answer": "周四看场地", "draft": "d"})
    assert 'data-draft-done="d"' in client.get(page).text
    assert 'data-draft-done="d"' not in client.get(page).text
    told = client.get(f"{page}?show=directives").text
    assert "/answers" not in told
    assert f"{scout.name}回复：周四看场地" in told
    assert client.post(action, {"answer": "又一次"}).status_code == 409


def test_a_directive_is_put_off_taken_back_and_asked_for_again(
    client: Client, people: People
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    page = f"/leads/{lead.public_id}"
    due = TODAY + timedelta(days=2)
    task = directives.give(lead.public_id, ASKED, due, "", actor_of(boss), now=NOW).public_id
    people.session.commit()
    client.sign_in(boss.email)
    assert ASKED in client.get(f"/directives/{task}/days/new").text
    later = (due + timedelta(days=7)).isoformat()
    wrong = client.post(f"/directives/{task}/days", {"due_on": later, "reason": ""})
    assert wrong.status_code == 422
    assert "请写下为什么改期。" in wrong.text
    sent = client.post(f"/directives/{task}/days", {"due_on": later, "reason": "等场地方案"})
    assert sent.headers["Location"] == page
    shown = client.get(page)
    assert statements(shown) <= 15
    assert shown.text.count("原定 11月27日，改到 12月4日：等场地方案") == 2
    client.post(f"/directives/{task}/withdrawal")
    (back,) = set(re.findall(r'action="(/directives/\w+/restoration)"', client.get(page).text))
    assert client.post(back).status_code == 302
    assert 'data-testid="directive"' in client.get(page).text


def test_a_comment_is_written_seen_and_taken_away(client: Client, people: People) -> None:
    scout, colleague = people.scout(), people.scout()
    stranger = people.scout("chengdu")
    page = f"/leads/{a_lead(scout).public_id}"
    client = Client(client.app).sign_in(scout.email)
    offered = client.get(f"{page}/comments/new", headers={"HX-Request": "true"}).text
    assert colleague.public_id in offered
    assert stranger.public_id not in offered
    refused = client.post(
        f"{page}/comments", {"text": "请跟一下", "mentions": [stranger.public_id]}
    )
    assert refused.status_code == 422
    assert "请跟一下" in refused.text
    assert "看不到这条线索" in refused.text
    client.post(f"{page}/comments", {"text": "请跟一下", "mentions": [colleague.public_id]})
    shown = client.get(f"{page}?show=comments").text
    assert f"评论已写下，会提醒{colleague.name}。" in shown
    assert f"@{colleague.name}" in shown
    (comment,) = re.findall(r'action="(/comments/\w+)/removal"', shown)
    assert "mentions/seen" not in shown
    client = Client(client.app).sign_in(colleague.email)
    assert "在评论里提到您" in client.get("/today").text
    assert f'hx-post="{page}/mentions/seen"' in client.get(page).text
    seen = client.post(f"{page}/mentions/seen", headers={"HX-Request": "true"})
    assert seen.status_code == 204
    assert "提到您" not in client.get("/today").text
    assert client.post(f"{comment}/removal").status_code == 403
    client = Client(client.app).sign_in(scout.email)
    assert client.post(comment, {"text": "请今天跟一下"}).status_code == 302
    assert "请今天跟一下" in client.get(page).text
    client.post(f"{comment}/removal")
    assert "这条评论已删除" in client.get(page).text
    client.post(f"{comment}/restoration")
    assert "请今天跟一下" in client.get(page).text


def test_a_full_page_stays_within_its_statements_and_counts_by_kind(
    client: Client, people: People
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    for _number in range(3):
        a_visit(lead, scout)
    edit_lead(lead.public_id, PLANS, actor_of(scout), NOW)
    directives.give(lead.public_id, ASKED, TODAY, "", actor_of(boss), now=NOW)
    comments.write(lead.public_id, "请看", [boss.public_id], actor_of(scout), now=NOW)
    people.session.commit()
    client = Client(client.app).sign_in(scout.email)
    response = client.get(f"/leads/{lead.public_id}")
    assert statements(response) <= 15
    counts = {
        code: int(n)
        for code, n in re.findall(r'show=(\w+)#timeline"[^>]*>\S+ (\d+)<', response.text)
    }
    assert counts == {"visits": 3, "stages": 1, "comments": 1, "steps": 1, "edits": 1}
    assert f"全部 {sum(counts.values())}<" in response.text
    for kind, n in counts.items():
        page = client.get(f"/leads/{lead.public_id}?show={kind}").text
        assert page.count('class="when"') == n, kind


def test_the_sheet_says_where_it_stands(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    for number in range(4):
        a_visit(lead, scout, summary=f"第{number}次", at=NOW - timedelta(days=9 - number))
    client = Client(client.app).sign_in(scout.email)
    response = client.get(f"/leads/{lead.public_id}/print")
    assert statements(response) <= 15
    assert "按 11月25日 10:00 已知的数据" in response.text
    assert re.findall(r"第\d次", response.text) == ["第3次", "第2次", "第1次"]
