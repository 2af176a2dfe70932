"""Makes the pictures in docs/screenshots/: the demo on one morning, phone and desk, zh and en."""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

import flask_migrate
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "screenshots"
MORNING = "2026-12-03T09:00:00+08:00"
PASSWORD = "jiaxing-demo-2026"
SIZES = {"390": (390, 844), "1440": (1440, 900)}

# A leading company in a meeting: some facts are known, others are still to be asked.
INCENTIVES = (
    "/incentives?given=1&is_attracted=yes&is_leading_company=yes&agreed_investment_cny=20000"
    "&project-subsidy__proposed_amount_cny=3200&is_software_company=yes&growth_stage=growth"
    "&cert=CMMI&cert_level=5&best_prior_level__none=y&first_pass=yes&paid_known=y"
)
# What is shown, as whom, in which languages besides Chinese, and in the dark.
SHOTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("signin", "", "/login", ()),
    ("today", "scout.beijing", "/today", ("en", "dark")),
    ("board", "manager", "/board", ("dark",)),
    ("overview", "manager", "/overview", ("en", "dark")),
    ("landing-forecast", "manager", "/overview/forecast", ("en", "dark")),
    ("landing-goals", "manager", "/landing-goals", ()),
    ("list", "manager", "/leads", ()),
    ("palette", "scout.beijing", "/board#palette=智能", ("en", "dark")),
    ("lead", "scout.beijing", "lead", ("en", "dark")),
    ("offer", "manager", "offer", ("en",)),
    ("offer-new", "scout.beijing", "offer-new", ()),
    ("visit", "scout.beijing", "visit", ()),
    ("calendar", "scout.beijing", "/calendar", ("en", "dark")),
    ("calendar-month", "lead.beijing", "/calendar?look=month&scope=team", ()),
    ("trips", "lead.beijing", "/trips", ()),
    ("trip", "scout.beijing", "trip", ("en", "dark")),
    ("trip-report", "scout.beijing", "trip-report", ()),
    ("events", "manager", "/events", ()),
    ("event", "manager", "event", ("en", "dark")),
    ("referrals", "manager", "/referrals", ("en", "dark")),
    ("chain", "manager", "/chain?segment=IND-CTL", ("en", "dark")),
    ("targets", "manager", "/targets", ()),
    ("edition", "manager", "/targets/china-software-100/2018", ()),
    ("import", "manager", "import", ()),
    ("company", "scout.beijing", "company", ()),
    ("incentives", "scout.beijing", INCENTIVES, ("en", "dark")),
    ("notices", "scout.beijing", "/notices", ("en", "dark")),
    ("reminder-settings", "scout.beijing", "/notices/settings", ("en", "dark")),
    ("reminders", "scout.beijing", "/reminders", ()),
    ("forecast", "scout.beijing", "/reminders/forecast", ()),
    ("told", "scout.beijing", "told", ("en",)),
    ("reminder-rule", "admin", "/admin/reminder-rules/cadence_top", ("en", "dark")),
    ("queue", "scout.beijing", "queue", ("en", "dark")),
    ("account", "scout.beijing", "/account", ()),
    ("promises", "lead.beijing", "/promises", ("en", "dark")),
    ("trash", "scout.beijing", "/trash", ()),
    ("api", "scout.beijing", "/api/v1/docs", ()),
    ("outbox", "admin", "/admin/outbox", ()),
    ("runs", "admin", "/admin/runs", ()),
    ("digest", "admin", "digest", ()),
)


def main() -> int:
    """Load the demo, serve it, and take every picture."""
    os.environ.update(CRM_DEMO="1", CRM_NOW=MORNING)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = demo_app(Path(folder))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
        )
        OUT.mkdir(parents=True, exist_ok=True)
        wanted = sys.argv[1:]
        for name, login, path, more in SHOTS:
            if not wanted or name in wanted:
                take(browser, f"http://127.0.0.1:{server.server_port}", name, login, path, more)
        server.shutdown()
    return 0


def demo_app(folder: Path) -> Flask:
    """An application with the demo data and a queued digest."""
    from crm.config import Config  # noqa: PLC0415 (the clock is set before it is read)
    from crm.factory import create_app  # noqa: PLC0415

    app = create_app(
        Config(
            data_dir=folder,
            database_url=f"sqlite:///{folder / 'crm.db'}",
            secret_key="screenshots" * 4,
            demo=True,
            testing=True,
        )
    )
    with app.app_context():
        flask_migrate.upgrade()
    runner = app.test_cli_runner()
    for arguments in (
        ["demo", "load", "--seed", "7", "--at", MORNING],
        ["reminders", "plan", "--at", MORNING],
        ["reminders", "digest", "--at", MORNING],
    ):
        done = runner.invoke(args=arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return app


def take(
    browser: Browser, base: str, name: str, login: str, path: str, more: tuple[str, ...]
) -> None:
    """One page in each size, language and light that is asked for."""
    for size, (width, height) in SIZES.items():
        for kind in ("zh", *more):
            context = browser.new_context(
                base_url=base,
                viewport={"width": width, "height": height},
                device_scale_factor=2 if size == "390" else 1,
                has_touch=size == "390",
                color_scheme="dark" if kind == "dark" else "light",
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            if login:
                sign_in(page, f"{login}@demo.example")
            page.goto("/account" if login else "/login")
            if kind == "en":
                page.goto("/account?lang=en")
            open_page(page, path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=OUT / f"{name}-{size}-{kind}.png")
            context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """By the form, as everybody."""
    page.goto("/login")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)


def open_page(page: Page, path: str) -> None:
    """Go to an address, or to a page that has to be found first."""
    if path.startswith("/"):
        go(page, path)
    elif path == "queue":
        page.goto("/queue")
        page.evaluate("navigator.serviceWorker.ready")
        go(page, "/queue#refused")
        page.goto("/today")
        log_away(page, "对接智能交通试点，要一份路网数据说明。", met="reached")
        page.wait_for_url("**/queue")
    elif path in OPENERS:
        OPENERS[path](page)
    elif path == "offer":
        page.goto("/today")
        page.goto(page.locator(".today-decisions a").first.get_attribute("href") or "")
    elif path == "told":
        page.goto("/reminders")
        lead = page.locator("main td.name a[href^='/leads/']").first.get_attribute("href")
        page.goto(f"{lead}/reminders")
    elif path == "digest":
        page.goto("/admin/outbox")
        page.locator("main table a, main li a").first.click()
    else:
        page.goto("/leads?stage=negotiating")
        lead = page.locator("main table td.name a").first.get_attribute("href") or ""
        page.goto(lead)
        if path == "visit":
            page.locator("a[href*='/visits/new?lead=']:visible").first.click()
            page.wait_for_url("**/visits/new?*")
        elif path == "offer-new":
            page.goto(f"{lead}/offers/new")
        elif path == "company":
            company = page.locator("main a[href^='/companies/'], aside a[href^='/companies/']")
            page.goto(company.first.get_attribute("href") or "")


def go(page: Page, path: str) -> None:
    """Go to an address; ``#palette=…`` behind it is the palette over it with that text,
    ``#refused`` the queue with an entry that was set aside."""
    if path.endswith("#refused"):
        log_away(page, "想先租 3000 平方米做研发中心，担心人才公寓不够。", met=None)
        page.context.set_offline(False)
        wait_for_queue(page, "refused")
    page.goto(path)
    if "#palette" in path:
        open_palette(page, path.partition("=")[2])


def log_away(page: Page, summary: str, *, met: str | None) -> None:
    """Log a visit of the lead that is first in the form, without a signal."""
    page.goto("/visits/new")
    page.goto(page.locator("main a.chip[href*='lead=']").first.get_attribute("href") or "")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    if met:
        page.locator(f"#contacts label:has([name={met}])").click()
    page.fill("[name=summary]", summary)
    page.locator("main form.visit [type=submit]").click()
    wait_for_queue(page, "waiting")


def wait_for_queue(page: Page, state: str) -> None:
    """Wait until the phone has counted an entry of that state."""
    page.wait_for_function(
        """(state) => Object.entries(localStorage).some(
          ([key, counted]) => key.startsWith("queue:") && JSON.parse(counted)[state] > 0)""",
        arg=state,
    )


def open_palette(page: Page, text: str) -> None:
    """The search over whatever is open, with its answer."""
    with page.expect_response(lambda answer: answer.url.endswith("/search/suggest?q=")):
        page.keyboard.press("Control+k")
    if text:
        with page.expect_response(lambda answer: f"q={quote(text)}" in answer.url):
            page.keyboard.type(text)
    page.wait_for_selector("dialog [role=option][aria-selected=true]")


def open_trip(page: Page) -> None:
    """The trip that is under way."""
    page.goto("/trips?state=under_way")
    page.goto(page.locator("td.name a").first.get_attribute("href") or "")


def open_trip_report(page: Page) -> None:
    """The report of the last one that is over."""
    page.goto("/trips?state=over")
    page.goto(f"{page.locator('td.name a').first.get_attribute('href')}/report")


def open_event(page: Page) -> None:
    """The last event that is over, with who came and the leads that came of it."""
    page.goto("/events?status=over")
    page.goto(page.locator("td.name a").first.get_attribute("href") or "")


def open_import(page: Page) -> None:
    """The internet list once more, for another year, with two cells spoilt."""
    rows = list(
        csv.reader(
            io.StringIO(
                (ROOT / "crm/data/lists/china-internet-100-2019.csv").read_text("utf-8-sig")
            )
        )
    )
    rows[78][0], rows[88][1] = "七十八", ""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    page.goto("/targets/import")
    page.select_option("select[name=list]", "china-internet-100")
    page.fill("input[name=year]", "2020")
    page.set_input_files(
        "input[name=file]",
        {
            "name": "互联网百强-2020.csv",
            "mimeType": "text/csv",
            "buffer": text.getvalue().encode("utf-8-sig"),
        },
    )
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/targets/import/*")


OPENERS = {
    "import": open_import,
    "trip": open_trip,
    "trip-report": open_trip_report,
    "event": open_event,
}


if __name__ == "__main__":
    sys.exit(main())
