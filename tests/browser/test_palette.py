"""The palette: opened from anywhere by key, walked by arrows, left to input methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.company import Company
from tests.browser.conftest import answered
from tests.leads.making import a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

ANSWER = "/search/suggest"


def test_find_jump_and_come_back(
    open_as: Callable[..., Page], people: People, session: Any
) -> None:
    scout = people.scout()
    a_lead(scout, "云知声智能科技股份有限公司")
    lead = a_lead(scout, "科大讯飞股份有限公司")
    company = session.get_one(Company, lead.company_id).public_id
    public_id, email = lead.public_id, scout.email
    page = open_as(email)
    page.goto("/visits/new")
    page.get_by_label("谈了什么，对方要什么").focus()
    field = page.get_by_role("combobox", name="搜索")

    with answered(page, ANSWER):
        page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_label("谈了什么，对方要什么")).to_be_focused()

    # By initials, an arrow down to the second group and up again, and into the company.
    page.keyboard.press("Control+k")
    page.keyboard.type("kdxf")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("科大讯飞")
    expect(page.locator("dialog [role=status]")).to_have_text("找到 2 条")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_attribute("href", f"/leads/{public_id}")
    expect(field).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "?")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/companies/{company}")

    # An action by its English name; Enter does not wait for the answer, the answer is waited for.
    page.keyboard.press("/")
    expect(page.locator("dialog")).to_contain_text("登记线索")
    page.keyboard.type("board")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")

    # What was opened last stands there before anything is typed, until one signs out.
    page.keyboard.press("Control+k")
    expect(page.get_by_role("group", name="最近打开")).to_contain_text("科大讯飞")
    page.keyboard.type("不存在的企业")
    expect(page.locator("dialog")).to_contain_text("没有找到")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/new?company=*")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login*")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('recent'))") == []


def test_an_old_answer_and_an_input_method(
    open_as: Callable[..., Page], people: People, session: Any
) -> None:
    scout = people.scout()
    a_lead(scout, "科大讯飞股份有限公司")
    a_lead(scout, "用友网络科技股份有限公司")
    email = scout.email
    page = open_as(email, phone=True)
    page.clock.install()
    page.goto("/leads")
    held: list[Any] = []

    def hold(route: Any) -> None:
        if "kdxf" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route(f"**{ANSWER}*", hold)
    page.get_by_role("link", name="搜索").click()
    field = page.get_by_role("combobox", name="搜索")
    with page.expect_request(lambda request: "q=kdxf" in request.url):
        field.fill("kdxf")
    with answered(page, "q=yywl"):
        field.fill("yywl")
    for route in held:
        route.continue_()
    expect(page.locator("[role=option]").first).to_contain_text("用友")
    # Back to what was answered last: what was asked in between comes too late as well.
    held.clear()
    with page.expect_request(lambda request: "q=kdxf" in request.url):
        field.fill("kdxf")
    field.fill("yywl")
    page.clock.run_for(5_000)
    for route in held:
        route.continue_()
    expect(page.locator("[role=option]").first).to_contain_text("用友")
    # While characters are composed nothing is asked for, and Enter belongs to the input method.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field.evaluate(
        """field => {
            field.value = 'ke da';
            field.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));
            field.dispatchEvent(new KeyboardEvent('keydown',
                {key: 'ArrowDown', bubbles: true, isComposing: true}));
        }"""
    )
    page.clock.run_for(5_000)
    expect(page.locator("[role=option]").first).to_have_attribute("aria-selected", "true")
    with answered(page, ANSWER):
        field.evaluate(
            """field => {
                field.value = '科大';
                field.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}));
            }"""
        )
        page.clock.run_for(5_000)
    first = page.locator("[role=option]").first
    expect(first).to_contain_text("科大讯飞")
    assert len([url for url in asked if ANSWER in url]) == 1
    first.tap()
    page.wait_for_url("**/companies/*")
