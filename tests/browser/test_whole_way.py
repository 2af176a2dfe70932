"""A lead's whole way by two people: visited, offered, sent back, approved, signed, landed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from crm import clock
from models.attachment import Attachment, AttachmentKind
from models.enums import OfferState, Stage
from models.lead import Lead
from models.offer import Offer
from models.stage_change import StageChange
from tests.browser.conftest import answered
from tests.browser.test_thread import log_a_visit, refused_first_then_moved
from tests.files.making import PDF
from tests.landing.making import a_code
from tests.leads.making import TODAY, a_lead
from tests.people import People

# Pages act alike on both engines: test_thread.py goes its way on each.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def test_from_the_first_visit_to_people_at_work(
    open_as: Callable[..., Page], session: Any, people: People, tmp_path: Path
) -> None:
    scout, boss = people.scout(name="陈思远"), people.manager(name="钟文")
    lead = a_lead(scout, project="研发中心")
    address = f"/leads/{lead.public_id}"
    agreement = tmp_path / "投资协议.pdf"
    agreement.write_bytes(PDF)

    log_a_visit(open_as(scout.email, phone=True), address)
    page = open_as(scout.email)
    page.goto(address)
    refused_first_then_moved(page)
    manager = open_as(boss.email, phone=True)
    page.goto(address)
    page.get_by_role("link", name="提出测算").click()
    propose(page, "4000", "最多 3000万元，请改到上限以内。")
    propose(page, "1200")
    decide(manager, "不同意，退回", "比例偏高")
    page.goto(address)
    expect(page.locator("[data-testid=gate-missing][data-field=offer]")).to_contain_text("钟文")
    page.goto("/today")
    page.get_by_role("link", name="重新提出").click()
    expect(page.get_by_test_id("sent-back")).to_contain_text("比例偏高")
    expect(page.get_by_label("引进龙头企业和重大项目补助")).to_have_value("1200")
    propose(page, "860")
    keep_agreement(page, address, agreement)
    decide(manager, "批准", "")
    page.goto(address)
    expect(page.locator(".gate-list .met")).to_contain_text(
        ["签好的协议", "政策测算 860万元，钟文今天批准"]
    )

    sign(page)
    expect(page.get_by_text("已进入“签约”。")).to_be_visible()
    expect(page.get_by_role("link", name="投资协议.pdf").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="投资协议.pdf").first.click()
    assert download.value.suggested_filename == "投资协议.pdf"
    assert Path(download.value.path()).read_bytes() == PDF

    register_locally(page, address)
    land(page, address)
    expect(page.get_by_text("已进入“落地”。")).to_be_visible()

    session.expire_all()
    found = session.get_one(Lead, lead.id)
    assert (found.stage, found.signed_investment_cny) == (Stage.LANDED, 110_000_000)
    moves = session.scalars(sa.select(StageChange.to_stage).order_by(StageChange.seq)).all()
    assert moves == ["identified", "negotiating", "committed", "registered", "landed"]
    states = session.scalars(sa.select(Offer.state).order_by(Offer.version)).all()
    assert states == [OfferState.REFUSED, OfferState.APPROVED]
    assert session.scalar(sa.select(Attachment.kind)) is AttachmentKind.AGREEMENT
    session.rollback()


def propose(page: Page, amount: str, refused: str = "") -> None:
    """Fill in the subsidy in 万元 and send it; what is above the cap stays in its field."""
    field = page.get_by_label("引进龙头企业和重大项目补助")
    field.fill(amount)
    page.get_by_role("button", name="提交，等批准").click()
    if refused:
        expect(page.get_by_test_id("field-error")).to_contain_text(refused)
        expect(field).to_have_value(amount)
    else:
        expect(page.get_by_text("在等局领导批准。")).to_be_visible()


def decide(page: Page, button: str, reason: str) -> None:
    """From the day's page to the offer that waits, on a phone."""
    page.goto("/today")
    page.locator(".today-decisions a").first.tap()
    page.get_by_label("意见").fill(reason)
    page.get_by_role("button", name=button).tap()
    expect(page.get_by_role("button", name=button)).to_have_count(0)


def keep_agreement(page: Page, address: str, agreement: Path) -> None:
    """While the offer waits, what was signed is saved: amount and file, without moving.

    A refusal in the dialog keeps the chosen file.
    """
    page.goto(address)
    page.get_by_role("link", name="选日期").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("签好的协议").set_input_files(agreement)
    dialog.get_by_label("签约投资额").fill("11000")
    with answered(page, "/stage-changes"):
        dialog.get_by_role("button", name="保存并进入签约").click()
    expect(dialog.get_by_test_id("field-error")).to_have_attribute("data-field", "signed_on")
    dialog.get_by_role("button", name="先存下").click()
    expect(page.get_by_text("已存下，进入“签约”还差 2 项。")).to_be_visible()


def sign(page: Page) -> None:
    """In the dialog of the lead's page, what is still missing."""
    page.get_by_role("link", name="选日期").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("签约日期").fill(TODAY.isoformat())
    dialog.get_by_role("button", name="保存并进入签约").click()
    expect(dialog).to_have_count(0)


def register_locally(page: Page, address: str) -> None:
    """The local company: a code whose check digit is wrong is refused with the right one."""
    code = a_code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    page.goto(f"{address}/stage-changes/new?to_stage=registered")
    page.locator("#local_company").fill("嘉兴测试软件研发有限公司")
    page.locator("#credit_code").fill(wrong)
    page.locator("#registered_capital_cny").fill("2000")
    page.locator("#registered_on").fill(clock.today().isoformat())
    page.get_by_role("button", name="保存并进入注册").click()
    expect(page.locator("[data-testid=field-error][data-field=credit_code]")).to_be_visible()
    expect(page.locator("#registered_capital_cny")).to_have_value("2000")
    page.locator("#credit_code").fill(code)
    page.get_by_role("button", name="保存并进入注册").click()
    expect(page.get_by_text("已进入“注册”。")).to_be_visible()


def land(page: Page, address: str) -> None:
    """Where they sit, who works there, and since when."""
    page.goto(f"{address}/stage-changes/new?to_stage=landed")
    if not page.locator("#premises").input_value():
        page.locator("#premises").select_option(index=1)
    page.locator("#area_m2").fill("3000")
    page.locator("#lease_start").fill(clock.today().isoformat())
    page.locator("#employees").fill("20")
    page.locator("#landed_on").fill(clock.today().isoformat())
    page.get_by_role("button", name="保存并进入落地").click()
