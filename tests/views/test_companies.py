"""Companies, contacts, search and the chain, as people see them in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from crm.access import load_actor
from crm.chain.queries import panel, tree
from crm.companies import contacts, service
from crm.companies.contacts import ContactInput
from crm.leads.inputs import NewLead
from crm.leads.service import create_lead
from models.company import Company, CompanyRelation, CompanySegment
from models.contact import Contact
from models.enums import MatchState
from models.lead import Lead
from models.segment import Segment
from models.target import ListEdition, ListEntry, TargetList
from models.user import User
from tests.clients import Client
from tests.people import People

PHONE = "138 0573 0001"
MOST_STATEMENTS = 15


class World:
    """A company on a list with a lead and a contact of Beijing's, and two without."""

    def __init__(self, session: Any, found: tuple[list[int], list[int], int]) -> None:
        people, companies, lead = found
        who = [session.get_one(User, key) for key in people]
        self.scout, self.other, self.manager, self.admin = who
        self.companies = [session.get_one(Company, key) for key in companies]
        self.company = self.companies[0]
        self.lead = session.get_one(Lead, lead)
        self.id = self.company.public_id


def _make(session: Any, people: People) -> tuple[list[int], list[int], int]:
    """Make it; the keys of its people, companies and lead."""
    now = clock.now()
    who = [people.scout(), people.scout("shenzhen"), people.manager(), people.administrator()]
    actor = load_actor(who[0], clock.today())
    names = ("科大讯飞股份有限公司", "讯飞智元信息科技有限公司", "用友网络科技股份有限公司")
    companies = [service.create_company(name, now=now) for name in names]
    channel = session.scalar(sa.text("SELECT code FROM channel ORDER BY id LIMIT 1"))
    new = NewLead(company=companies[0].public_id, segment="FND-OS-IND", channel=channel)
    lead = create_lead(new, actor, now)
    service.set_segments(companies[1], ["FND-OS-IND", "FND-OS-DIST"])
    contacts.add_contact(companies[0], ContactInput("周启明", phone=PHONE), actor, now)
    target = session.scalars(sa.select(TargetList).where(TargetList.wanted)).first()
    edition = ListEdition(list_id=target.id, year=2018)
    session.add(edition)
    session.flush()
    session.add(
        ListEntry(
            edition_id=edition.id,
            row_key="1",
            name=companies[0].name,
            raw={},
            rank=1,
            match_state=MatchState.NEW,
            company_id=companies[0].id,
        )
    )
    session.commit()
    return [one.id for one in who], [one.id for one in companies], lead.id


@pytest.fixture
def world(session: Any, people: People, once: Callable[..., Any]) -> World:
    """Records to look at."""
    return World(session, once("companies", lambda: _make(session, people)))


def signed_in(client: Client, user: Any) -> Client:
    return client.sign_in(user.email)


def statements(response: Any) -> int:
    return int(re.search(r"n=(\d+)", response.headers["Server-Timing"])[1])


@pytest.mark.parametrize("query", ["讯飞", "xunfei", "kdxf", "科大 讯飞"])
def test_find_as_you_type_says_who_holds(client: Client, world: World, query: str) -> None:
    response = signed_in(client, world.other).get(f"/companies/suggest?q={query}")
    found = {item["id"]: item for item in response.json["items"]}[world.id]
    assert world.scout.name in found["holder"]["text"]
    assert found["badges"]
    assert statements(response) <= 6


@pytest.mark.parametrize("query", ["", "讯", "，，", "不存在", "x" * 500])
def test_nothing_is_found_for_nothing(client: Client, world: World, query: str) -> None:
    response = signed_in(client, world.scout).get(f"/companies/suggest?q={query}")
    assert response.json == {"items": []}


def test_numbers_are_for_who_may_see_the_lead(client: Client, world: World) -> None:
    page = signed_in(client, world.other).get(f"/companies/{world.id}").text
    assert PHONE not in page
    assert "周启明" in page
    assert f"/leads/{world.lead.public_id}" not in page
    assert world.scout.name in page
    assert PHONE not in client.get("/search?q=周启明").text


def test_the_own_team_and_the_manager_see_numbers(app: Any, world: World) -> None:
    for user in (world.scout, world.manager):
        client = signed_in(Client(app), user)
        response = client.get(f"/companies/{world.id}")
        assert PHONE in response.text
        assert f"/leads/{world.lead.public_id}" in response.text
        assert PHONE in client.get("/search?q=周启").text


@pytest.mark.parametrize(
    "path",
    [
        *("/companies", "/companies?q=讯飞", "/companies/{id}", "/search?q=讯飞", "/search"),
        *("/chain", "/chain/FND", "/chain/FND-OS-IND", "/companies/{id}/edit"),
        *("/companies/{id}/contacts/new", "/companies/{id}/relations"),
    ],
)
def test_pages_open_within_the_budget(client: Client, world: World, path: str) -> None:
    response = signed_in(client, world.scout).get(path.format(id=world.id))
    assert response.status_code == 200
    assert statements(response) <= MOST_STATEMENTS
    assert "style=" not in response.text


def test_every_figure_of_the_chain_opens_what_it_counts(app: Any, world: World) -> None:
    for user in (world.scout, world.other, world.admin):
        client = signed_in(Client(app), user)
        figures = re.findall(
            r'data-testid="figure" data-name="(\w+)" data-value="(\d+)" href="([^"]+)"',
            client.get("/chain").text,
        )
        told = [f for f in figures if f[1] != "0"]
        assert told
        for name, value, href in told + figures[:4]:
            page = client.get(href.replace("&amp;", "&")).text
            total = re.search(r'data-testid="result-total" data-value="(\d+)"', page)
            assert total, (name, href)
            assert total[1] == value, (name, href)


def test_a_company_in_two_children_counts_once(client: Client, world: World) -> None:
    page = signed_in(client, world.scout).get("/chain/FND").text
    assert re.search(r'data-name="companies" data-value="2"', page)
    assert re.search(r'data-name="targets" data-value="1"', page)
    assert re.search(r'data-name="leads" data-value="1"', page)


def test_the_chain_counts_each_company_once_wherever_it_stands(world: World, session: Any) -> None:
    """The whole tree, and each segment alone, against the rows themselves."""
    _target, merged, several = world.companies
    service.set_segments(several, ["FND-OS-IND", "FND-OS-DIST", "FND-DB", "APP"])
    service.set_segments(world.company, ["FND-OS-IND", "FND-DB", "APP"])
    merged.merged_into_id = several.id
    session.commit()
    actor = load_actor(world.manager, clock.today())
    rows = session.execute(sa.select(CompanySegment.company_id, Segment.path).join(Segment)).all()
    standing = [(company, path) for company, path in rows if company != merged.id]
    nodes = tree(actor)
    while nodes:
        node = nodes.pop()
        nodes += node.children
        doing = {company for company, path in standing if path.startswith(node.segment.path)}
        told = (node.counts.companies, node.counts.targets)
        assert told == (len(doing), len(doing & {world.company.id})), node.segment.code
        assert panel(node.segment.code, actor).counts == node.counts


def test_an_unknown_company_or_segment_is_not_there(client: Client, world: World) -> None:
    signed_in(client, world.scout)
    for path in ("/companies/nobody", "/chain/NOWHERE", "/companies/nobody/contacts/new"):
        assert client.get(path).status_code == 404


def test_a_merged_company_leads_on(client: Client, world: World, session: Any) -> None:
    old, new = world.companies[1], world.companies[0]
    old.merged_into_id = new.id
    session.commit()
    response = signed_in(client, world.scout).get(f"/companies/{old.public_id}")
    assert response.location.endswith(new.public_id)
    items = client.get("/companies/suggest?q=讯飞智元").json["items"]
    assert [item["id"] for item in items] == [new.public_id]


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "很" * 500}, "name"),
        ({"name": ""}, "name"),
        ({"name": "用友网络科技有限公司"}, "name"),
        ({"credit_code": "91350100M000100Y44"}, "credit_code"),
    ],
)
def test_wrong_values_stay_and_are_said(
    client: Client, world: World, change: dict[str, str], field: str
) -> None:
    signed_in(client, world.scout).get(f"/companies/{world.id}/edit")
    data = {"name": world.company.name, "short_name": "讯飞", **change}
    response = client.post(f"/companies/{world.id}/edit", data)
    assert response.status_code == 422
    assert f'data-testid="field-error" data-field="{field}"' in response.text
    assert 'value="讯飞"' in response.text


def test_a_company_is_changed(client: Client, world: World) -> None:
    signed_in(client, world.scout).get(f"/companies/{world.id}/edit")
    data = {
        "name": "新讯飞股份有限公司",
        "short_name": "新讯飞",
        "credit_code": "91350100m000100y43",
        "segments": ["FND-OS-DIST"],
    }
    assert client.post(f"/companies/{world.id}/edit", data).status_code == 302
    page = client.get(f"/companies/{world.id}").text
    assert "91350100M000100Y43" in page
    assert "/chain/FND-OS-DIST" in page
    assert "科大讯飞股份有限公司" in page


def test_a_contact_is_added_once(client: Client, world: World, session: Any) -> None:
    signed_in(client, world.other).get(f"/companies/{world.id}/contacts/new")
    data = {"name": "高雅", "title": "总监", "phone": "0573-8200 0000"}
    path = f"/companies/{world.id}/contacts"
    assert client.post(path, data).status_code == 302
    again = client.post(path, data)
    assert again.status_code == 422
    assert 'data-field="name"' in again.text
    wanted = sa.select(sa.func.count()).select_from(Contact).where(Contact.name == "高雅")
    assert session.scalar(wanted) == 1
    page = client.get(f"/companies/{world.id}").text
    assert "0573-8200 0000" in page
    assert PHONE not in page


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "周" * 65}, "name"),
        ({"phone": "打给我"}, "phone"),
        ({"email": "not-an-address"}, "email"),
        ({"wechat": "微信"}, "wechat"),
    ],
)
def test_a_wrong_contact_is_refused(
    client: Client, world: World, change: dict[str, str], field: str
) -> None:
    signed_in(client, world.scout).get(f"/companies/{world.id}/contacts/new")
    response = client.post(f"/companies/{world.id}/contacts", {"name": "高雅", **change})
    assert response.status_code == 422
    assert f'data-field="{field}"' in response.text


def test_another_teams_contact_can_not_be_opened(
    client: Client, world: World, session: Any
) -> None:
    contact = session.scalars(sa.select(Contact)).one()
    path = f"/companies/{world.id}/contacts/{contact.public_id}"
    signed_in(client, world.other)
    assert client.get(path).status_code == 404
    assert client.post(path, {"name": "别人"}).status_code == 404


def test_a_contact_is_changed(client: Client, world: World, session: Any) -> None:
    contact = session.scalars(sa.select(Contact)).one()
    path = f"/companies/{world.id}/contacts/{contact.public_id}"
    assert PHONE in signed_in(client, world.scout).get(path).text
    assert client.post(path, {"name": "周明", "decides": "y"}).status_code == 302
    assert "周明" in client.get(f"/companies/{world.id}").text


def test_htmx_gets_the_new_contact_as_a_choice(client: Client, world: World) -> None:
    signed_in(client, world.scout).get(f"/companies/{world.id}/contacts/new")
    path, headers = f"/companies/{world.id}/contacts", {"HX-Request": "true"}
    response = client.post(path, {"name": "高雅"}, headers=headers)
    assert response.status_code == 201
    assert 'name="contacts"' in response.text


def test_relations_are_added_and_taken_back(client: Client, world: World, session: Any) -> None:
    parent, child = world.companies[0].public_id, world.companies[1].public_id
    signed_in(client, world.scout).get(f"/companies/{parent}/relations")
    for wrong in ("1e999999", "nan", "101"):
        refused = client.post(
            f"/companies/{parent}/relations", {"other": child, "side": "child", "share": wrong}
        )
        assert (refused.status_code, 'data-field="share"' in refused.text) == (422, True), wrong
    data = {"other": child, "side": "child", "share": "51.5"}
    assert client.post(f"/companies/{parent}/relations", data).status_code == 302
    page = client.get(f"/companies/{parent}").text
    assert "51.5%" in page
    circle = client.post(f"/companies/{child}/relations", {"other": parent, "side": "child"})
    assert circle.status_code == 422
    itself = client.post(f"/companies/{child}/relations", {"other": child, "side": "child"})
    assert itself.status_code == 422
    relation = session.scalars(sa.select(CompanyRelation)).one()
    path = f"/relations/{relation.id}/removals"
    other = world.companies[2].public_id
    assert client.post(f"/companies/{other}{path}").status_code == 404
    assert client.post(f"/companies/{parent}{path}").status_code == 302
    page = client.get(f"/companies/{parent}").text
    assert "51.5%" not in page
    undo = re.findall(r'action="(/companies/\w+/relations/restorations[^"]+)"', page)
    assert client.post(undo[-1].replace("&amp;", "&").replace(parent, other)).status_code == 404
    assert client.post(f"/companies/{parent}/relations/restorations?was=forged").status_code == 422
    assert client.post(undo[-1].replace("&amp;", "&")).status_code == 302
    assert "51.5%" in client.get(f"/companies/{parent}").text


def test_who_only_reads_changes_nothing(client: Client, world: World) -> None:
    signed_in(client, world.admin)
    assert client.get(f"/companies/{world.id}").status_code == 200
    for path in ("edit", "relations", "names", "contacts"):
        response = client.post(f"/companies/{world.id}/{path}", {"name": "别人"})
        assert response.status_code == 403


def test_pages_follow_one_another(client: Client, world: World, session: Any) -> None:
    news = [service.NewCompany(f"星尘{n}号软件有限公司") for n in range(60)]
    service.create_companies(news, clock.now())
    session.commit()
    page = signed_in(client, world.scout).get("/companies").text
    assert 'data-value="63"' in page
    more = re.search(r'class="more"><a class="btn" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(more).text.count("data-key-row") == 13


def test_a_year_is_written_down_and_stands_on_company_and_lead(
    client: Client, world: World
) -> None:
    signed_in(client, world.scout)
    page = f"/companies/{world.id}/figures"
    assert client.get(f"{page}/new").status_code == 200
    for wrong, word in (
        ({"year": "2031", "revenue_cny": "1"}, "之间的年份"),
        ({"year": "2024"}, "至少填一项"),
        ({"year": "2024", "employees": "-5"}, "不能小于 0"),
        ({"year": "2024", "revenue_cny": "很多"}, "万元"),
        ({"year": "2024", "employees": "5", "source": "x"}, "没有这个来源"),
    ):
        refused = client.post(page, data={"source": "company", **wrong})
        assert refused.status_code == 422, wrong
        assert word in refused.text, wrong
    for sent in (
        {"year": "2023", "revenue_cny": "230000", "employees": "1500", "source": "published"},
        {"year": "2024", "revenue_cny": "280000", "employees": "", "source": "company"},
        {"year": "2024", "revenue_cny": "281000", "employees": "", "source": "published"},
    ):
        assert client.post(page, data=sent).status_code == 302
    company = client.get(f"/companies/{world.id}")
    assert statements(company) <= MOST_STATEMENTS
    for said in ("28.1亿元", "23亿元", "1,500 人"):
        assert said in company.text
    assert "28亿元" not in company.text
    lead = client.get(f"/leads/{world.lead.public_id}").text
    assert "28.1亿元" in lead
    assert "1,500 人" in lead
    assert "23亿元" not in lead
    signed_in(client, world.admin)
    assert 'id="figures"' not in client.get(f"/companies/{world.id}").text
