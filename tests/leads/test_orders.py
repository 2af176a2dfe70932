"""In which order the list of leads stands, page after page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from crm import paging
from crm.access import Actor, Scope
from crm.companies.service import edit_company
from crm.leads import listing
from crm.leads.counting import MANY
from crm.leads.filters import LeadFilter
from crm.leads.listing import leads_page
from crm.leads.orders import SORTS
from models.company import Company
from models.enums import Stage, Status
from models.user import User
from tests.clients import Client
from tests.leads.making import NOW, TODAY, a_lead, actor_of, some_leads
from tests.people import People
from tests.views.counting import statements

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def two_pages(once: Callable[..., Any], people: People) -> str:
    """A page of leads and two more; their scout's address."""

    def make() -> str:
        scout = people.scout()
        for number, lead in enumerate(some_leads(scout, 52, "排序第{}软件有限公司")):
            lead.planned_investment_cny = (number % 5) * 10_000 or None
            lead.next_step_on = date(2026, 12, 1 + number % 9) if number % 3 else None
        return scout.email

    email: str = once("two_pages", make)
    return email


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_pages_without_gaps(client: Client, two_pages: str, sort: str) -> None:
    client.sign_in(two_pages)
    response = client.get(f"/leads?sort={sort}")
    assert statements(response) <= 15
    first = response.get_data(as_text=True)
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    second = client.get(more[1].replace("&amp;", "&")).get_data(as_text=True)
    found = [re.findall(r'class="name"><a href="/leads/(\w+)"', text) for text in (first, second)]
    assert [len(names) for names in found] == [50, 2]
    assert len(set(found[0] + found[1])) == 52


def test_names_stages_and_owners_put_leads_in_order(
    session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeng, chen = people.scout(name="曾凡"), people.scout(name="陈思远")
    leads = {
        name: a_lead(owner, f"{name}软件有限公司", project=project)
        for name, owner, project in (
            *(("长城星云", zeng, ""), ("白云", chen, ""), ("招商银行", chen, "")),
            *(("SAP", zeng, ""), ("八方", chen, "")),
        )
    }
    leads["八方二期"] = a_lead(zeng, "八方软件有限公司", project="二期")
    for name, stage in (("白云", Stage.LANDED), ("SAP", Stage.ENGAGED), ("八方", Stage.ENGAGED)):
        leads[name].stage = stage
    session.commit()
    monkeypatch.setattr(listing, "PAGE", 1)
    wanted = {
        "company": ["八方", "八方二期", "白云", "长城星云", "SAP", "招商银行"],
        "stage": ["长城星云", "招商银行", "八方二期", "SAP", "八方", "白云"],
        "owner": ["白云", "招商银行", "八方", "长城星云", "SAP", "八方二期"],
    }
    for sort, names in wanted.items():
        for user in (zeng, people.manager()):
            asked, keys = (actor_of(user), LeadFilter(), sort), [leads[name].id for name in names]
            file = listing.every_lead(*asked, [], TODAY)
            assert [card.lead.id for card in file] == keys
            for n in (6, MANY + 1):
                assert _all_pages(*asked, n=n) == keys
    # Renamed, it stands elsewhere; who is named in a cursor and gone leads to the first page.
    company = session.get_one(Company, leads["招商银行"].company_id)
    kept = {"name": company.name, "credit_code": None, "place_id": None}
    edit_company(company, now=NOW, short_name="阿招", **kept)
    session.commit()
    assert _all_pages(actor_of(zeng), LeadFilter(), "company", n=6)[0] == leads["招商银行"].id
    gone = paging.encode((10**6, leads["白云"].id))
    assert leads_page(actor_of(zeng), LeadFilter(), "owner", gone, [], TODAY).lost


def _all_pages(actor: Actor, wanted: LeadFilter, sort: str, *, n: int) -> list[int]:
    cursor, found = None, []
    while not found or cursor:
        page = leads_page(actor, wanted, sort, cursor, [], TODAY, n=n)
        found += [card.lead.id for card in page.items]
        cursor = page.next
    return found


@pytest.fixture
def sixty(session: Any, once: Callable[..., Any], people: People) -> tuple[int, int]:
    """More leads than are put in order at once, some of them on hold; their scout and a manager."""

    def make() -> tuple[int, int]:
        scout = people.scout()
        for number, lead in enumerate(some_leads(scout, 60)):
            lead.updated_at = NOW - timedelta(minutes=number % 17)
            lead.stage_since = TODAY - timedelta(days=number % 4)
            if number % 3 == 0:
                lead.held_days = number % 5
            if number % 7 == 0:
                lead.status, lead.hold_until = Status.ON_HOLD, TODAY + timedelta(days=9)
                lead.held_since = TODAY - timedelta(days=number % 4)
        session.commit()
        return scout.id, people.manager().id

    scout, manager = once("sixty", make)
    return scout, manager


@pytest.mark.parametrize("sort", ["updated", "days", "company"])
def test_very_many_leads_come_in_the_same_order(
    session: Any, sixty: tuple[int, int], sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each page ends among leads of the same day.
    monkeypatch.setattr(listing, "PAGE", 9)
    scout, manager = (actor_of(session.get_one(User, key)) for key in sixty)
    for actor, scope in ((scout, Scope.TEAM), (scout, None), (manager, None)):
        asked = (actor, LeadFilter(scope), sort)
        pages = [_all_pages(*asked, n=n) for n in (60, MANY + 1)]
        assert pages[0] == pages[1]
        assert len(pages[0]) == 60
