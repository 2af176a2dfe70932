"""Two people and the trash in a browser: a choice of both values; put away and brought back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.lead import Lead
from tests.leads.making import a_lead
from tests.people import People

# Pages act alike on both engines; views/test_trash.py and test_two_people.py ask each.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]


def test_a_lead_is_put_away_and_comes_back(open_as: Open, session: Any, people: People) -> None:
    scout = people.scout()
    lead = a_lead(scout, "放一放软件有限公司")
    key, path = lead.id, f"/leads/{lead.public_id}"
    page = open_as(scout.email)

    def put_away(why: str) -> None:
        page.goto(path)
        page.get_by_text("更多", exact=True).click()
        page.get_by_role("link", name="归档").click()
        page.get_by_label("原因").fill(why)
        page.get_by_role("button", name="归档").click()
        expect(page.locator(".toast")).to_contain_text("线索已归档")

    put_away("重复登记")
    expect(page.locator("main")).not_to_contain_text("放一放")
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile(f"{path}$"))
    expect(page.get_by_text("更多", exact=True)).to_be_visible()
    put_away("先放着")
    page.goto("/trash")
    row = page.get_by_test_id("trash-row")
    expect(row).to_contain_text("放一放")
    expect(row).to_contain_text("先放着")
    row.get_by_role("button", name="恢复").click()
    expect(page.locator(".toast")).to_contain_text("已恢复")
    expect(page.get_by_text("更多", exact=True)).to_be_visible()
    session.rollback()
    assert session.get_one(Lead, key).archived_at is None
    session.rollback()


def test_two_change_one_lead_and_the_second_chooses(open_as: Open, people: People) -> None:
    scout, mate = people.scout(name="何立群"), people.scout()
    path = f"/leads/{a_lead(scout).public_id}/edit"
    fast, slow = open_as(scout.email), open_as(mate.email)
    slow.goto(path)
    fast.goto(path)
    fast.get_by_label("计划总投资").fill("8000")
    fast.get_by_role("button", name="保存").click()
    expect(fast.locator(".toast")).to_contain_text("已保存")
    slow.get_by_label("计划总投资").fill("5000")
    slow.get_by_label("企业诉求").fill("要场地")
    slow.get_by_role("button", name="保存").click()
    conflict = slow.get_by_test_id("conflict")
    expect(conflict).to_contain_text("何立群")
    expect(conflict).to_contain_text("8000万元")
    expect(conflict).to_contain_text("5000万元")
    expect(slow.get_by_label("企业诉求")).to_have_value("要场地")
    # A reload loses neither what was typed nor that there is something to choose: once the script
    # has run, before which a reload would only send the form again.
    expect(slow.locator("form[data-draft-at]")).to_be_attached()
    slow.reload()
    expect(slow.get_by_label("计划总投资")).to_have_value("5000")
    slow.get_by_role("button", name="保存").click()
    expect(conflict).to_contain_text("8000万元")
    conflict.get_by_label("8000万元").check()
    conflict.get_by_role("button", name="按所选的保存").click()
    expect(slow.locator(".toast")).to_contain_text("已保存")
    slow.goto(path)
    expect(slow.get_by_label("计划总投资")).to_have_value("8000")
    expect(slow.get_by_label("企业诉求")).to_have_value("要场地")
