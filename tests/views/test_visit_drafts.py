"""Pasting a chat: the form comes filled, marked, and nothing is kept before it is saved."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from crm.companies.service import create_company, rename_company
from models.company import Company
from models.visit import Visit
from tests.clients import Client
from tests.leads.making import a_lead, actor_of
from tests.people import People
from tests.views.counting import statements


def test_a_pasted_text_fills_the_form_and_saves_nothing(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get(Company, lead.company_id)
    add_contact(company, ContactInput("周启明", "总监"), actor_of(scout), clock.now())
    session.commit()
    client.sign_in(scout.email)
    text = (
        f"今天去{company.short_name}拜访了周启明，想租3000平米，投资5000万，公司有300人。\n"
        "下一步：发场地方案"
    )
    answer = client.post("/visits/drafts", {"text": text})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, page
    assert f'name="lead" type="hidden" value="{lead.public_id}"' in page
    assert re.search(r"<input checked[^>]*name=\"contacts\"", page), page
    assert 'value="发场地方案"' in page
    assert _typed(page, "space_m2") == "3000"
    assert _typed(page, "planned_investment_cny") == "5000"
    # What the company has is no plan, and stays in what was said.
    assert _typed(page, "planned_headcount") == ""
    assert ">3000平米</mark>" in page
    assert "300人</mark>" not in page
    assert f">{company.short_name}</mark>" in page
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 0


def test_a_contact_named_in_english_is_found_and_a_stranger_suggested(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    company = session.get(Company, lead.company_id)
    add_contact(company, ContactInput("Kevin Liu", "CTO"), actor_of(scout), clock.now())
    session.commit()
    client.sign_in(scout.email)
    # No company is named: it is that of the one whose contact is.
    text = "Met Kevin Liu. John Smith (VP of Sales) said they want 3000 sqm"
    page = client.post("/visits/drafts", {"text": text}).get_data(as_text=True)
    assert re.search(r"<input checked[^>]*name=\"contacts\"", page), page
    assert f'name="lead" type="hidden" value="{lead.public_id}"' in page
    assert ">Kevin Liu</mark>" in page
    assert ">John Smith</mark>" in page
    assert 'value="John Smith"' in page
    assert 'value="VP of Sales"' in page


def test_a_company_of_another_team_is_named_and_its_lead_is_not(
    session: Any, people: People, client: Client
) -> None:
    other = people.scout(team="shenzhen")
    lead = a_lead(other)
    company = session.get(Company, lead.company_id)
    session.commit()
    client.sign_in(people.scout(team="beijing").email)
    text = f"拜访了{company.name}，想租3000平，明天发合同"
    page = client.post("/visits/drafts", {"text": text}).get_data(as_text=True)
    # Without a lead of theirs the form takes no next step; the words stay in what was said.
    assert 'value="发合同"' not in page
    assert "found-figure" not in page
    assert company.public_id in page
    assert lead.public_id not in page


def test_a_company_is_known_by_each_of_its_names_and_ones_own_lead_first(
    session: Any, people: People, client: Client
) -> None:
    scout = people.scout()
    lead = a_lead(scout, company=_company("北京中软国际信息技术有限公司", "中软国际").public_id)
    company = session.get(Company, lead.company_id)
    _company("嘉兴中软国际交付中心软件有限公司", "嘉兴中软国际")
    # Nobody's lead bears the same short name, and its list entry is rewarded.
    _company("上海中软国际科技服务有限公司", "中软国际").rewarded = True
    first, second = (
        _company("甲乙云一号有限公司", "甲乙云"),
        _company("甲乙云二号有限公司", "甲乙云"),
    )
    rename_company(company, "北京中软新世纪技术有限公司", now=clock.now())
    session.commit()
    client.sign_in(scout.email)

    def says(text: str) -> str:
        return client.post("/visits/drafts", {"text": text}).get_data(as_text=True)

    for name in ("中软国际", "北京中软国际信息技术有限公司", "北京中软新世纪技术有限公司"):
        page = says(f"{name}的方总今天来电话")
        assert f'name="lead" type="hidden" value="{lead.public_id}"' in page, name
    # Whom one's own lead knows says which company, when no name does.
    add_contact(company, ContactInput("沈一鸣", "总监"), actor_of(scout), clock.now())
    session.commit()
    assert lead.public_id in says("沈一鸣 12-02 17:32\n方案过了一遍")
    # A longer name is another company's, and a name of two companies is nobody's.
    assert lead.public_id not in says("去了嘉兴中软国际")
    page = says("去了甲乙云")
    assert first.public_id not in page
    assert second.public_id not in page


def test_what_else_was_agreed_comes_into_the_form_and_nothing_found_is_said(
    session: Any, people: People, client: Client
) -> None:
    client.sign_in(people.scout().email)
    text = "明天把合同发过去，后天对方给我们答复"
    page = client.post("/visits/drafts", {"text": text}).get_data(as_text=True)
    assert re.search(r'name="promise_1"[^>]*value="对方给我们答复"', page), page
    assert '<option selected value="theirs:">' in page
    assert "标出的已填在下面" in page
    page = client.post("/visits/drafts", {"text": "哈哈"}).get_data(as_text=True)
    assert "标出的已填在下面" not in page


def _typed(page: str, name: str) -> str:
    """What stands in a field."""
    (tag,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else ""


def _company(name: str, short_name: str) -> Company:
    return create_company(name, short_name=short_name, now=clock.now())


def test_an_empty_and_an_endless_text_are_refused_at_the_field(
    session: Any, people: People, client: Client
) -> None:
    client.sign_in(people.scout().email)
    for text in (" \n", "好" * 4001):
        answer = client.post("/visits/drafts", {"text": text})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'data-field="text"' in page


def test_a_long_text_costs_few_statements(session: Any, people: People, client: Client) -> None:
    client.sign_in(people.scout().email)
    answer = client.post("/visits/drafts", {"text": "我们去拜访了某某科技有限公司的王总，" * 200})
    assert answer.status_code == 200
    assert statements(answer) <= 15
