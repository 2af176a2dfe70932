"""What is wrong is said where it was typed, before it is sent when the page can know it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import answered, picker
from tests.leads.making import a_lead
from tests.people import People

# What the page does is the same on both engines.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def test_a_hundred_megabytes_are_refused_at_their_field_and_never_sent(
    open_as: Callable[..., Page], people: People, tmp_path: Path
) -> None:
    page = open_as(people.manager().email)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/targets/import")
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    page.locator("input[type=file]").set_input_files(tmp_path / "huge.csv")
    error = page.locator("[data-testid=field-error][data-field=file]")
    expect(error).to_have_text("文件超过 20 MB。请分成几个小一些的文件。")
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("input[type=file]")).to_be_focused()
    assert "POST" not in sent
    rows = [f"{n},甲{n}软件有限公司" for n in range(1, 61)]
    (tmp_path / "list.csv").write_text("\n".join(["名次,企业名称", *rows, "很多,乙软件有限公司"]))
    page.locator("input[type=file]").set_input_files(tmp_path / "list.csv")
    expect(error).to_have_count(0)
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url("**/targets/import/*")
    # However far down, what is to be mended comes into sight beside its row.
    page.get_by_role("link", name="改 第 62 行").click()
    expect(page.locator("#row-62")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="改第 62 行")).to_be_in_viewport()


def test_who_holds_a_company_stays_in_sight_and_a_name_too_long_stays_typed(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    a_lead(people.scout("shanghai", name="吴佳"), "东软集团股份有限公司")
    page = open_as(people.scout().email)
    page.goto("/leads/new")
    box = picker(page, "企业")
    with answered(page, "/companies/suggest"):
        box.press_sequentially("东软")
    page.get_by_role("option").filter(has_text="东软集团").click()
    expect(page.locator("[data-holder]")).to_contain_text("吴佳")

    page.goto("/leads/new")
    box.fill("长" * 500)
    page.locator(".ts-dropdown .create").click()
    page.get_by_role("button", name="登记", exact=True).click()
    error = page.locator("[data-testid=field-error][data-field=company]")
    expect(error).to_contain_text("最多 200 个字")
    assert page.locator("#company").input_value() == "长" * 500


def test_whom_a_rule_would_remind_follows_what_is_typed(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    a_lead(people.scout(name="吴佳"), "东软集团股份有限公司")
    session.commit()
    page = open_as(people.administrator().email)
    page.goto("/admin/reminder-rules/cadence")
    days, preview = page.get_by_label("第 1 步的天数"), page.locator("#preview")
    expect(preview).to_contain_text("今天没有要提醒的。")
    with answered(page, "/previews"):
        days.fill("soon")
        days.press("Tab")
    expect(preview).to_contain_text("第 1 步的天数，只填数字。")
    with answered(page, "/previews"):
        days.fill("0")
        days.press("Tab")
    expect(preview).to_contain_text("多出 1 条。")
    expect(preview).to_contain_text("吴佳")
    assert page.url.endswith("/admin/reminder-rules/cadence")
