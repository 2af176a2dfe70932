"""Messages copied out of WeChat become the form of a visit, on a phone, and then the visit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from crm import clock
from crm.companies.contacts import ContactInput, add_contact
from models.company import Company
from models.enums import TaskKind, TaskState, VisitMode
from models.task import Task
from models.visit import Visit
from tests.leads.making import a_lead, actor_of
from tests.people import People

# What is read out of a text is tested on both engines; here it is seen and saved.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

# A call or message is called a contact, and the button says which it is.
SAVE = re.compile("^保存(走访|联系)$")


def _next_week(weekday: int) -> date:
    today = clock.today()
    return today + timedelta(days=7 - today.weekday() + weekday)


def test_three_messages_become_visits(
    open_as: Callable[..., Page], session: Any, people: People
) -> None:
    scout = people.scout(name="陈思远")
    lead = a_lead(scout, "用友网络科技股份有限公司")
    company = session.get(Company, lead.company_id)
    company.short_name = "用友网络"
    for name in ("周启明", "许嘉宁"):
        add_contact(company, ContactInput(name, "总监"), actor_of(scout), clock.now())
    email, public_id = scout.email, lead.public_id
    session.commit()
    yesterday = clock.today() - timedelta(days=1)
    messages = (
        (
            "今天上门拜访了用友网络的周启明，想在嘉兴设研发中心，先租3000平米。下周三把场地方案发过去",
            VisitMode.OUT,
            ["周启明"],
            clock.today(),
            _next_week(2),
        ),
        (
            f"许嘉宁 {yesterday:%m-%d} 17:32\n陈总好，预算批下来了\n"
            f"陈思远 {yesterday:%m-%d} 17:35\n好，用友网络要的政策清单我下周五发给您",
            VisitMode.MESSAGE,
            ["许嘉宁"],
            yesterday,
            _next_week(4),
        ),
        (
            "刚和用友网络许嘉宁通了电话，预算会还没开，下周二再打给她",
            VisitMode.CALL,
            ["许嘉宁"],
            clock.today(),
            _next_week(1),
        ),
    )
    page = open_as(email, phone=True)
    for number, (text, mode, met, on, next_on) in enumerate(messages, 1):
        page.goto("/visits/new")
        page.get_by_role("link", name="从聊天记录填").tap()
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="填好走访").tap()
        expect(page.locator("mark.found", has_text="用友网络").first).to_be_visible()
        expect(page.locator("h2", has_text="用友网络")).to_be_visible()
        expect(page.locator(f"[name=mode][value={mode}]")).to_be_checked()
        for name in met:
            expect(page.get_by_label(name, exact=True)).to_be_checked()
        expect(page.locator("#next_step_on")).to_have_value(next_on.isoformat())
        assert page.locator("#occurred_at").input_value().startswith(on.isoformat())
        page.get_by_role("button", name=SAVE).tap()
        page.wait_for_url(re.compile(f"/leads/{public_id}"))
        assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == number
        # Left open it would keep SQLite's writers out.
        session.rollback()
    latest = session.scalars(sa.select(Visit).order_by(Visit.id.desc())).first()
    assert "预算会还没开" in latest.summary
    step = sa.select(Task.due_on).where(
        Task.kind == TaskKind.NEXT_STEP, Task.state == TaskState.OPEN
    )
    assert session.scalars(step).all() == [_next_week(1)]
