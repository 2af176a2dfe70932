"""What the board is filtered by: each condition finds its leads, is shown, and comes off."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from crm.access import Scope
from crm.amounts import AmountSpan, read_amounts
from crm.leads.board import Heading, headings
from crm.leads.counting import SUMS, Wanted, count, count_each
from crm.leads.edits import edit_lead
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit
from crm.leads.lanes import Group
from models import db
from models.company import Company
from models.enums import MatchState
from models.target import ListEdition, ListEntry, TargetList
from tests.clients import Client
from tests.leads.making import NOW, PLANS, TODAY, a_lead, actor_of
from tests.people import People
from tests.views.counting import statements

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's clock stands at the makers' moment."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", NOW.isoformat())


def total(client: Client, query: str) -> int:
    found = re.search(
        r'result-total" data-value="(\d+)"', client.get(f"/board?{query}").get_data(as_text=True)
    )
    assert found
    return int(found[1])


def test_each_condition_finds_its_leads(client: Client, people: People) -> None:
    scout, other = people.scout(), people.scout()
    known = LeadEdit(
        planned_investment_cny=50_000_000,
        expected_signing_on=date(2026, 12, 20),
        expected_landing_on=date(2027, 3, 1),
    )
    lead = a_lead(scout, "有数软件有限公司", channel="association")
    edit_lead(lead.public_id, known, actor_of(scout), NOW)
    db.session.get_one(Company, lead.company_id).rewarded = True
    db.session.commit()
    a_lead(other, "没数软件有限公司")
    client.sign_in(scout.email)
    for query, n in {
        "scope=team": 2,
        "scope=team&channel=association": 1,
        "scope=team&tier=rewarded": 1,
        "scope=team&tier=other": 0,
        "scope=team&tier=none": 2,
        f"scope=team&owner={other.public_id}": 1,
        "scope=team&signing=2026-12-01..2026-12-31": 1,
        "scope=team&signing_from=2026-12-21&signing_to=": 0,
        "scope=team&landing_from=&landing_to=2027-03-01": 1,
        "scope=team&amount=50000000..50000000": 1,
        "scope=team&amount_from=5000&amount_to=": 1,
        "scope=team&amount_from=&amount_to=4999": 0,
    }.items():
        assert total(client, query) == n, query


def test_what_is_folded_stands_as_a_chip_and_comes_off(client: Client, people: People) -> None:
    manager = people.manager()
    a_lead(people.scout())
    asked = (
        "scope=city&channel=association&tier=rewarded&signing=2026-12-01..&amount_from=100"
        f"&amount_to=5000&owner={manager.public_id}&segment=IND&list=china-software-100"
    )
    response = client.sign_in(manager.email).get(f"/board?{asked}")
    text = html.unescape(response.get_data(as_text=True))
    assert statements(response) <= 15
    for said in ("在奖励榜单上 ×", "预计签约 .+ 及以后 ×", "计划投资 100万元–5000万元 ×"):
        assert re.search(said, text), said
    assert 'name="amount_from" value="100"' in text
    without = re.search(r'href="([^"]+)"[^>]*>计划投资 100万元', text)
    assert without
    assert "amount" not in without[1]
    assert "signing=2026-12-01" in without[1]
    refused = client.get("/board?amount_from=a&signing=x&tier=best&channel=no")
    assert refused.get_data(as_text=True).count("没有按它筛选") == 4
    # What was typed stays in its field, on the board and in the list.
    for page in ("/board", "/leads"):
        text = client.get(f"{page}?amount_from=5千&amount_to=7&signing_from=x").text
        assert re.search('name="amount_from" value="5千"[^>]+aria-invalid="true"', text), page
        assert 'name="amount_to" value="7"' in text
        assert "“5千”没有按它筛选：只填数字，单位是万元。" in text
    assert "最高的金额比最低的还小" in client.get("/leads?amount_from=5&amount_to=3").text


def on_a_list(company_id: int) -> TargetList:
    """The company stands on a list, which has a shorter name; committed."""
    wanted = sa.select(TargetList).where(TargetList.card_zh.is_not(None)).order_by(TargetList.id)
    listed = db.session.scalars(wanted.limit(1)).one()
    edition = ListEdition(list_id=listed.id, year=2019)
    entry = {"row_key": "1", "name": "有榜软件有限公司", "raw": {}, "match_state": MatchState.NEW}
    db.session.add(edition)
    db.session.flush()
    db.session.add(ListEntry(edition_id=edition.id, company_id=company_id, **entry))
    db.session.commit()
    return listed


def test_a_list_has_a_shorter_name_on_a_card(client: Client, people: People) -> None:
    scout = people.scout()
    listed = on_a_list(a_lead(scout, "有榜软件有限公司").company_id)
    client.sign_in(scout.email)
    assert f'<span class="badge">{listed.card_zh}</span>' in client.get("/board").text
    assert f'<span class="badge">{listed.short_zh}</span>' in client.get("/leads").text


def test_all_but_a_few_are_counted_as_if_each_were(session: Any, people: People) -> None:
    scout, manager = people.scout(), people.manager()
    listed, elsewhere = (a_lead(scout, f"{name}软件有限公司", more=PLANS) for name in "有他")
    a_lead(people.scout(), "无软件有限公司", more=PLANS)
    # One's own, though of another team.
    elsewhere.team_id = a_lead(people.scout("chengdu"), "远软件有限公司").team_id
    on_a_list(listed.company_id)
    for user, n in ((scout, 2), (manager, 3)):
        asked = (actor := actor_of(user)), LeadFilter(tier="none"), TODAY
        each = count_each(actor, {"": Wanted(asked[1], tuple(SUMS))}, TODAY)[""]
        assert count(*asked) == each
        assert each.n == n
    for asked, n in ((LeadFilter(tier="none"), 3), (LeadFilter(expansion="no"), 4)):
        by_stage, by_district = (
            headings(actor_of(manager), replace(asked, scope=Scope.CITY), TODAY, group)[0].values()
            for group in (Group.STAGE, Group.DISTRICT)
        )
        assert sum_of(by_stage) == sum_of(by_district)
        assert sum_of(by_stage)[0] == n


def sum_of(heads: Iterable[Heading]) -> tuple[int, int, int]:
    """Of columns together."""
    each = [(head.n, head.investment_cny, head.stalled) for head in heads]
    n, investment, stalled = (sum(values) for values in zip(*each, strict=True))
    return n, investment, stalled


def test_amounts_are_written_as_they_are_read() -> None:
    for span in (AmountSpan(1), AmountSpan(None, 0), AmountSpan(5, 5), AmountSpan(0, 10**12)):
        assert read_amounts(str(span)) == span
    for text in ("", "..", "5", "9..1", "-1..", "1..2..3", "1e3..", "٣..", "1" * 14 + ".."):
        assert read_amounts(text) is None, text
