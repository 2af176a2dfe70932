"""A lead's facts changed where they stand, in a browser: keys, wrong input, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from models import db
from models.lead import Lead
from models.user import User
from tests.browser.conftest import answered
from tests.leads.making import NOW, a_lead, actor_of
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]


def fact(page: Page, name: str) -> Locator:
    return page.locator(f"[data-fact={name}]")


def press(page: Page, name: str) -> Locator:
    """Press the value; its field."""
    fact(page, name).get_by_role("link").first.click()
    field = fact(page, name).locator(f"[name={name}]")
    expect(field).to_be_focused()
    return field


def changed_meanwhile(lead: Lead, by: User, **facts: Any) -> None:
    edit_lead(lead.public_id, LeadEdit(**facts), actor_of(by), NOW)  # type: ignore[typeddict-item]
    db.session.commit()


def test_a_fact_is_changed_where_it_stands(session: Any, people: People, open_as: Open) -> None:
    scout, colleague = people.scout(), people.scout()
    lead = a_lead(scout, "天源迪科软件有限公司")
    path = f"/leads/{lead.public_id}"
    page = open_as(scout.email)
    page.goto(path)

    # What is wrong is said at the field and what was typed stays; Esc puts the value back.
    field = press(page, "planned_investment_cny")
    field.fill("-20")
    field.press("Enter")
    error = fact(page, "planned_investment_cny").get_by_test_id("field-error")
    expect(error).to_have_text("要大于 0，请重填。")
    expect(field).to_have_value("-20")
    expect(field).to_be_focused()
    field.press("Escape")
    value = fact(page, "planned_investment_cny").get_by_role("link")
    expect(value).to_contain_text("未填")
    expect(value).to_be_focused()

    # Tab saves and goes on; what follows from it comes anew, and Z takes it back.
    field = press(page, "planned_investment_cny")
    field.fill("5000")
    with answered(page, "/facts/planned_investment_cny"):
        field.press("Tab")
    expect(value).to_contain_text("5000万元")
    expect(page.locator("#fact-planned_revenue_cny")).to_be_focused()
    expect(page.locator("#timeline-entries")).to_contain_text("计划总投资：未填 → 5000万元")
    page.keyboard.press("z")
    expect(value).to_contain_text("未填")

    # Somebody else was faster: both values stand side by side, and the person chooses.
    field = press(page, "planned_headcount")
    changed_meanwhile(lead, colleague, planned_headcount=200)
    field.fill("300")
    field.press("Enter")
    conflict = page.get_by_test_id("conflict")
    expect(conflict.get_by_label("对方 200")).to_be_focused()
    expect(conflict.get_by_label("您 300")).to_be_checked()
    expect(field).to_have_value("300")
    conflict.get_by_label("对方 200").check()
    fact(page, "planned_headcount").get_by_role("button", name="按所选的保存").click()
    expect(fact(page, "planned_headcount").get_by_role("link")).to_contain_text("200 人")
    session.rollback()
    session.expire_all()
    assert (lead.planned_headcount, lead.planned_investment_cny) == (200, None)


def test_a_press_before_the_scripts_are_there_is_not_lost(people: People, open_as: Open) -> None:
    scout = people.scout()
    path = f"/leads/{a_lead(scout).public_id}"
    page = open_as(scout.email)
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/static/vendor/part-*.js", hold)
    with page.expect_request("**/static/vendor/part-*.js"):
        page.goto(path)
    fact(page, "need").get_by_role("link").first.click()
    expect(fact(page, "need").locator("form")).to_have_count(0)
    for route in late:
        route.continue_()
    expect(fact(page, "need").locator("[name=need]")).to_be_focused()
    assert page.url.endswith(path)


def test_an_at_brings_the_colleagues(people: People, open_as: Open) -> None:
    scout = people.scout()
    for make, name in ((people.scout, "周敏"), (people.team_lead, "吴佳")):
        make(name=name)
    path = f"/leads/{a_lead(scout).public_id}"
    page = open_as(scout.email)
    page.goto(path)
    text = page.locator("#comment-text")
    text.press_sequentially("请看 @周")
    choice = page.locator(".mention-choice label")
    expect(choice.filter(has_text="周敏")).to_be_visible()
    expect(choice.filter(has_text="吴佳")).to_be_hidden()
    text.press("Enter")
    expect(text).to_have_value("请看 @周敏 ")
    expect(choice.filter(has_text="周敏").locator("input")).to_be_checked()
    text.press_sequentially("和 @")
    choice.filter(has_text="吴佳").click()
    expect(text).to_have_value("请看 @周敏 和 @吴佳 ")
    expect(text).to_be_focused()
    page.get_by_role("button", name="评论").click()
    said = page.locator("#toasts")
    expect(said).to_contain_text("会提醒")
    for name in ("周敏", "吴佳"):
        expect(said).to_contain_text(name)
