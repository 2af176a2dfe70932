"""Without signal: what is written waits on the phone, is its writer's alone, and arrives once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from crm import clock
from crm.config import ROOT
from crm.leads.next_steps import open_next_step
from models.attachment import Attachment
from models.comment import Comment
from models.visit import Visit
from tests.browser import chromium
from tests.browser.conftest import PATIENCE, PHONE
from tests.clients import PASSWORD
from tests.leads.making import a_lead
from tests.people import People

# The phone knows nothing of the database; a repeated key is tested on both in tests/views.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

PHOTO = ROOT / "static" / "icons" / "icon-192.png"
COUNT = "[data-testid=queue-count]"


class Phone:
    """A phone whose browser can be killed and opened again with all that it had stored."""

    def __init__(self, playwright: Playwright, folder: Path, base: str) -> None:
        self.playwright, self.folder, self.base = playwright, folder, base
        self.mishaps: list[str] = []
        self.attached = 0
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
        self.context.set_default_timeout(PATIENCE)
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

    def readers(self) -> int:
        """Of how many people pages are kept."""
        names: list[str] = self.page.evaluate("caches.keys()")
        return len([name for name in names if name.startswith("pages:")])

    def spoil(self) -> None:
        """Leave the page a store that it can not open: a full one fails it in the same place."""
        self.page.evaluate(
            """() => new Promise((resolve, reject) => {
              const asked = indexedDB.open("crm", 99);
              asked.onsuccess = () => resolve(asked.result.close());
              asked.onerror = () => reject(asked.error);
            })"""
        )

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
        # Where the form takes photos, each visit brings one.
        if (photos := self.page.locator("form.visit input[type=file][name]")).count():
            photos.first.set_input_files(PHOTO)
            expect(self.page.locator("form.visit [aria-busy]")).to_have_count(0)
            self.attached += 1
        self.page.get_by_role("button", name="保存走访").tap()


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
    phone.page.goto(f"/visits/new?lead={lead}")
    expect(phone.page.get_by_text(re.compile(r"离线，\d\d:\d\d 的样子"))).to_be_visible()
    phone.page.goto("/queue")

    # There is a signal again, but the session is gone.
    phone.context.clear_cookies()
    phone.signal(there=True)
    expect(phone.page.get_by_text("3 条等着发送，请登录后再发。")).to_be_visible()

    phone.sign_in(emails[1])
    phone.page.goto("/queue")
    expect(phone.page.get_by_text("没有要发送的")).to_be_visible()
    expect(phone.page.locator(COUNT)).to_be_hidden()
    assert "谈场地" not in phone.page.content()
    phone.keeps("/today")
    assert phone.readers() == 1
    phone.sign_out()
    assert phone.readers() == 0
    assert visits(session) == []

    phone.sign_in(emails[0])
    expect(phone.page.locator(COUNT)).to_be_hidden()
    phone.page.goto("/queue")
    expect(phone.page.get_by_role("heading", name="今天已发送 3")).to_be_visible()
    assert visits(session) == ["第1次谈场地", "第2次谈场地", "第3次谈场地"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == phone.attached
    session.rollback()


def test_a_refused_entry_is_set_aside_and_two_tabs_send_once(
    phone: Phone, session: Any, people: People
) -> None:
    scout = people.scout()
    email, lead = scout.email, a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(email)
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")
    sent: list[str] = []
    phone.context.on("request", lambda asked: sent.append(f"{asked.method} {asked.url}"))

    phone.signal(there=False)
    phone.log(lead, "没写见了谁", name="")
    phone.page.wait_for_url("**/queue")
    phone.log(lead, "谈了人才公寓")
    phone.page.wait_for_url("**/queue")
    expect(phone.page.locator(COUNT)).to_have_text("2")
    second = phone.another()
    second.goto("/queue")
    expect(second.get_by_test_id("queue-entry")).to_have_count(2)
    phone.signal(there=True)
    for page in (phone.page, second):
        expect(page.locator(COUNT)).to_have_text("1")
    assert visits(session) == ["谈了人才公寓"]
    assert len([one for one in sent if one == f"POST {phone.base}/visits"]) == 2
    second.close()

    # Set aside with its reason and its text; signing out takes nothing away.
    phone.sign_out()
    phone.sign_in(email)
    phone.page.goto("/queue")
    expect(phone.page.get_by_text("点一下见了谁；没见到就点“没见到”。")).to_be_visible()
    expect(phone.page.get_by_text("没写见了谁")).to_be_visible()
    phone.page.get_by_role("link", name="修改").tap()
    expect(phone.page.get_by_label("谈了什么，对方要什么")).to_have_value("没写见了谁")
    expect(phone.page.locator("[data-testid=field-error][data-field=contacts]")).to_be_visible()
    phone.page.get_by_label("姓名").fill("高雅")
    phone.page.get_by_role("button", name="保存走访").tap()
    phone.page.wait_for_url(re.compile(rf"/leads/{lead}"))
    expect(phone.page.locator(COUNT)).to_be_hidden()
    assert visits(session) == ["谈了人才公寓", "没写见了谁"]


def test_a_wrong_clock_and_a_full_phone(
    phone: Phone, session: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is five hours earlier than the phone believes.
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", (clock.now() - timedelta(hours=5)).isoformat())
    scout = people.scout()
    email, lead = scout.email, a_lead(scout, "北京和利时").public_id
    session.commit()
    phone.sign_in(email)
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.keeps(f"/visits/new?lead={lead}")
    phone.keeps("/queue")
    phone.signal(there=False)
    phone.log(lead, "手机快了五个小时")
    phone.page.wait_for_url("**/queue")

    # A time that somebody typed stays what it is, and is refused with a sentence.
    phone.page.goto(f"/visits/new?lead={lead}")
    phone.page.get_by_text("时间和同去的人").tap()
    typed = (clock.now() + timedelta(hours=2)).astimezone(clock.SHANGHAI)
    phone.page.get_by_label("什么时候").fill(f"{typed:%Y-%m-%dT%H:%M}")
    phone.page.get_by_label("姓名").fill("高雅")
    phone.page.get_by_role("button", name="保存走访").tap()
    phone.page.wait_for_url("**/queue")
    phone.signal(there=True)
    expect(phone.page.get_by_text("这个时间还没有到。")).to_be_visible()
    session.rollback()
    moment = session.scalars(sa.select(Visit.occurred_at)).one()
    session.rollback()
    assert abs(moment - clock.now()) < timedelta(minutes=10)

    phone.page.goto(f"/visits/new?lead={lead}")
    phone.signal(there=False)
    phone.spoil()
    phone.page.get_by_label("谈了什么，对方要什么").fill("存不下的一条")
    phone.page.get_by_role("button", name="保存走访").tap()
    expect(phone.page.get_by_role("alert")).to_contain_text("手机存不下了，这一条没有存。")
    expect(phone.page.get_by_label("谈了什么，对方要什么")).to_have_value("存不下的一条")


def test_a_next_step_and_a_comment_without_signal(
    phone: Phone, session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "北京和利时")
    email, key = scout.email, lead.public_id
    path = f"/leads/{key}"
    session.commit()
    phone.sign_in(email)
    phone.page.goto(path)
    phone.keeps(path)
    phone.keeps("/next-steps/new")
    phone.keeps("/queue")
    phone.signal(there=False)
    # Its own form was never opened here: the plain one stands for it, with the lead chosen.
    phone.page.goto(f"{path}/next-steps/new")
    expect(phone.page.locator("[name=lead]")).to_have_value(key)
    phone.page.get_by_label("下一步", exact=True).fill("发场地方案")
    phone.page.locator("[data-date][data-for=next_step_on]").first.tap()
    phone.page.get_by_role("button", name="定下这一天").tap()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("发场地方案")).to_be_visible()
    # What is said to colleagues on the page that was read before waits beside it.
    phone.page.goto(path)
    form = phone.page.locator("form.comment-form")
    form.locator("textarea").fill("对方在等场地方案")
    form.locator("button[type=submit]").tap()
    phone.page.wait_for_url("**/queue")
    expect(phone.page.get_by_text("对方在等场地方案")).to_be_visible()
    phone.signal(there=True)
    expect(phone.page.get_by_role("heading", name="今天已发送 2")).to_be_visible()
    session.rollback()
    step = open_next_step(lead)
    assert step
    assert step.text == "发场地方案"
    said = session.scalars(sa.select(Comment.text).where(Comment.lead_id == lead.id)).all()
    assert said == ["对方在等场地方案"]
    session.rollback()


def test_it_can_be_installed(phone: Phone, session: Any, people: People) -> None:
    email = people.scout().email
    session.rollback()
    phone.sign_in(email)
    phone.keeps("/today")
    asked = phone.context.new_cdp_session(phone.page)
    manifest = asked.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/today"
    assert asked.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
