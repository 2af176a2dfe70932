"""One lead's way, as the Beijing team goes it: list, lead, visit on a phone, gate, digest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from crm import clock
from crm.working_days.queries import working_calendar
from models.lead import Lead
from models.stage_change import StageChange
from models.visit import Visit
from tests.browser.conftest import answered, picker
from tests.mail.fixtures import mail_server  # noqa: F401 (a fixture)
from tests.mail.servers import MailServer
from tests.people import People

LISTS = Path(__file__).resolve().parents[2] / "crm" / "data" / "lists"
COMPANY = "科大讯飞股份有限公司"

pytestmark = pytest.mark.browser


def test_from_the_list_to_the_digest(
    open_as: Callable[..., Page],
    session: Any,
    people: People,
    make_app: Callable[..., Flask],
    mail_server: MailServer,  # noqa: F811
) -> None:
    manager = people.manager(name="沈立军")
    scout = people.scout(name="陈思远")
    address = scout.email

    import_list(open_as(manager.email))
    lead_url = register(open_as(scout.email))

    phone = open_as(scout.email, phone=True)
    log_a_visit(phone, lead_url)
    assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    session.rollback()  # a transaction left open would keep the page's from writing

    page = open_as(scout.email)
    page.goto(lead_url)
    refused_first_then_moved(page)
    session.expire_all()
    lead = session.scalars(sa.select(Lead)).one()
    assert lead.stage == "negotiating"
    assert lead.planned_investment_cny == 50_000_000
    changes = session.scalars(sa.select(StageChange).order_by(StageChange.seq)).all()
    assert [change.to_stage for change in changes] == ["identified", "negotiating"]
    session.rollback()

    mail = digest_three_weeks_later(make_app, mail_server, address)
    said = mail.get_body(("plain",)).get_content()
    assert "科大讯飞" in said
    assert re.search(r"约好 \d+月\d+日 发场地方案，还没有做。", said)
    assert f"/leads/{lead_url.rsplit('/', 1)[-1]}" in said
    assert "5000万" not in said


def import_list(page: Page) -> None:
    """The manager brings in the software hundred: a preview first, nothing written before."""
    page.goto("/targets/import")
    page.get_by_label("榜单", exact=True).select_option("china-software-100")
    page.get_by_label("年份").or_(page.get_by_label("年度")).first.fill("2018")
    page.locator("input[type=file]").set_input_files(LISTS / "china-software-100-2018.csv")
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("还没有写入任何数据")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"导入 \d+ 行")).click()
    page.goto("/targets/china-software-100/2018")
    expect(page.get_by_test_id("result-total")).to_have_attribute("data-value", "100")


def register(page: Page) -> str:
    """The scout finds the company by two characters and registers a lead; its address."""
    page.goto("/leads/new")
    expect(page.locator(".ts-control").first).to_be_visible()
    box = picker(page, "企业")
    box.click()
    with answered(page, "/companies/suggest"):
        box.press_sequentially("讯飞")
    page.get_by_role("option", name=re.compile("科大讯飞")).click()
    page.get_by_label("产业链环节").select_option("EMG-AI")
    page.get_by_label("线索来源").select_option("resident")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_url(re.compile(r"/leads/[a-z0-9]{12}$"))
    expect(page.locator("[data-testid=gate-missing][data-field=touch]")).to_be_visible()
    return page.url


def log_a_visit(page: Page, lead_url: str) -> None:
    """On a phone, by touch: who was met, what was said, the next step; tapped twice."""
    page.goto(lead_url)
    page.locator("a[href*='/visits/new?lead=']:visible").first.tap()
    page.wait_for_url("**/visits/new?*")
    if not page.get_by_label("姓名").is_visible():
        page.get_by_text("+ 新的人").tap()
    page.get_by_label("姓名").fill("周启明")
    page.get_by_label("谈了什么，对方要什么").fill("想在长三角设研发中心，先租 3000 平方米。")
    page.locator("#next_step").fill("发场地方案")
    page.locator("[data-date][data-for=next_step_on]:visible").first.tap()
    page.get_by_role("button", name="保存走访").dblclick()
    page.wait_for_url(re.compile(r"/leads/[a-z0-9]{12}"))
    expect(page.get_by_text("想在长三角设研发中心").first).to_be_visible()


def refused_first_then_moved(page: Page) -> None:
    """Straight to negotiating is refused with everything that is missing; filled in, it moves."""
    page.goto(f"{page.url.split('?')[0]}/stage-changes/new?to_stage=negotiating")
    page.locator("main button[type=submit]").last.click()
    missing = page.locator("[data-testid=field-error]")
    expect(missing.first).to_be_visible()
    expect(page.locator("#planned_headcount-error")).to_have_text(re.compile("请填"))
    fields = {row.get_attribute("data-field") for row in missing.all()}
    assert {"planned_investment_cny", "planned_revenue_cny", "planned_headcount"} <= fields
    page.locator("#need").fill("要 3000 平方米研发场地")
    page.locator("#planned_investment_cny").fill("5000")
    page.locator("#planned_revenue_cny").fill("8000")
    page.locator("#planned_headcount").fill("120")
    if not page.locator("#district").input_value():
        page.locator("#district").select_option(index=1)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/leads/[a-z0-9]{12}$"))
    expect(page.get_by_text("进入“签约”还差")).to_be_visible()


def digest_three_weeks_later(make_app: Callable[..., Flask], server: MailServer, to: str) -> Any:
    """Plan, queue and send for a working day three weeks on, as the commands do; their one mail."""
    app = make_app(mail_url=server.url, base_url="http://crm.test")
    runner = app.test_cli_runner()
    with app.app_context():
        later = clock.today() + timedelta(days=21)
        calendar = working_calendar(later, later + timedelta(days=14))
        while not calendar.is_working_day(later):
            later += timedelta(days=1)
        at = f"{later.isoformat()}T08:00:00+08:00"
        for arguments in (["reminders", "plan"], ["reminders", "digest"], ["outbox", "send"]):
            for _twice in range(2):
                done = runner.invoke(args=[*arguments, "--at", at, "--json"])
                assert done.exit_code == 0, done.output
    # Three weeks without a touch are also the manager's to hear.
    (mail,) = [mail for mail in server.mails if mail["To"] == to]
    return mail
