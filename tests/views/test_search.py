"""The page of the search and what the palette asks for, by role, language and wrong input."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from models.enums import Role
from tests.clients import Client
from tests.leads.making import a_lead, a_visit
from tests.people import People
from tests.search.making import a_person
from tests.views.counting import statements

MOST_STATEMENTS = 15
PHONE = "13812345678"


@pytest.fixture
def lead(people: People) -> Any:
    """A lead with a person and a visit."""
    scout = people.scout()
    made = a_lead(scout, "科大讯飞股份有限公司")
    a_person(made, scout, phone=PHONE)
    a_visit(made, scout)
    return made


def asked(client: Client, query: str, path: str = "/search/suggest") -> dict[str, list[Any]]:
    """What is answered to a machine, by kind."""
    response = client.get(f"{path}?q={quote(query)}", headers={"Accept": "application/json"})
    assert response.status_code == 200, response.text
    return {group["kind"]: group["items"] for group in response.json["groups"]}


def titles(found: dict[str, list[Any]], kind: str) -> list[str]:
    return [item["title"] for item in found.get(kind, [])]


@pytest.mark.parametrize("path", ["/search", "/search/suggest"])
def test_the_same_groups_as_page_palette_and_json(
    client: Client, people: People, lead: Any, path: str
) -> None:
    client.sign_in(people.scout().email)
    page = client.get(f"{path}?q=讯飞")
    assert statements(page) <= MOST_STATEMENTS
    for part in (f"/leads/{lead.public_id}", "科大讯飞", "谈了场地", "企业", "走访"):
        assert part in page.text, part
    assert ("<html" in page.text) is (path == "/search")
    found = asked(client, "讯飞", path)
    assert list(found) == ["companies", "leads", "visits"]
    assert found["leads"][0]["url"] == f"/leads/{lead.public_id}"
    assert PHONE in client.get(f"{path}?q=oymz").text
    assert asked(client, "5678", path)["contacts"][0]["phone"] == PHONE


@pytest.mark.parametrize(
    "role", [Role.MANAGER, Role.PARK_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR]
)
def test_it_costs_no_more_for_who_sees_more(
    client: Client, people: People, lead: Any, role: Role
) -> None:
    client.sign_in(people.make(role, park="nanhu" if role is Role.PARK_OFFICER else None).email)
    for path in ("/search?q=讯飞", "/search/suggest?q=欧阳", "/search/suggest?q=科大 讯飞"):
        assert statements(client.get(path)) <= MOST_STATEMENTS
    assert (PHONE in client.get("/search?q=欧阳").text) is (role in {Role.MANAGER, Role.AUDITOR})


@pytest.mark.parametrize("query", ["看板", "kanban", "kb", "board", "BOARD", "ｋｂ"])
def test_pages_by_every_name(client: Client, people: People, query: str) -> None:
    client.sign_in(people.scout().email)
    assert {"看板"} <= set(titles(asked(client, query), "commands"))


def test_actions_are_those_of_the_role(app: Any, people: People) -> None:
    may = {
        "登记线索": {Role.SCOUT, Role.MANAGER},
        "导出线索": {Role.SCOUT, Role.MANAGER, Role.AUDITOR},
        "导入线索台账": {Role.MANAGER},
        "开通账号": {Role.ADMINISTRATOR},
        "我的账号": {Role.SCOUT, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR},
    }
    for role in may["我的账号"]:
        client = Client(app).sign_in(
            people.make(role, team="beijing" if role is Role.SCOUT else None).email
        )
        for action, roles in may.items():
            found = asked(client, action)
            assert (action in titles(found, "commands")) is (role in roles), (role, action)
        for item in asked(client, "").get("commands", []):
            assert client.get(item["url"]).status_code == 200, item


def test_english_names_and_words(client: Client, people: People, lead: Any) -> None:
    client.sign_in(people.scout().email)
    client.get("/account?lang=en")
    found = asked(client, "log vis")
    assert titles(found, "commands") == ["Log visit"]
    assert "Pages and actions" in client.get("/search?q=看板").text
    assert "Leads" in client.get("/search/suggest?q=讯飞").text


def test_before_anything_is_typed_there_is_what_one_can_do(client: Client, people: People) -> None:
    client.sign_in(people.scout().email)
    assert titles(asked(client, " "), "commands")[:2] == ["登记线索", "记走访"]
    assert "/leads/new" in client.get("/search/suggest").text
    assert asked(client, "", "/search") == {}


@pytest.mark.parametrize(
    "query", ["不存在的企业", "x" * 500, "<script>alert(1)</script>", "%_", "_"]
)
def test_an_unknown_word_says_what_to_do(client: Client, people: People, query: str) -> None:
    client.sign_in(people.scout().email)
    for path in ("/search", "/search/suggest"):
        page = client.get(f"{path}?q={quote(query)}")
        assert page.status_code == 200
        assert "没有找到" in page.text
        assert "<script>alert" not in page.text
        # One character is no name yet.
        assert ("/leads/new?company=" in page.text) is (query != "_")
    assert "不存在的企业" in client.get("/leads/new?company=不存在的企业").text


def test_who_may_not_register_is_not_offered_it(client: Client, people: People) -> None:
    client.sign_in(people.administrator().email)
    for path in ("/search", "/search/suggest"):
        assert "/leads/new" not in client.get(f"{path}?q=不存在的企业").text


def test_signed_out_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/search/suggest?q=讯飞").status_code == 302
