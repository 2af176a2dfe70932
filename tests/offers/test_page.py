"""The page of a calculation: what a lead fills in, what is answered, what is refused."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from models.enums import Stage
from models.lead import Lead
from models.user import User
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People
from tests.views.counting import statements

WANTS_JSON = {"Accept": "application/json"}


@pytest.fixture
def scout(people: People) -> User:
    return people.scout()


@pytest.fixture
def lead(scout: User, session: Any) -> Lead:
    lead = a_lead(scout)
    lead.stage, lead.planned_investment_cny, lead.project = (
        Stage.NEGOTIATING,
        60_000_000,
        "研发中心",
    )
    session.commit()
    return lead


@pytest.fixture
def client(app: Flask, scout: User) -> Client:
    return Client(app).sign_in(scout.email)


def verdicts(text: str) -> dict[str, str]:
    """Each rule of the page and what is said of it."""
    return dict(re.findall(r'data-rule="([\w-]+)" data-verdict="(\w+)"', text))


def sums(text: str) -> dict[str, int]:
    """The sums on top of the page, by kind."""
    found = re.findall(r'data-kind="(\w+)" data-value="(\d+)"', text)
    return {kind: int(value) for kind, value in found}


def asked(**facts: str) -> str:
    return f"/incentives?{urlencode({'given': 1, **facts})}"


def test_nothing_known_asks_everything(client: Client) -> None:
    page = client.get("/incentives")
    assert page.status_code == 200
    assert set(verdicts(page.text).values()) == {"needs_fact"}
    assert sums(page.text) == {}
    assert "征求意见稿，没有约束力；能否叠加未定" in page.text


def test_what_is_typed_is_worked_out_and_stays(client: Client) -> None:
    facts = {
        "is_attracted": "yes",
        "is_leading_company": "yes",
        "agreed_investment_cny": "2,0000",
        "project-subsidy__proposed_amount_cny": "4000",
        "paid_known": "y",
        "is_software_company": "yes",
        "growth_stage": "startup",
        "cert": "T/SIA010.11",
        "cert_level": "2",
        "best_prior_level__none": "y",
        "first_pass": "yes",
    }
    page = client.get(asked(**facts | {"agreed_investment_cny": "20,000"}))
    assert page.status_code == 200
    found = verdicts(page.text)
    assert found["project-subsidy"] == "applies"
    assert found["loan-growth"] == "does_not"
    assert found["cert-other"] == "needs_ruling"
    # A fund's investment is another amount than a subsidy.
    assert found["fund"] == "needs_fact"
    assert sums(page.text) == {"grant": 30_000_000, "credit": 20_000_000}
    assert "超出上限的 1000万元不给" in page.text
    assert 'value="20,000"' in page.text
    english = client.get(asked(**facts | {"agreed_investment_cny": "20000"}) + "&lang=en")
    assert "CNY 10,000,000 above the cap is not given" in english.text


def test_another_reading_and_payments_before(client: Client) -> None:
    facts = {
        "is_software_company": "yes",
        "software_revenue_cny": "6000",
        "prior_year_software_revenue_cny": "2500",
        "best_prior_software_revenue_cny": "2500",
        "paid__revenue-tier": "20000000",
    }
    tier = {"switch__revenue-tier__deduct_lower": "yes", "switch__revenue-tier__jump": "sum_of_new"}
    assert sums(client.get(asked(**facts)).text)["grant"] == 1_000_000
    assert sums(client.get(asked(**facts | tier)).text)["grant"] == 1_300_000


def test_a_lead_fills_in_what_is_known(client: Client, lead: Lead) -> None:
    page = client.get(f"/incentives?lead={lead.public_id}")
    assert page.status_code == 200
    assert 'value="6000"' in page.text
    assert "来自计划总投资，还没有签约" in page.text
    assert verdicts(page.text)["scout-reward"] == "does_not"
    subsidy = page.text.split('data-rule="project-subsidy"')[1].split("</ul>")[0]
    assert "协议投资额" not in subsidy
    # Once the form was sent, what stands in it counts.
    cleared = client.get(asked(lead=lead.public_id))
    assert 'value="6000"' not in cleared.text
    assert set(verdicts(cleared.text).values()) == {"needs_fact"}


def test_a_lead_of_another_team_is_not_there(client: Client, people: People) -> None:
    other = a_lead(people.scout("chengdu"))
    assert client.get(f"/incentives?lead={other.public_id}").status_code == 404
    assert client.get("/incentives?lead=zzzzzzzzzzzz").status_code == 404


def test_the_budget_of_statements_with_a_lead(client: Client, lead: Lead) -> None:
    path = f"/incentives?lead={lead.public_id}"
    client.get(path)
    assert statements(client.get(path)) <= 15


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("training_fee_cny", "-3", "要大于 0"),
        ("training_fee_cny", "三万", "只填数字"),
        ("order_year", "26", "不能小于 2000"),
        ("cert_level", "1.5", "只填数字"),
        ("growth_stage", "old", "请从这些里选"),
        ("switch__outsourcing__cap_per", "moon", "请从这些里选"),
        ("fund_left_cny", "600000", "不能超过基金总规模"),
        ("paid__revenue-tier", "7", "tier 请从这些里选"),
        ("product_name", "名" * 201, "最多 200 个字"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: Client, field: str, value: str, says: str
) -> None:
    page = client.get(asked(**{field: value}))
    assert page.status_code == 422
    errors = re.findall(r'data-testid="field-error" data-field="([^"]+)"[^>]*>([^<]+)', page.text)
    named = "paid_known" if field.startswith("paid__") else field
    assert [name for name, _text in errors] == [named]
    assert says in errors[0][1]
    answer = client.get(asked(**{field: value}), headers=WANTS_JSON)
    assert answer.status_code == 422
    assert list(json.loads(answer.text)["errors"]) == [named]


def test_machines_get_the_same(client: Client) -> None:
    answer = client.get(
        asked(fund_left_cny="100", fund__proposed_amount_cny="200"), headers=WANTS_JSON
    )
    assert answer.status_code == 200
    assert json.loads(answer.text)["totals"] == {"equity": 1_000_000}
