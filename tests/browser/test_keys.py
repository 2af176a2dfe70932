"""Single keys in a browser: rows, places, the sheet of keys, and all of them switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.leads.making import TODAY, a_lead
from tests.people import People

# Keys are the browser's matter: one engine is enough.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]


def test_keys_walk_open_and_can_be_switched_off(people: People, open_as: Open) -> None:
    scout = people.scout()
    for name in ("甲软件有限公司", "乙软件有限公司"):
        a_lead(scout, name, next_step="回电", next_step_on=TODAY)
    page = open_as(scout.email)
    page.goto("/today")
    for keys, path in (("gb", "/board"), ("gl", "/leads"), ("gt", "/today")):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(f"**{path}")
    # Down and up the rows, whatever else stands in them; Enter opens.
    titles = page.locator("[data-key-row] h2 a")
    page.keyboard.press("j")
    expect(titles.first).to_be_focused()
    page.keyboard.press("j")
    expect(titles.last).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*")
    # The sheet lists what works here; M opens the move, and nothing fires in a field.
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("保存正在改的一项")
    expect(sheet).not_to_contain_text("在卡片之间走")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_contain_text("进入“接洽”")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    field = page.get_by_role("dialog").get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.type("gbn")
    expect(field).to_have_value("gbn")
    page.keyboard.press("Escape")
    # Switched off they stay off, and the sheet can still be had to switch them on.
    page.get_by_role("button", name="快捷键").click()
    page.get_by_label("不用单键快捷键").check()
    page.keyboard.press("Escape")
    page.reload()
    here = page.url
    page.keyboard.press("n")
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == here
    page.get_by_role("button", name="快捷键").click()
    expect(page.get_by_label("不用单键快捷键")).to_be_checked()
    page.get_by_label("不用单键快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/leads/new")
