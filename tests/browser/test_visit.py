"""The visit's form on a phone: what a tap reveals, and a draft that outlives the page."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zlib import compress, crc32

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from crm import clock
from crm.working_days.queries import working_calendar
from models.attachment import Blob
from models.contact import Contact, ContactRole
from models.enums import VisitMode
from models.visit import Visit
from tests.browser.conftest import answered, picker
from tests.leads.making import a_lead, a_visit
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]


def test_a_draft_comes_back_whole_and_goes_when_it_was_saved(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    lead, email = a_lead(scout).public_id, scout.email
    session.commit()
    page = open_as(email, phone=True)
    address = f"/visits/new?lead={lead}"

    page.goto(address)
    expect(page.get_by_text("视频", exact=True)).to_be_hidden()
    page.get_by_text("电话微信").tap()
    page.get_by_text("视频", exact=True).tap()
    page.get_by_label("姓名").fill("周启明")
    page.get_by_label("谈了什么，对方要什么").fill("想先租 3000 平方米")
    page.get_by_label("下一步", exact=True).fill("发场地方案")
    page.locator("[data-date][data-for=next_step_on]:visible").last.tap()
    day = page.locator("#next_step_on").input_value()
    key = page.locator("[name=client_key]").input_value()
    expect(page.get_by_text(re.compile(r"草稿 \d\d:\d\d 已存"))).to_be_visible()

    page.goto("/today")
    page.goto(address)
    expect(page.get_by_label("谈了什么，对方要什么")).to_have_value("想先租 3000 平方米")
    expect(page.get_by_label("姓名")).to_have_value("周启明")
    expect(page.get_by_label("视频")).to_be_checked()
    expect(page.locator("#next_step_on")).to_have_value(day)
    expect(page.locator(f"[data-date='{day}']")).to_have_attribute("aria-pressed", "true")
    # Sent twice from two openings of the same draft, it would still be one visit.
    assert page.locator("[name=client_key]").input_value() == key

    page.get_by_role("button", name="保存走访").tap()
    page.wait_for_url(re.compile(rf"/leads/{lead}"))
    page.goto(address)
    expect(page.get_by_label("谈了什么，对方要什么")).to_have_value("")
    assert page.locator("[name=client_key]").input_value() != key
    assert session.scalars(sa.select(Visit.mode)).all() == [VisitMode.VIDEO]
    session.rollback()


def test_nobody_and_somebody_exclude_each_other(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "和利时软件有限公司")
    a_visit(lead, scout)
    contact = session.scalars(sa.select(Contact)).one()

    session.add(ContactRole(contact_id=contact.id, company_id=lead.company_id))
    address, email, name = f"/visits/new?lead={lead.public_id}", scout.email, "和利时软件"
    today = clock.today()
    workday = working_calendar(today, today + timedelta(days=30)).next_working_day(today)
    session.commit()
    page = open_as(email, phone=True)
    page.goto(address)
    known, nobody = page.get_by_label("周启明"), page.get_by_label("没见到")
    page.get_by_text("周启明", exact=True).tap()
    expect(known).to_be_checked()
    page.locator("#reached").tap()
    expect(nobody).to_be_checked()
    expect(known).not_to_be_checked()
    page.get_by_text("+ 新的人").tap()
    expect(nobody).not_to_be_checked()
    expect(page.get_by_label("姓名")).to_be_visible()
    # A company that is chosen in the form brings its people, and what was typed stays.
    page.goto("/visits/new")
    page.get_by_label("姓名").fill("李四")
    picker(page, "企业").fill(name)
    with answered(page, "new_name="):
        page.get_by_role("option", name=re.compile(name)).tap()
    expect(page.get_by_text("周启明", exact=True)).to_be_visible()
    expect(page.get_by_label("姓名")).to_have_value("李四")
    # What was typed before the right company was pressed goes along.
    page.get_by_label("谈了什么，对方要什么").fill("想先租 3000 平方米")
    page.locator(f"a.chip[href='{address}']").tap()
    page.wait_for_url(f"**{address}")
    expect(page.get_by_label("谈了什么，对方要什么")).to_have_value("想先租 3000 平方米")
    expect(page.get_by_label("姓名")).to_have_value("李四")
    # After a call that nobody answered one tap says when the next one is; it stands behind the
    # days that are always there.
    expect(page.locator("[data-date][data-for=next_step_on]").first).to_be_visible()
    page.locator(".visit-remote").tap()
    again = page.get_by_role("button", name=re.compile("再打"))
    expect(page.get_by_text("没接通", exact=True)).to_be_visible()
    expect(again).to_have_count(0)
    page.locator("#reached").tap()
    again.tap()
    expect(again).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("下一步", exact=True)).to_have_value("再打电话")
    expect(page.locator("#next_step_on")).to_have_value(workday.isoformat())
    page.get_by_role("button", name="保存联系").tap()
    expect(page.get_by_text("下一步“再打电话”定在")).to_be_visible()


class Taps:
    """Counts what a thumb does."""

    def __init__(self) -> None:
        self.n = 0

    def on(self, found: Locator) -> None:
        """One tap."""
        self.n += 1
        found.tap()


def test_from_today_six_taps_and_the_text(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout()
    lead = a_lead(scout, "和利时软件有限公司", next_step="答复", next_step_on=clock.today())
    a_visit(lead, scout)
    contact = session.scalars(sa.select(Contact)).one()
    session.add(ContactRole(contact_id=contact.id, company_id=lead.company_id))
    email, address, name = scout.email, lead.public_id, contact.name
    contact.phone = "010-62751234 转 8"
    session.commit()
    page, thumb = open_as(email, phone=True), Taps()
    page.goto("/today")
    # Whoever calls first logs the call: the way to the form knows.
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    page.locator("a[href='tel:01062751234,8']").tap()
    log = page.get_by_role("link", name="记通话")
    expect(log).to_have_attribute("href", f"/visits/new?lead={address}&mode=call")
    page.reload()
    thumb.on(page.locator(f"a[href='/visits/new?lead={address}']"))
    thumb.on(page.get_by_text(name, exact=True))
    thumb.on(page.get_by_label("谈了什么，对方要什么"))
    page.keyboard.type("想先租 3000 平方米")
    thumb.on(page.get_by_label("下一步", exact=True))
    page.keyboard.type("发场地方案")
    thumb.on(page.get_by_role("button", name=re.compile("下周")))
    thumb.on(page.get_by_role("button", name="保存走访"))
    page.wait_for_url(re.compile(rf"/leads/{address}"))
    assert thumb.n <= 6
    briefing = page.get_by_test_id("briefing")
    expect(briefing).to_contain_text("下一步：发场地方案")
    expect(briefing).to_contain_text("还差")
    # The reminder that it answered is gone from Today, by itself.
    page.goto("/today")
    expect(page.get_by_text("今天没有要先联系的").or_(page.get_by_text("都办完了"))).to_be_visible()


def picture(width: int, height: int) -> bytes:
    """A PNG that says where it was taken."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))

    rows = (b"\x00" + b"\x30\x60\x90" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"tEXt", b"GPS\x0030.7522N 120.7550E")
        + chunk(b"IDAT", compress(rows))
        + chunk(b"IEND", b"")
    )


def test_photos_are_made_small_kept_and_taken_out_again(
    open_as: Callable[..., Page], session: Any, people: People, app: Flask
) -> None:
    scout = people.scout()
    lead, email = a_lead(scout).public_id, scout.email
    session.commit()
    page = open_as(email, phone=True)
    page.goto(f"/visits/new?lead={lead}")
    page.get_by_text("照片和附件").tap()
    camera = page.locator("[data-photos-camera] input")
    expect(page.get_by_text("拍照")).to_be_visible()
    photos = page.locator("[data-photos-list] li")
    for number in (1, 2):
        file = {"name": f"{number}.png", "mimeType": "image/png", "buffer": picture(2400, 60)}
        camera.set_input_files(file)
        expect(photos).to_have_count(number)
    expect(page.get_by_text("2 份")).to_be_visible()
    page.get_by_label("去掉第 1 份").tap()
    expect(photos).to_have_count(1)
    # Refused for want of a person, and read anew: the photo is still there.
    page.get_by_role("button", name="保存走访").tap()
    expect(page.get_by_test_id("field-error").first).to_be_visible()
    expect(photos).to_have_count(1)
    page.locator("#reached").tap()
    page.get_by_role("button", name="保存走访").tap()
    page.wait_for_url(re.compile(rf"/leads/{lead}"))
    session.rollback()
    blob = session.scalars(sa.select(Blob)).one()
    assert blob.media_type == "image/jpeg"
    with app.extensions["crm.files"].open(blob.sha256) as file:
        content = file.read()
    assert b"GPS" not in content
    start = re.search(rb"\xff[\xc0\xc2]..\x08(..)(..)", content, re.DOTALL)
    assert start
    size = [int.from_bytes(part) for part in start.groups()]
    assert size == [40, 1600]
    page.goto(f"/visits/new?lead={lead}")
    expect(page.locator("[data-photos-list] li")).to_have_count(0)
