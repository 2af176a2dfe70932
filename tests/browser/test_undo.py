"""What was just done is taken back where one stands; what was typed for many leads is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.enums import Status
from tests.leads.making import a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]
REASON = "等集团年底批预算"


def test_a_loss_an_edit_and_the_draft_of_a_bulk_edit(
    session: Any, people: People, open_as: Open
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    path = f"/leads/{lead.public_id}"
    page = open_as(scout.email)

    page.goto(path)
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("link", name="流失").click()
    page.locator("dialog").get_by_label("原因").fill("去了别的城市")
    page.get_by_role("button", name="改为流失").click()
    expect(page.get_by_text("已改为流失。")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("已撤销。")).to_be_visible()
    expect(page.get_by_role("link", name="暂缓")).to_be_visible()

    page.goto(f"{path}/edit")
    page.get_by_label("企业诉求").fill("要两栋楼")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(f"**{path}")
    timeline = page.locator("#timeline-entries")
    timeline.get_by_role("button", name="撤销").click()
    expect(timeline.get_by_text("撤销修改")).to_be_visible()
    session.rollback()
    session.expire_all()
    assert (lead.status, lead.need) == (Status.ACTIVE, None)
    session.rollback()

    page.goto("/leads")
    page.locator("input[name=lead]").first.check()
    page.locator("[data-bulk]").get_by_role("button", name="暂缓").click()
    page.get_by_label("原因").fill(REASON)
    page.get_by_label("暂缓到").fill("2099-03-01")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.reload()
    expect(page.get_by_label("原因")).to_have_value(REASON)
    expect(page.locator(".draft-found")).to_contain_text("已找回")
