"""Without signal: what is written waits on the phone, is its writer's alone, and arrives once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from crm.leads.next_steps import open_next_step
from models.visit import Visit
from tests.browser import chromium
from tests.browser.conftest import PHONE
from tests.clients import PASSWORD
from tests.leads.making import a_lead
from tests.people import People

pytestmark = pytest.mark.browser

COUNT = "[data-testid=queue-count]"


class Phone:
    """A phone whose browser can be killed and opened again with all that it had stored."""

    def __init__(self, playwright: Playwright, folder: Path, base: str) -> None:
        self.playwright, self.folder, self.base = playwright, folder, base
        self.mishaps: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self.open()

    def open(self) -> None:
        """Start the browser on what it left behind."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=chromium.find(),
            args=list(chromium.ARGUMENTS),
            base_url=self.base,
            viewport=PHONE,  # type: ignore[arg-type]
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.context.set_default_timeout(10_000)
        self.page = self.another()

    def another(self) -> Page:
        """One more tab."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.mishaps.append(str(error)))
        return page

    def kill(self) -> None:
        """Close the browser, whatever it was doing."""
        self.context.close()

    def signal(self, *, there: bool) -> None:
        """Lose the signal, or find it again."""
        self.context.set_offline(not there)

    def sign_in(self, email: str) -> None:
        """By the form, and wait until the worker has what it wants to keep."""
        self.page.goto("/login")
        self.page.get_by_label("邮箱").fill(email)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def sign_out(self) -> None:
        """By the button of the account's page."""
        self.page.goto("/account")
        self.page.get_by_role("main").get_by_role("button", name="退出").click()
        self.page.wait_for_url("**/login**")

    def keeps(self, path: str) -> None:
        """Wait until a page is kept."""
        self.page.evaluate(
            """async (path) => {
              for (let tries = 0; tries < 200; tries += 1) {
                for (const name of await caches.keys()) {
                  const pages = name.startsWith("pages:") && (await caches.open(name));
                  if (pages && (await pages.match(path))) return;
                }
                await new Promise((resolve) => setTimeout(resolve, 50));
              }
              throw new Error(`no copy of ${path}`);
            }""",
            path,
        )

    def log(self, lead: str, summary: str, name: str = "周启明") -> None:
        """Fill the visit's form and save it."""
        self.page.goto(f"/visits/new?lead={lead}")
        self.page.get_by_label("姓名").fill(name)
        self.page.get_by_label("谈了什么，对方要什么").fill(summary)
        self.page.get_by_role("button", name="保存走访").tap()


@pytest.fixture
def engine_kind() -> str:
    """The phone knows nothing of the database; a repeated key is tested on both in tests/views."""
    return "sqlite"


@pytest.fixture
def phone(playwright: Playwright, served: str, tmp_path: Path, session: Any) -> Iterator[Phone]:
    """A phone; a script that fails on it fails the test."""
    session.rollback()
    opened = Phone(playwright, tmp_path / "profile", served)
    yield opened
    opened.kill()
    assert not opened.mishaps, opened.mishaps


def visits(session: Any) -> list[str]:
    """What was logged, by anybody."""
    session.rollback()
    found = list(session.scalars(sa.select(Visit.summary).order_by(Visit.id)))
    session.rollback()
    return found


def test_three_visits_survive_everything_and_arrive_once(
    phone: Phone, session: Any, people: People
) -> None:
    scout, other = people.scout(), people.scout()
    emails = (scout.email, other.email)
    lead = a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(emails[0])
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")

    phone.signal(there=False)
    for number in (1, 2, 3):
        phone.log(lead, f"第{number}次谈场地")
        phone.page.wait_for_url("**/queue")
        expect(phone.page.locator(COUNT)).to_have_text(str(number))
    expect(phone.page.get_by_text("没有网络")).to_be_visible()
    expect(phone.page.get_by_text("3 条存在本机，联网后自动发送，不会丢。")).to_be_visible()
    expect(phone.page.get_by_test_id("queue-entry")).to_have_count(3)
    assert visits(session) == []

    phone.kill()
    phone.open()
    phone.signal(there=False)
    phone.page.goto("/queue")
    expect(phone.page.get_by_text("第2次谈场地")).to_be_visible()
