"""A phone: a browser with a store of its own, which loses its signal and is killed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from crm.config import ROOT
from tests.browser import chromium
from tests.browser.conftest import PATIENCE, PHONE
from tests.clients import PASSWORD

PHOTO = ROOT / "static" / "icons" / "icon-192.png"


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
              for (let tries = 0; tries < 600; tries += 1) {
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
