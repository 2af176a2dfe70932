"""The visit's form on a phone: what a tap reveals, and a draft that outlives the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from models.contact import Contact, ContactRole
from models.enums import VisitMode
from models.visit import Visit
from tests.leads.making import a_lead, a_visit
from tests.people import People

pytestmark = pytest.mark.browser


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
    page.locator("[data-date][data-for=next_step_on]").last.tap()
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
    lead = a_lead(scout)
    a_visit(lead, scout)
    contact = session.scalars(sa.select(Contact)).one()

    session.add(ContactRole(contact_id=contact.id, company_id=lead.company_id))
    address, email = f"/visits/new?lead={lead.public_id}", scout.email
    session.commit()
    page = open_as(email, phone=True)
    page.goto(address)
    known, nobody = page.get_by_label("周启明"), page.get_by_label("没见到")
    page.get_by_text("周启明", exact=True).tap()
    expect(known).to_be_checked()
    page.get_by_text("没见到", exact=True).tap()
    expect(nobody).to_be_checked()
    expect(known).not_to_be_checked()
    page.get_by_text("+ 新的人").tap()
    expect(nobody).not_to_be_checked()
    expect(page.get_by_label("姓名")).to_be_visible()
