"""A lead's sheet is one page of A4, however much was written about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from crm import clock
from crm.leads import directives
from models.contact import Contact, ContactRole
from models.enums import Stage, TaskKind
from models.task import Task
from tests.leads.making import NOW, a_lead, a_visit, actor_of
from tests.people import People

# The page is the same on both engines, and what the server does is tested on both.
pytestmark = [pytest.mark.browser, pytest.mark.only_sqlite]

LONG = (
    "对方要求我们同时给出场地、人才公寓和税收三个方面的书面答复，并希望下周由局领导带队上门。" * 9
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_one_page(
    open_as: Callable[..., Page], session: Any, people: People, lang: str
) -> None:
    scout, boss = people.scout(), people.manager()
    today = clock.today()
    lead = a_lead(scout, "一家名字特别长的工业控制软件与智能制造系统集成股份有限公司")
    lead.project, lead.need, lead.stage = LONG[:200], LONG, Stage.NEGOTIATING
    for number in range(4):
        a_visit(lead, scout, summary=LONG, at=clock.now() - timedelta(days=number))
        text, due = LONG[:400], today + timedelta(days=number)
        directives.give(lead.public_id, text, due, "", actor_of(boss), now=clock.now())
        session.add(
            Task(lead_id=lead.id, kind=TaskKind.PROMISE, text=text, due_on=due, created_at=NOW)
        )
        person = Contact(name=f"周启明{number}", created_at=NOW)
        session.add(person)
        session.flush()
        role = ContactRole(contact_id=person.id, company_id=lead.company_id, title=LONG[:60])
        session.add(role)
    email, public_id = scout.email, lead.public_id
    session.commit()
    page = open_as(email)
    page.goto(f"/leads/{public_id}/print?lang={lang}")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1
