"""The list in a browser: many leads changed and put back, a view saved and opened by its link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from models.enums import Status
from models.lead import Lead
from tests.leads.making import a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]


def statuses(session: Any) -> list[Status]:
    session.rollback()
    found = list(session.scalars(sa.select(Lead.status).order_by(Lead.id)))
    session.rollback()
    return found


def test_leads_are_held_together_and_taken_back(
    open_as: Open, session: Any, people: People
) -> None:
    scout = people.scout()
    for _ in range(3):
        a_lead(scout)
    page = open_as(scout.email)
    page.goto("/leads")
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("已选 1 条")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.get_by_label("选中这一页").check()
    expect(bar).to_contain_text("已选 3 条")
    page.locator("[name=lead]").first.uncheck()
    # They are taken along without leaving the list, by keyboard; Esc closes the menu alone.
    menu = bar.locator("summary")
    menu.press("Enter")
    page.keyboard.press("Escape")
    expect(bar).to_contain_text("已选 2 条")
    menu.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_download() as file:
        page.keyboard.press("Enter")
    assert file.value.suggested_filename.endswith(".xlsx")
    expect(bar).to_contain_text("已选 2 条")
    bar.get_by_role("button", name="暂缓").click()
    page.get_by_label("暂缓到").fill("2031-03-01")
    page.get_by_label("原因").fill("等明年预算")
    page.get_by_role("button", name="看会改什么").click()
    expect(page.locator("[data-state=ready]")).to_have_count(2)
    assert statuses(session) == [Status.ACTIVE] * 3
    page.get_by_role("button", name="改 2 条", exact=True).click()
    expect(page.locator("[data-state=applied]")).to_have_count(2)
    assert statuses(session).count(Status.ON_HOLD) == 2
    page.keyboard.press("z")
    expect(page.locator("[data-state=undone]")).to_have_count(2)
    assert statuses(session) == [Status.ACTIVE] * 3


def test_a_view_is_saved_and_its_link_opens(open_as: Open, people: People) -> None:
    scout, mate = people.scout(), people.scout()
    a_lead(scout, "共看软件有限公司")
    page = open_as(scout.email)
    page.goto("/leads?scope=team")
    # Only what is asked for stands in the address that one sends on.
    page.get_by_label("全部区县").select_option(label="南湖区")
    page.wait_for_url("**place=**")
    assert "=&" not in f"{page.url}&"
    page.get_by_label("全部区县").select_option(index=0)
    expect(page.get_by_role("link", name="共看软件")).to_be_visible()
    page.get_by_role("link", name="列 10 / 25").click()
    page.get_by_label("负责人", exact=True).uncheck()
    page.get_by_label("小分队", exact=True).check()
    for _ in range(3):
        page.get_by_role("button", name="上移小分队").press("Enter")
    page.get_by_role("button", name="就看这些列").click()
    expect(page.locator("thead")).not_to_contain_text("负责人")
    page.get_by_role("link", name="存为视图").click()
    page.get_by_label("名字").fill("本队全部")
    page.get_by_text("本队", exact=True).last.click()
    page.get_by_role("button", name="保存视图").click()
    expect(page.locator(".viewtabs [aria-current]")).to_have_text("本队全部")
    other = open_as(mate.email)
    other.goto(page.url)
    expect(other.locator("thead")).to_contain_text("小分队")
    expect(other.get_by_role("link", name="共看软件")).to_be_visible()
