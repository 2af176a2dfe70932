"""What was typed survives: an outside tap, a reload, a lost session; and is its writer's alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.enums import Status
from tests.clients import PASSWORD
from tests.leads.making import a_lead
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

Open = Callable[..., Page]
REASON = "对方董事会推迟到明年"


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("邮箱").fill(email)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def kept(page: Page) -> list[str]:
    """The names of the drafts in the browser."""
    names: list[str] = page.evaluate(
        "Object.keys(localStorage).filter(k => k.startsWith('draft:'))"
    )
    return names


def test_a_lost_session_loses_no_text(session: Any, people: People, open_as: Open) -> None:
    scout, other = people.scout(), people.scout()
    lead = a_lead(scout)
    path, emails = f"/leads/{lead.public_id}", (scout.email, other.email)
    page = open_as(emails[0])
    page.goto(path)
    hold = page.get_by_role("link", name="暂缓")
    reason = page.get_by_label("原因")

    # A tap beside the dialog closes it; what was typed is there again, and says so.
    hold.click()
    reason.fill(REASON)
    page.get_by_label("恢复跟进").fill("2099-03-01")
    page.mouse.click(5, 5)
    expect(page.locator("dialog")).to_have_count(0)
    page.reload()
    hold.click()
    expect(reason).to_have_value(REASON)
    expect(page.locator(".draft-found")).to_contain_text("已找回")

    # The session ends while the form stands open: sign in again, and one press saves.
    page.context.clear_cookies()
    page.get_by_role("button", name="改为暂缓").click()
    expect(page.get_by_text("您填的还在，登录后接着填。")).to_be_visible()
    sign_in(page, emails[0])
    expect(reason).to_have_value(REASON)
    page.get_by_role("button", name="改为暂缓").click()
    page.wait_for_url(f"**{path}")
    expect(page.get_by_text("已改为暂缓。")).to_be_visible()
    assert kept(page) == []
    session.rollback()
    session.expire_all()
    assert lead.status is Status.ON_HOLD
    session.rollback()

    # A form of a page: its draft is not shown to who signs in after its writer.
    page.goto(path)
    comment = page.get_by_label("评论", exact=True)
    comment.fill("先不要联系他们")
    page.reload()
    expect(comment).to_have_value("先不要联系他们")
    page.context.clear_cookies()
    page.get_by_role("button", name="评论").click()
    sign_in(page, emails[1])
    page.wait_for_url(f"**{path}**")
    expect(comment).to_have_value("")
    expect(page.locator(".draft-found")).to_have_count(0)
    page.context.clear_cookies()
    page.goto(path)
    sign_in(page, emails[0])
    expect(comment).to_have_value("先不要联系他们")
    page.get_by_role("button", name="丢弃").click()
    expect(comment).to_have_value("")
    assert kept(page) == []


def test_a_new_token_and_a_new_account_keep_what_was_typed(
    session: Any, people: People, open_as: Open
) -> None:
    admin = people.administrator()
    email = admin.email
    session.rollback()
    page = open_as(email)
    page.goto("/account/tokens/new")
    token = page.locator("#name")
    token.fill("月报脚本")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.context.clear_cookies()
    page.get_by_role("button", name="生成令牌").click()
    sign_in(page, email)
    expect(token).to_have_value("月报脚本")
    page.get_by_role("button", name="生成令牌").click()
    expect(page.get_by_test_id("token")).to_be_visible()
    assert kept(page) == []

    page.goto("/admin/users/new")
    page.get_by_label("姓名").fill("何立群")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.reload()
    expect(page.get_by_label("姓名")).to_have_value("何立群")
    page.get_by_label("邮箱").fill("heliqun@example.com")
    page.get_by_label("角色").select_option("manager")
    page.get_by_role("button", name="开通账号").click()
    expect(page.get_by_test_id("password")).to_be_visible()
    assert kept(page) == []


def test_what_is_typed_after_a_refusal_survives_a_reload(
    session: Any, people: People, open_as: Open
) -> None:
    scout = people.scout()
    path = f"/visits/new?lead={a_lead(scout).public_id}"
    page = open_as(scout.email, phone=True)
    page.goto(path)
    said = page.get_by_label("谈了什么，对方要什么")
    save = page.get_by_role("button", name="保存走访")
    address = re.compile(re.escape(path))
    refusal = page.locator("[data-error-summary]")
    save.click()
    expect(refusal).to_be_visible()
    # The page is seen before its script has run, and only then does a reload ask for the form.
    expect(page).to_have_url(address)
    said.fill(REASON)
    page.reload()
    expect(page).to_have_url(address)
    expect(said).to_have_value(REASON)
    # Refused again, it is still the same form.
    save.click()
    expect(refusal).to_be_visible()
    expect(page).to_have_url(address)
    page.reload()
    expect(said).to_have_value(REASON)
    expect(refusal).to_have_count(0)
