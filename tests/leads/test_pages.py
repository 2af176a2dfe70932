"""The pages of leads: what they show, refuse, and cost."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from crm.leads.columns import COLUMNS
from crm.leads.counting import MANY
from crm.leads.edits import edit_lead
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit
from crm.leads.listing import leads_page
from crm.leads.moves import move_lead
from crm.leads.rules import MoveRequest
from models import db
from models.enums import Stage, Status
from models.lead import Lead
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, a_visit, actor_of, some_leads
from tests.people import People

pytestmark = pytest.mark.usefixtures("stopped_clock")


def statements(response: Any) -> int:
    found = re.search(r'desc="n=(\d+)"', response.headers["Server-Timing"])
    assert found
    return int(found[1])


def fields_with(text: str, testid: str) -> list[str]:
    return re.findall(rf'data-testid="{testid}"[^>]*data-field="([a-z_]+)"', text)


def test_the_board_shows_columns_counts_and_cards(client: Client, people: People) -> None:
    scout = people.scout()
    some_leads(scout, 27, "板上第{}软件有限公司")
    a_lead(people.scout(), "别人的软件有限公司")
    response = client.sign_in(scout.email).get("/board")
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert text.count('data-testid="stage-column"') == 6
    assert text.count('data-testid="lead-card"') == 25
    assert 'data-testid="result-total" data-value="27"' in text
    assert statements(response) <= 15
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', text)
    assert more
    rest = client.get(more[1].replace("&amp;", "&"))
    assert rest.get_data(as_text=True).count('data-testid="lead-card"') == 2
    team = client.get("/board?scope=team").get_data(as_text=True)
    assert 'data-testid="result-total" data-value="28"' in team
    assert client.get("/board/columns/nowhere").status_code == 404


def test_the_board_says_how_many_rest(client: Client, people: People) -> None:
    scout, other = people.scout(), people.scout()
    resting = a_lead(scout)
    hold = MoveRequest(to_status=Status.ON_HOLD, reason="等预算", hold_until=date(2027, 3, 1))
    move_lead(resting.public_id, hold, actor_of(scout), NOW)
    a_lead(other, "同事的软件有限公司")
    client.sign_in(scout.email)
    board = client.get("/board").text
    assert "暂缓 1" in board
    assert 'data-testid="result-total" data-value="0"' in board
    assert 'data-testid="result-total" data-value="1"' in client.get("/board?status=on_hold").text
    # What nobody has counted is not said.
    assert "暂缓 1" not in client.get("/board?segment=IND").text


def test_the_heads_of_the_columns_come_anew(client: Client, people: People) -> None:
    scout = people.scout()
    edit_lead(a_lead(scout).public_id, PLANS, actor_of(scout), NOW)
    db.session.commit()
    response = client.sign_in(scout.email).get("/board/headings")
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert text.count("hx-swap-oob") == 6
    assert re.findall(r'class="count">(\d+)<', text) == ["1", "0", "0", "0", "0", "0"]
    assert "1.2亿元" in text


def test_filters_count_what_they_show(client: Client, people: People) -> None:
    scout = people.scout()
    a_lead(scout, segment="IND-CAD-FAST", more=LeadEdit(place="park:nanhu"))
    a_lead(scout, "诸葛软件有限公司", segment="FND-DB")
    client.sign_in(scout.email)

    def total(query: str) -> str:
        found = re.search(
            r'result-total" data-value="(\d+)"', client.get(query).get_data(as_text=True)
        )
        assert found
        return found[1]

    assert total("/leads?segment=IND") == "1"
    assert total("/leads?segment=FND-DB&status=open") == "1"
    assert total("/leads?place=park:nanhu") == "1"
    assert total("/leads?place=district:nanhu") == "1"
    assert total("/leads?list=china-software-100") == "0"
    assert total("/leads?q=诸葛") == "1"
    # Company and project together find it, however far behind in the project a word stands.
    a_lead(scout, "孔明软件有限公司", project="一" * 40 + "交付中心")
    assert [total(f"/leads?q=孔明 {word}") for word in ("交付", "研发", "kongming")] == [
        "1",
        "0",
        "1",
    ]
    assert total("/board?q=交付中心") == "1"
    assert total("/leads?stage=landed") == "0"
    assert total("/leads?overdue=1") == "0"
    assert total("/board?segment=IND") == "1"
    # Very many are looked up one by one, few are found first: the same ones.
    for word in ("诸葛", "测试软件"):
        wanted = LeadFilter(q=word)
        asked = (actor_of(scout), wanted, "updated", None, COLUMNS, TODAY)
        few, many = (leads_page(*asked, n=n) for n in (1, MANY + 1))
        assert [card.lead for card in few.items] == [card.lead for card in many.items] != []
    nonsense = client.get("/leads?segment=NOPE&status=x&stage=y&scope=city&list=z&place=q&cursor=!")
    assert nonsense.status_code == 200
    assert nonsense.get_data(as_text=True).count("没有按它筛选") == 5


def test_a_leads_page_says_what_is_missing(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    client.sign_in(scout.email)
    response = client.get(f"/leads/{lead.public_id}")
    text = response.get_data(as_text=True)
    assert fields_with(text, "gate-missing") == ["touch", "need"]
    assert "进入“接洽”还差 2 项" in text
    a_visit(lead, scout)
    edit_lead(lead.public_id, LeadEdit(**PLANS), actor_of(scout), NOW)
    people.session.commit()
    response = client.get(f"/leads/{lead.public_id}")
    text = response.get_data(as_text=True)
    assert "可以进入“接洽”" in text
    assert "计划总投资：未填 → 1.2亿元" in text
    assert "谈了场地" in text
    assert statements(response) <= 15
    for kind in ("visits", "stages", "steps", "edits", "nonsense"):
        assert client.get(f"/leads/{lead.public_id}?show={kind}&before=x").status_code == 200
    assert client.get(f"/leads/{lead.public_id}?lang=en").status_code == 200


def test_who_sees_a_lead(client: Client, people: People) -> None:
    lead = a_lead(people.scout("beijing"))
    client.sign_in(people.scout("shanghai").email)
    path = f"/leads/{lead.public_id}"
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/edit").status_code == 404
    assert client.get(f"{path}/stage-changes/new?to_stage=engaged").status_code == 404
    assert client.post(f"{path}/stage-changes", {"to_status": "lost"}).status_code == 404


def test_moves_as_json(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    path, version = f"/leads/{lead.public_id}/stage-changes", lead.version
    client.sign_in(scout.email)
    refused = client.post(path, json={"to_stage": "negotiating", "version": version})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["code"] == "gate_unmet"
    assert {"touch", "need", "visit", "district"} <= set(refused.json["errors"])
    assert client.post(path, json={"to_stage": "nowhere"}).status_code == 422
    assert client.post(path, json=[1]).status_code == 422
    assert client.post(path, json={"version": "x"}).status_code == 422
    past = {"to_status": "on_hold", "hold_until": "2026-11-24", "reason": "等"}
    assert list(client.post(path, json=past).json["errors"]) == ["hold_until"]
    lost = client.post(path, json={"to_status": "lost", "reason": "落户他市", "version": version})
    assert lost.status_code == 201
    assert lost.json["seq"] == 2
    assert lost.json["version"] > version
    stale = client.post(path, json={"to_status": "active", "reason": "x", "version": version})
    assert stale.status_code == 409
    assert stale.json["changed"] == {"status": {"theirs": "lost", "yours": "active"}}


def test_the_short_form_fills_and_moves(client: Client, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    a_visit(lead, scout)
    path = f"/leads/{lead.public_id}/stage-changes"
    client.sign_in(scout.email)
    form = client.get(f"{path}/new?to_stage=negotiating", headers={"HX-Request": "true"})
    text = form.get_data(as_text=True)
    assert "<html" not in text
    assert 'name="planned_investment_cny"' in text
    assert 'name="reason"' not in text
    values = {
        "to_stage": "negotiating",
        "version": str(lead.version),
        "need": "要场地",
        "planned_investment_cny": "5000万",
        "planned_revenue_cny": "-3",
        "planned_headcount": "十个",
        "district": "park:nanhu",
        "next_step": "答复场地方案",
        "next_step_on": "2026-12-01",
    }
    # What can not be read and what the rules refuse are said at once, each once.
    refused = client.post(path, {**values, "signed_on": "2099-01-05", "next_step_on": ""})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert sorted(fields_with(text, "field-error")) == [
        "next_step_on",
        "planned_headcount",
        "planned_investment_cny",
        "planned_revenue_cny",
        "signed_on",
    ]
    people.session.expire_all()
    assert people.session.get(Lead, lead.id).need is None
    assert "填 5000" in text
    assert 'value="5000万"' in text
    good = {
        "planned_investment_cny": "5000",
        "planned_revenue_cny": "8,000",
        "planned_headcount": "80",
    }
    moved = client.post(path, {**values, **good})
    assert moved.status_code == 302
    people.session.expire_all()
    fresh = people.session.get(Lead, lead.id)
    assert (fresh.stage, fresh.planned_investment_cny) == (Stage.NEGOTIATING, 50_000_000)
    stale = client.post(path, {**values, **good, "to_stage": "engaged", "reason": "退"})
    assert stale.status_code == 409
    assert 'data-testid="conflict"' in stale.get_data(as_text=True)


def test_registering_says_who_holds_a_company(client: Client, people: People) -> None:
    held = a_lead(people.scout("shanghai", name="吴佳"), "东软集团股份有限公司")
    scout = people.scout()
    client.sign_in(scout.email)
    public_id = held.public_id
    people.session.refresh(held, ["company"])
    company = held.company.public_id
    assert client.get(f"/leads/new?company={company}&segment=FND-DB").status_code == 200
    values = {
        "company": company,
        "segment": "FND-DB",
        "channel": "resident",
        "planned_investment_cny": "5000万",
        "need": "想设研发中心",
    }
    assert '<input type="hidden" name="team" value="beijing">' in client.get("/leads/new").text
    foreign = client.post("/leads/new", {**values, "team": "shanghai"})
    assert "team" in fields_with(foreign.get_data(as_text=True), "field-error")
    refused = client.post("/leads/new", {**values, "segment": ""})
    said = fields_with(refused.get_data(as_text=True), "field-error")
    assert (refused.status_code, said[0], sorted(said)) == (
        422,
        "company",
        ["company", "planned_investment_cny", "segment"],
    )
    refused = client.post("/leads/new", {**values, "planned_investment_cny": "5000"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert fields_with(text, "field-error") == ["company"]
    assert re.search(r"吴佳（上海队?[^）]*）今天\s?已登记这家企业", text)
    assert "想设研发中心" in text
    made = client.post("/leads", {**values, "planned_investment_cny": "", "project": "二期"})
    assert made.status_code == 302
    assert public_id not in made.location


def test_an_empty_list_offers_a_way_on(client: Client, people: People) -> None:
    scout = people.scout()
    client.sign_in(scout.email)
    assert "这里还没有线索" in client.get("/leads").get_data(as_text=True)
    a_lead(scout)
    text = client.get("/leads?scope=mine&list=listed-software").get_data(as_text=True)
    assert "没有符合条件的线索" in text
    assert "去掉“上市”，有 1 条" in text


def test_an_empty_list_says_what_status_and_scope_hide(client: Client, people: People) -> None:
    scout, other = people.scout(), people.scout()
    lost = a_lead(scout, "浪潮云信息技术股份公司")
    a_lead(scout, "东方通科技有限公司")
    lose = MoveRequest(to_status=Status.LOST, reason="选了别处")
    move_lead(lost.public_id, lose, actor_of(scout), NOW)
    a_lead(people.scout("chengdu"), "浪潮通用软件有限公司")
    people.session.commit()
    client.sign_in(scout.email)
    page = client.get("/leads?q=浪潮")
    assert statements(page) <= 15
    assert "1 条已流失，看看" in page.text  # another team's is none of theirs to see
    (link,) = re.findall(r'href="([^"]+)" data-hidden', page.text)
    assert "浪潮云" in client.get(unescape(link)).text
    assert "1 条已流失，看看" in client.get("/board?q=浪潮").text
    assert "1 条已流失，看看" in client.get("/leads?q=浪潮&status=on_hold").text
    assert "1 条是其他状态，看看" in client.get("/leads?q=东方通&status=lost").text
    assert "data-hidden" not in client.get("/leads?q=不存在").text
    assert "data-hidden" not in client.get("/leads?q=浪潮&status=all").text
    colleague = Client(client.app).sign_in(other.email)
    page = colleague.get("/leads?q=浪潮&scope=mine")
    assert "我的以外有 1 条，看看" in page.text
    (link,) = re.findall(r'href="([^"]+)" data-hidden', page.text)
    assert "浪潮云" in colleague.get(unescape(link)).text
    assert "我的以外有 1 条，看看" in colleague.get("/leads").text


def test_a_list_without_any_column_says_which_it_shows(client: Client, people: People) -> None:
    scout = people.scout()
    a_lead(scout)
    client.sign_in(scout.email)
    assert '<input type="hidden" name="columns" value="">' in client.get("/leads/columns").text
    for none in ("columns=", "columns=&columns=nowhere"):
        assert "至少要留一列" in client.get(f"/leads?scope=mine&{none}").text
    for some in ("scope=mine", "scope=mine&columns=&columns=owner"):
        assert "至少要留一列" not in client.get(f"/leads?{some}").text
