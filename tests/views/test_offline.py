"""The product as an app of the phone: manifest, worker, what may be kept, who sends what waits."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
import sqlalchemy as sa

from crm.config import ROOT
from crm.leads.next_steps import open_next_step, set_next_step
from crm.promises.rules import NewPromise
from crm.promises.service import make
from models.comment import Comment
from models.enums import TaskKind, TaskState
from models.task import Task
from models.visit import Visit
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.people import People

KEY = "0123456789abcdef01234567"
AS_JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(("lang", "name"), [("zh", "嘉兴软件招商"), ("en", "Jiaxing Software")])
def test_the_manifest_speaks_the_language_and_its_icons_are_there(
    client: Client, lang: str, name: str
) -> None:
    answer = client.get(f"/manifest/{lang}.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json(force=True)
    assert manifest["name"].startswith(name)
    assert (manifest["start_url"], manifest["scope"]) == ("/today", "/")
    assert [one["url"] for one in manifest["shortcuts"]] == ["/visits/new", "/today"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = (ROOT / icon["src"].lstrip("/")).read_bytes()
        width, height = struct.unpack(">II", picture[16:24])
        assert (picture[:4], f"{width}x{height}") == (b"\x89PNG", icon["sizes"])
    assert f'href="/manifest/{lang}.webmanifest"' in client.get(f"/login?lang={lang}").text
    assert client.get("/manifest/fr.webmanifest").status_code == 404


def test_the_worker_serves_the_whole_site_and_is_asked_for_anew(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    # It names the assets of its version, so that a changed one is a changed worker.
    page = client.get("/offline").text
    for asset in re.findall(r"/static/vendor/[\w.-]+", page):
        assert asset in answer.text


def test_pages_name_their_reader_and_only_some_may_be_kept(client: Client, people: People) -> None:
    assert "X-Reader" not in client.get("/login").headers
    scout = people.scout()
    lead, reader = a_lead(scout).public_id, scout.public_id
    client.sign_in(scout.email)
    kept = ("/today", "/visits/new", "/queue", f"/leads/{lead}", "/next-steps/new", "/promises")
    for path in kept:
        headers = client.get(path).headers
        assert (headers["X-Reader"], headers["X-Offline-Copy"]) == (reader, "1"), path
        assert headers["Cache-Control"] == "private, no-store"
    for path in ("/account", "/account/tokens/new", f"/leads/{lead}/offers/new"):
        headers = client.get(path).headers
        assert headers["X-Reader"] == reader
        assert "X-Offline-Copy" not in headers, path
    part = client.get(f"/leads/{lead}/next-steps/new", headers={"HX-Request": "true"})
    assert "X-Offline-Copy" not in part.headers


def test_a_ticket_is_for_who_is_signed_in(client: Client, people: People) -> None:
    refused = client.get("/queue/ticket", headers=AS_JSON)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "sign_in")
    scout = people.scout()
    reader = scout.public_id
    client.sign_in(scout.email)
    ticket = client.get("/queue/ticket", headers=AS_JSON).get_json()
    assert ticket["user"] == reader
    assert ticket["now"].endswith("+00:00")


def test_a_repeated_key_is_answered_with_the_first_visit(
    session: Any, people: People, client: Client
) -> None:
    scout, other = people.scout(), people.scout()
    lead, writer = a_lead(scout).public_id, scout.public_id
    entry = {
        "lead": lead,
        "client_key": KEY,
        "mode": "out",
        "occurred_at": "2026-01-05T09:10",
        "new_name": "周启明",
        "summary": "谈了场地",
    }
    headers = AS_JSON | {"X-Queued-By": writer}

    # Somebody else has signed in on the phone: nothing of it goes under their name.
    client.sign_in(other.email)
    refused = client.post("/visits", entry, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "other_person")
    client = Client(client.app).sign_in(scout.email)
    first = client.post("/visits", entry, headers=headers)
    again = client.post("/visits", entry | {"summary": "又发一次"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["id"] == again.get_json()["id"]
    session.rollback()
    assert session.scalars(sa.select(Visit.summary)).all() == ["谈了场地"]


def test_a_next_step_sent_again_undoes_nothing_that_was_set_since(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    day = "2099-03-02"
    sent = {
        "lead": lead.public_id,
        "next_step": "发场地方案",
        "next_step_on": day,
        "client_key": KEY,
    }
    first = client.post("/next-steps", sent, headers=AS_JSON)
    assert (first.status_code, first.get_json()["created"]) == (201, True)
    set_next_step(lead, "请他们来看", TODAY.replace(year=2099), now=NOW, by=scout.id)
    session.commit()
    again = client.post("/next-steps", sent, headers=AS_JSON)
    assert (again.status_code, again.get_json()["created"]) == (200, False)
    session.expire_all()
    step = open_next_step(lead)
    assert step
    assert step.text == "请他们来看"
    assert session.scalar(sa.select(sa.func.count()).select_from(Task)) == 2

    nobody = client.post("/next-steps", sent | {"lead": ""}, headers=AS_JSON)
    assert list(nobody.get_json()["errors"]) == ["lead"]


def test_what_waited_without_signal_is_done_once(
    client: Client, session: Any, people: People
) -> None:
    """A comment, an answer, a next step, matter or promise that is done: each with its own key."""
    scout, boss = people.scout(), people.manager()
    lead = a_lead(scout)
    step = set_next_step(lead, "发场地方案", TODAY, now=NOW, by=scout.id)
    matter = Task(lead_id=lead.id, kind=TaskKind.MATTER, text="请区里定场地", created_at=NOW)
    directive = Task(
        lead_id=lead.id,
        kind=TaskKind.DIRECTIVE,
        text="周五前给我意见",
        due_on=TODAY,
        assignee_id=scout.id,
        created_by_id=boss.id,
        created_at=NOW,
    )
    session.add_all((matter, directive))
    session.commit()
    quote = NewPromise(text="给报价", due_on=TODAY)
    promise = make(lead.public_id, quote, actor_of(scout), now=NOW)
    session.commit()
    client.sign_in(scout.email)
    page = client.get(f"/leads/{lead.public_id}").text
    sent = {
        f"/leads/{lead.public_id}/comments": {"text": "对方在等方案"},
        f"/next-steps/{step.public_id}/completions": {},
        f"/matters/{matter.public_id}/completion": {},
        f"/directives/{directive.public_id}/answers": {"answer": "已约好"},
        f"/promises/{promise.public_id}/completion": {},
    }
    keys = set()
    for path, form in sent.items():
        tag = re.search(rf'<form[^>]*action="{path}[?"][^>]*data-queue=.*?</form>', page, re.DOTALL)
        assert tag, path
        found = re.search(r'name="client_key" value="([0-9a-f]{24})"', tag.group(0))
        assert found, path
        keys.add(found.group(1))
        answers = [
            client.post(path, {**form, "client_key": found.group(1)}, headers=AS_JSON)
            for _send in range(2)
        ]
        assert [one.status_code for one in answers] == [201, 200], (path, answers[0].text)
        assert all(one.get_json()["id"] and one.get_json()["url"] for one in answers)
    assert len(keys) == len(sent)
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 1
    done = session.scalars(sa.select(Task.state).where(Task.lead_id == lead.id)).all()
    assert set(done) == {TaskState.DONE}
