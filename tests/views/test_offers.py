"""Offers through the pages: proposing, deciding, signing on the form of a move, who sees what."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from models.attachment import Attachment, AttachmentKind
from models.enums import OfferState, Role, Stage
from models.lead import CreditShare, Lead
from models.offer import Offer, OfferLine
from tests.clients import Client
from tests.files.making import HTML, PDF
from tests.forms import form_with
from tests.leads.making import NOW, TODAY
from tests.leads.test_pages import fields_with, statements
from tests.offers.making import (
    CAP,
    FUND,
    LINES,
    SUBSIDY,
    an_agreement,
    approved,
    negotiating,
    proposed,
    sent_back,
)
from tests.people import People

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's clock stands at the makers' moment."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())


def test_proposed_on_a_form_and_approved_on_a_page(
    client: Client, people: People, session: Any
) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    lead = negotiating(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}"
    assert f'href="{path}/offers/new"' in client.get(path).text
    form = client.get(f"{path}/offers/new")
    assert form.status_code == 200
    assert statements(form) <= 15
    assert 'name="lines.project-subsidy"' in form.text
    assert "引进龙头企业和重大项目补助" in form.text
    refused = client.post(f"{path}/offers", {"lines.project-subsidy": "3000.0001"})
    assert refused.status_code == 422
    assert 'data-field="lines.project-subsidy"' in refused.text
    assert "请改到上限以内" in refused.text
    assert 'value="3000.0001"' in refused.text
    sent = client.post(f"{path}/offers", {"lines.project-subsidy": "860", "note": "按评审会"})
    assert sent.status_code == 302
    page = client.get(sent.location)
    assert statements(page) <= 15
    assert "在等局领导批准" in page.text
    assert "请您批准" not in page.text
    assert "提出，等局领导批准" in client.get(path).text
    manager = Client(client.app).sign_in(boss.email)
    page = manager.get(sent.location)
    assert "请您批准" in page.text
    assert f'action="{sent.location}/withdrawal"' not in page.text
    assert manager.post(f"{sent.location}/withdrawal").status_code == 403
    decision = f"{sent.location}/decision"
    seen = {"seen": "proposed"}
    empty = manager.post(decision, {**seen, "decision": "refuse"})
    assert (empty.status_code, fields_with(empty.text, "field-error")) == (422, ["reason"])
    assert manager.post(decision, {**seen, "decision": "approve"}).status_code == 302
    assert client.post(decision, {**seen, "decision": "approve"}).status_code == 403
    shown = client.get(path).text
    assert "政策测算 860万元，钟文今天批准" in shown
    assert session.scalar(sa.select(Offer.state)) is OfferState.APPROVED


def test_nothing_asked_and_withdrawn_on_the_pages(client: Client, people: People) -> None:
    scout = people.scout()
    lead = negotiating(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/offers"
    refused = client.post(path, {"ask": "nothing", "lines.project-subsidy": "5"})
    assert (refused.status_code, fields_with(refused.text, "field-error")) == (422, ["note"])
    said = client.post(path, {"ask": "nothing", "note": "企业书面放弃"})
    assert said.status_code == 302
    page = client.get(said.location).text
    assert "企业书面放弃" in page
    assert client.post(f"{said.location}/withdrawal").status_code == 302
    assert "已撤回" in client.get(said.location).text
    late = client.post(f"{said.location}/withdrawal", headers={"Accept": "application/json"})
    assert late.status_code == 409


def test_the_list_of_what_is_missing_has_its_ways_out(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}"
    page = client.get(path)
    assert statements(page) <= 15
    assert "进入“签约”还差 4 项" in page.text
    missing = re.findall(
        r'data-testid="gate-missing" data-field="(\w+)".*?<a[^>]*>(\S+)</a>', page.text, re.S
    )
    assert missing == [
        ("signed_on", "选日期"),
        ("signed_investment_cny", "填写"),
        ("agreement", "上传"),
        ("offer", "提出测算"),
    ]
    offer = approved(lead, scout, boss)
    page = client.get(path).text
    assert "还差 3 项" in page
    assert f'href="/offers/{offer.public_id}">查看' in page


def test_signed_on_the_form_of_the_move(client: Client, people: People, session: Any) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/stage-changes"
    form = client.get(f"{path}/new?to_stage=committed", headers={"HX-Request": "true"})
    assert statements(form) <= 15
    assert 'hx-encoding="multipart/form-data"' in form.text
    for name in ("signed_on", "signed_investment_cny", "agreement"):
        assert f'name="{name}"' in form.text
    assert "提出测算" in form.text
    values = {
        "to_stage": "committed",
        "version": str(lead.version),
        "signed_on": TODAY.isoformat(),
        "signed_investment_cny": "10000",
    }

    def move(content: bytes = PDF, **more: str) -> Any:
        return client.post(path, {**values, **more, "agreement": (io.BytesIO(content), "协议.pdf")})

    waiting = proposed(lead, scout)
    still = move()
    assert still.status_code == 422
    assert "等局领导批准" in still.text
    assert fields_with(still.text, "gate-missing") == ["offer"]
    # Refused, nothing of it was saved, the file included.
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert session.get(Lead, lead.id).signed_on is None
    Client(client.app).sign_in(boss.email).post(
        f"/offers/{waiting.public_id}/decision", {"decision": "approve", "seen": "proposed"}
    )
    wrong = move(HTML)
    assert (wrong.status_code, fields_with(wrong.text, "field-error")) == (422, ["agreement"])
    ahead = move(signed_on="2026-11-26")
    lost = ["signed_on", "agreement"]
    assert (ahead.status_code, fields_with(ahead.text, "field-error")) == (422, lost)
    assert "“协议.pdf”还没有存下，请再选一次。" in ahead.text
    assert move().status_code == 302
    session.expire_all()
    found = session.get(Lead, lead.id)
    assert (found.stage, found.signed_investment_cny) == (Stage.COMMITTED, 100_000_000)
    assert session.scalar(sa.select(Attachment.kind)) is AttachmentKind.AGREEMENT


def test_what_was_signed_is_saved_while_the_offer_waits(
    client: Client, people: People, session: Any
) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)
    client.sign_in(scout.email)
    page, path = f"/leads/{lead.public_id}", f"/leads/{lead.public_id}/stage-changes"
    waiting = proposed(lead, scout)
    stale = str(lead.version)
    asked = {"to_stage": "committed", "version": stale}
    signed = {"signed_on": TODAY.isoformat(), "signed_investment_cny": "10000"}

    def keep(content: bytes = PDF, **more: str) -> Any:
        sent = {**asked, "keep": "1", **more, "agreement": (io.BytesIO(content), "协议.pdf")}
        return client.post(path, sent)

    def form() -> Any:
        return client.get(f"{path}/new?to_stage=committed")

    assert 'name="keep"' in form().text
    nothing = client.post(path, {**asked, "keep": "1"})
    assert (nothing.status_code, "没有可以存下的" in nothing.text) == (422, True)
    ahead = keep(**{**signed, "signed_on": "2026-11-26"})
    assert (ahead.status_code, fields_with(ahead.text, "field-error")) == (
        422,
        ["signed_on", "agreement"],
    )
    wrong = keep(HTML, **signed)
    assert (wrong.status_code, fields_with(wrong.text, "field-error")) == (422, ["agreement"])
    session.expire_all()
    assert session.get(Lead, lead.id).signed_on is None
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert keep(**signed).location == page
    assert "已存下，测算批准后就能进入“签约”。" in client.get(page).text
    session.expire_all()
    found = session.get(Lead, lead.id)
    assert (found.stage, found.signed_on) == (Stage.NEGOTIATING, TODAY)
    assert session.scalar(sa.select(Attachment.kind)) is AttachmentKind.AGREEMENT
    # Who still has the form of before is told, and nothing of theirs is saved over it.
    assert keep(**{**signed, "signed_investment_cny": "1"}).status_code == 409
    assert session.get(Lead, lead.id).signed_investment_cny == 100_000_000
    Client(client.app).sign_in(boss.email).post(
        f"/offers/{waiting.public_id}/decision", {"decision": "approve", "seen": "proposed"}
    )
    ready = form()
    assert fields_with(ready.text, "gate-missing") == []
    assert 'name="keep"' not in ready.text
    version = str(session.scalar(sa.select(Lead.version).where(Lead.id == lead.id)))
    assert client.post(path, {"to_stage": "committed", "version": version}).status_code == 302
    session.expire_all()
    assert session.get(Lead, lead.id).stage is Stage.COMMITTED


def test_a_signed_lead_keeps_what_it_was_signed_on(client: Client, people: People) -> None:
    scout = people.scout()
    lead = negotiating(scout)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/edit"
    assert 'name="signed_on"' in client.get(path).text
    sent = client.post(path, {"signed_on": "2026-11-20", "signed_investment_cny": "5000"})
    assert sent.status_code == 302
    page = client.get(f"/leads/{lead.public_id}").text
    assert "签约投资额" in page
    assert "签约日期：未填 → 11月20日" in page


def test_other_scouts_of_the_team_see_the_gate_and_no_offer(
    client: Client, people: People, session: Any
) -> None:
    scout, boss, mate = people.scout(), people.manager(), people.scout()
    sharing = people.scout("chengdu")
    lead = negotiating(scout)
    amount = 7_654_321
    offer = approved(lead, scout, boss, {SUBSIDY: amount})
    later = proposed(lead, scout, {SUBSIDY: CAP})
    an_agreement(lead, scout)
    session.add(
        CreditShare(agreement="a", lead_id=lead.id, user_id=sharing.id, basis_points=10_000)
    )
    session.commit()
    path = f"/leads/{lead.public_id}"
    for user in (mate, sharing):
        reader = Client(client.app).sign_in(user.email)
        for page in (
            path,
            f"{path}?show=offers",
            f"{path}?show=edits",
            "/board",
            "/leads",
            "/today",
        ):
            text = reader.get(page).text
            assert "765.4" not in text, page
            assert "/offers/" not in text, page
        for page in (f"/offers/{offer.public_id}", f"/offers/{later.public_id}"):
            assert reader.get(page).status_code == 404
            assert reader.post(f"{page}/withdrawal").status_code == 404
        assert reader.get(f"{path}/offers/new").status_code == 404
        assert reader.post(f"{path}/offers", {"lines.fund": "1"}).status_code == 404
    page = client.sign_in(scout.email).get(f"{path}?show=offers").text
    gate, _, timeline = page.partition('id="timeline"')
    assert "政策测算 765.4万元" in gate
    assert "765.4" not in timeline
    assert f"/offers/{offer.public_id}" in timeline


def test_a_manager_finds_what_waits_on_the_day(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager()
    lead = negotiating(scout)
    offer = proposed(lead, scout, {SUBSIDY: 1_000_000, FUND: 2_000_000_000})
    today = client.sign_in(boss.email).get("/today")
    assert statements(today) <= 15
    asked = "100万元、基金投资 20亿元"
    page = f"/leads/{lead.public_id}"
    for path in ("/today", "/overview", page, f"{page}/print"):
        assert asked in client.get(path).text, path
    assert f'href="/offers/{offer.public_id}"' in today.text
    assert 'data-testid="queue-count" data-name="offers" data-value="1"' in today.text
    client.post(f"/offers/{offer.public_id}/decision", {"decision": "approve", "seen": "proposed"})
    assert f'href="/offers/{offer.public_id}"' not in client.get("/today").text
    for user in (scout, people.make(Role.AUDITOR)):
        assert "等您批准" not in Client(client.app).sign_in(user.email).get("/today").text


def test_a_refusal_is_found_on_the_day_and_waved_off(client: Client, people: People) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    lead = negotiating(scout)
    offer = sent_back(lead, scout, boss)
    again, seen = f"/leads/{lead.public_id}/offers/new", f"/leads/{lead.public_id}/offers/seen"
    today = client.sign_in(scout.email).get("/today")
    assert statements(today) <= 15
    assert "钟文今天退回了政策测算，请看原因，改好后重新提出。" in today.text
    assert "金额偏高" not in today.text
    for way in (f'href="/offers/{offer.public_id}"', f'href="{again}"', f'action="{seen}'):
        assert way in today.text
    assert Client(client.app).sign_in(boss.email).get("/today").text.count("退回了") == 0
    done = client.post(f"{seen}?back=today")
    assert (done.status_code, done.location) == (302, "/today")
    assert "退回了政策测算" not in client.get("/today").text


def test_the_next_version_starts_from_what_was_refused(
    client: Client, people: People, session: Any
) -> None:
    scout, boss = people.scout(), people.manager(name="钟文")
    lead = negotiating(scout)
    new = f"/leads/{lead.public_id}/offers/new"
    client.sign_in(scout.email)
    assert 'data-testid="sent-back"' not in client.get(new).text
    refused = sent_back(lead, scout, boss, {SUBSIDY: 8_600_000, FUND: 2_000_000_000})
    # The policy has this one no more.
    refused.rules_version = "before"
    session.add(OfferLine(offer_id=refused.id, rule_code="old-rule", amount_cny=5))
    session.commit()
    form = client.get(new)
    assert statements(form) <= 15
    _, told = form.text.split('data-testid="sent-back"')
    told = told.partition("</section>")[0]
    for said in ("钟文", "退回", "金额偏高", f'href="/offers/{refused.public_id}"', "old-rule"):
        assert said in told
    _action, fields = form_with(form.text, f"lines.{SUBSIDY}")
    assert (fields[f"lines.{SUBSIDY}"], fields[f"lines.{FUND}"]) == ("860", "200000")
    assert "重新提出" in client.get(f"/offers/{refused.public_id}").text
    wrong = client.post(f"/leads/{lead.public_id}/offers", {f"lines.{SUBSIDY}": "一些"})
    assert (wrong.status_code, 'data-testid="sent-back"' in wrong.text) == (422, True)
    assert 'value="200000"' not in wrong.text
    sent = client.post(f"/leads/{lead.public_id}/offers", fields)
    assert "第 2 版" in client.get(sent.location).text


def test_an_offer_is_decided_over_the_overview(
    client: Client, people: People, session: Any
) -> None:
    scout = people.scout()
    offer = proposed(negotiating(scout), scout)
    path = f"/offers/{offer.public_id}"
    client.sign_in(people.manager().email)
    assert f'data-dialog="{path}"' in client.get("/overview?period=year").text
    over = {
        "HX-Request": "true",
        "X-Dialog": "1",
        "Referer": "http://localhost/overview?period=year",
    }
    shown = client.get(path, headers=over)
    assert ("<html" in shown.text, statements(shown) <= 15) == (False, True)
    _action, form = form_with(shown.text, "seen")
    refused = client.post(f"{path}/decision", form | {"decision": "refuse"}, headers=over)
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    assert "请写下为什么不同意" in refused.text
    done = client.post(f"{path}/decision", form | {"decision": "approve"}, headers=over)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, "/overview?period=year")
    session.rollback()
    session.refresh(offer)
    assert offer.state is OfferState.APPROVED
    # Who was slower is told there, too.
    late = client.post(f"{path}/decision", form | {"decision": "approve"}, headers=over)
    assert (late.status_code, 'data-testid="conflict"' in late.text) == (409, True)


def test_files_of_an_offer_are_of_its_readers(client: Client, people: People, session: Any) -> None:
    scout, boss, mate = people.scout(), people.manager(), people.scout()
    lead = negotiating(scout)
    offer = proposed(lead, scout, LINES)
    client.sign_in(scout.email)
    path = f"/offers/{offer.public_id}"
    sent = client.post(f"{path}/attachments", {"file": (io.BytesIO(PDF), "申请书.pdf")})
    assert sent.location == path
    file = session.scalar(sa.select(Attachment.public_id))
    session.rollback()
    assert "申请书.pdf" in client.get(path).text
    assert "测算附件" in client.get(f"/leads/{lead.public_id}?show=files").text
    other = Client(client.app).sign_in(mate.email)
    assert other.get(f"/attachments/{file}").status_code == 404
    assert "申请书" not in other.get(f"/leads/{lead.public_id}?show=files").text
    manager = Client(client.app).sign_in(boss.email)
    assert manager.get(f"/attachments/{file}").status_code == 200
    manager.post(f"{path}/decision", {"decision": "approve", "seen": "proposed"})
    kept = client.post(f"/attachments/{file}/removal")
    assert "不能移除" in client.get(kept.location).text
    late = client.post(f"{path}/attachments", {"file": (io.BytesIO(PDF), "补充.pdf")})
    assert late.status_code == 422
