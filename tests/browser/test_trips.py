"""A trip by finger, by keyboard and by mouse: planned, put in order, and a visit away."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from crm import clock
from crm.companies.service import create_company
from models.enums import MatchState
from models.place import Place
from models.target import ListEdition, ListEntry, TargetList
from tests.browser.conftest import answered, drag
from tests.people import People

# Pages act alike on both engines; visits/trips asks each.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

NAMES = ("甲一软件", "乙二软件", "丙三软件")


def _targets(session: Any) -> None:
    """Three companies of Chengdu on a list that the city wants."""
    wanted = sa.select(TargetList.id).where(TargetList.wanted).limit(1)
    edition = ListEdition(list_id=session.scalar(wanted), year=2018)
    session.add(edition)
    session.flush()
    for rank, name in enumerate(NAMES, start=1):
        company = create_company(f"{name}有限公司", now=clock.now())
        company.place_id = session.scalar(sa.select(Place.id).where(Place.code == "chengdu"))
        session.add(
            ListEntry(
                edition_id=edition.id,
                row_key=name,
                name=name,
                raw={},
                rank=rank,
                match_state=MatchState.NEW,
                company_id=company.id,
            )
        )
    session.commit()


def test_a_trip_by_finger_keyboard_and_mouse(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    _targets(session)
    today = clock.today()
    page = open_as(scout.email, phone=True)
    page.goto("/trips")
    page.get_by_role("link", name="新的出差").first.tap()
    page.get_by_label("去哪个城市").select_option(label="成都市")
    page.get_by_label("哪天出发").fill(today.isoformat())
    page.get_by_label("哪天回来").fill((today + timedelta(days=1)).isoformat())
    page.get_by_label("去做什么").fill("拜访基础软件企业")
    page.get_by_role("button", name="建好行程").tap()
    page.wait_for_url(re.compile(r"/trips/\w{12}$"))
    stops = page.locator(".trip-name b")
    for n, name in enumerate(NAMES, start=1):
        page.get_by_role("button", name=f"加进来 {name}").tap()
        expect(stops).to_have_count(n)
    page.get_by_role("button", name="下移甲一软件").tap()
    expect(stops).to_have_text(["乙二软件", "甲一软件", "丙三软件"])
    page.get_by_role("button", name="下移丙三软件").press("Enter")
    expect(page.locator("[data-trip-day]").last.locator("b")).to_have_text(["丙三软件"])
    page.get_by_role("link", name="改日期和备注 丙三软件").tap()
    page.get_by_label("备注").fill("下午两点，高新区")
    page.get_by_role("button", name="保存").tap()
    expect(page.get_by_text("下午两点，高新区")).to_be_visible()
    address = page.url
    page.get_by_role("link", name="记走访 乙二软件").tap()
    expect(page.locator(".visit-company h2")).to_contain_text("乙二软件")

    desk = open_as(scout.email)
    desk.goto(address)
    # Between two of another day; then onto the day that was left without any.
    _drag(desk, "丙三软件", desk.locator(".trip-stop", has_text="甲一软件"))
    _stands(desk, [["乙二软件", "丙三软件", "甲一软件"], []])
    _drag(desk, "乙二软件", desk.get_by_text("这一天还没有排。"))
    _stands(desk, [["丙三软件", "甲一软件"], ["乙二软件"]])
    desk.reload()
    _stands(desk, [["丙三软件", "甲一软件"], ["乙二软件"]])


def _drag(page: Page, name: str, onto: Locator) -> None:
    """Take a stop by its grip to the upper half of something, and let go once its hole is there."""
    expect(page.locator("[data-sorts]:not([aria-busy])")).to_be_attached()
    grip = page.locator(".trip-stop", has_text=name).locator(".trip-grip")
    drag(page, grip, onto, ".trip-hole")
    with answered(page, "/place"):
        page.mouse.up()
    expect(page.locator("[data-trip]:not([aria-busy])")).to_be_attached()


def _stands(page: Page, days: list[list[str]]) -> None:
    for n, names in enumerate(days):
        day = page.locator("[data-trip-day]").nth(n)
        expect(day.locator(".trip-name b")).to_have_text(names)
