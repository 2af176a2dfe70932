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
    expect(page.locator("[data-error-summary]")).to_contain_text("还不能上传，有 1 处要改")
    assert "POST" not in sent
    rows = [f"{n},甲{n}软件有限公司" for n in range(1, 61)]
    (tmp_path / "中国软件百强_2018.csv").write_text(
        "\n".join(["名次,企业名称", *rows, "很多,乙软件有限公司"])
    )
    page.locator("input[type=file]").set_input_files(tmp_path / "中国软件百强_2018.csv")
    expect(error).to_have_count(0)
    expect(page.locator("[data-error-summary]")).to_have_count(0)
    # No list is chosen beforehand; the file's name says which one, and of which year.
    expect(page.get_by_label("榜单", exact=True)).to_have_value("china-software-100")
    expect(page.get_by_label("年份")).to_have_value("2018")
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url("**/targets/import/*")
    # However far down, what is to be mended comes into sight beside its row.
    page.get_by_role("link", name="改 第 62 行").click()
    expect(page.locator("#row-62")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="改第 62 行")).to_be_in_viewport()


def test_what_is_refused_of_a_file_covers_no_word_of_the_page(
    open_as: Callable[..., Page], session: Any, people: People, tmp_path: Path
) -> None:
    scout = people.scout()
    address = f"/leads/{a_lead(scout).public_id}/attachments/new"
    page = open_as(scout.email, phone=True)
    session.commit()
    page.goto(address)
    (tmp_path / "会议纪要.exe").write_bytes(b"MZ" * 64)
    page.locator("input[type=file]").set_input_files(tmp_path / "会议纪要.exe")
    page.get_by_role("button", name="上传").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    above, box = page.locator("h2 + p").bounding_box(), summary.bounding_box()
    assert above
    assert box
    ring = summary.evaluate("""el => {
        const style = getComputedStyle(el);
        return parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    }""")
    assert box["y"] - ring >= above["y"] + above["height"]


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


def test_what_a_dialog_refuses_is_said_in_it_and_never_by_the_browser(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    """A view without a name, a directive without a text, an empty comment: in the page's words."""
    lead = a_lead(people.scout(), "留在软件有限公司").public_id
    page = open_as(people.manager().email)
    page.goto("/leads?scope=city")
    page.evaluate("window.samePage = true")
    page.get_by_role("link", name="存为视图").click()
    dialog = page.get_by_role("dialog", name="存为视图")
    dialog.get_by_text("所有人").click()
    with answered(page, "/views"):
        dialog.get_by_role("button", name="保存视图").click()
    expect(dialog.locator("[data-testid=field-error][data-field=name]")).to_be_visible()
    expect(dialog.locator("[data-error-summary]")).to_be_focused()
    expect(dialog.locator("[name=visibility]:checked")).to_have_value("everyone")
    assert page.evaluate("window.samePage")
    dialog.get_by_label("名字").fill("要看的")
    dialog.get_by_role("button", name="保存视图").click()
    expect(page.get_by_text("已存为“要看的”。")).to_be_visible()

    page.goto(f"/leads/{lead}?lang=en")
    page.evaluate("window.samePage = true")
    page.get_by_role("button", name="Comment", exact=True).click()
    error = page.locator("[data-testid=field-error][data-field=text]")
    expect(error).to_have_text("Fill in “Comment”.")
    expect(page.locator("#comment-text")).to_be_focused()
    page.locator("#comment-text").fill("see")
    expect(error).to_have_count(0)
    page.locator(f"a[href='/leads/{lead}/directives/new']").click()
    dialog = page.get_by_role("dialog", name="Directive")
    with answered(page, "/directives"):
        dialog.get_by_role("button", name="Give directive").click()
    expect(dialog.locator("[data-testid=field-error][data-field=text]")).to_be_visible()
    assert page.evaluate("window.samePage")
    dialog.get_by_role("textbox").first.fill("Answer the question of the site")
    dialog.locator("[data-date]").last.click()
    dialog.get_by_role("button", name="Give directive").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_test_id("directive")).to_contain_text("Answer the question")


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


def test_what_is_pressed_twice_in_a_dialog_is_sent_once(
    open_as: Callable[..., Page], people: People
) -> None:
    scout = people.scout()
    path = f"/leads/{a_lead(scout).public_id}"
    page = open_as(scout.email)
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.goto(path)
    page.locator(f"[data-dialog='{path}/matters/new']").click()
    dialog = page.get_by_role("dialog")
    save = dialog.get_by_role("button", name="记下")
    # What was refused in its place may be sent again.
    twice = "button => { button.click(); button.click(); }"
    save.evaluate(twice)
    expect(dialog.locator("[data-testid=field-error]")).to_have_count(1)
    dialog.get_by_label("要协调什么").fill("请区里定场地")
    with page.expect_navigation():
        save.evaluate(twice)
    expect(page.get_by_test_id("matter")).to_have_count(1)
    assert len(sent) == 2
