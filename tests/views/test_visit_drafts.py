"""Pasting a chat: the form comes filled, marked, and nothing is kept before it is saved."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
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
    text = f"今天去{company.short_name}拜访了周启明，想租3000平米。\n下一步：发场地方案"
    answer = client.post("/visits/drafts", {"text": text})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200, page
    assert f'name="lead" type="hidden" value="{lead.public_id}"' in page
    assert re.search(r"<input checked[^>]*name=\"contacts\"", page), page
    assert 'value="发场地方案"' in page
    assert f">{company.short_name}</mark>" in page
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 0


def test_a_company_of_another_team_is_named_and_its_lead_is_not(
    session: Any, people: People, client: Client
) -> None:
    other = people.scout(team="shenzhen")
    lead = a_lead(other)
    company = session.get(Company, lead.company_id)
    session.commit()
    client.sign_in(people.scout(team="beijing").email)
    page = client.post("/visits/drafts", {"text": f"拜访了{company.name}"}).get_data(as_text=True)
    assert company.public_id in page
    assert lead.public_id not in page


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
