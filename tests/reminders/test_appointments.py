"""What is arranged stands on Today and in the digest's first sentence, by the same function."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.formats import say
from crm.reminders.digest import queue_digests
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange
from crm.visits.appointments.words import Arranged, how_soon
from models.enums import VisitMode
from models.message import Message
from tests.clients import Client
from tests.leads.making import a_lead, actor_of
from tests.people import People

# Thursday, eight o'clock in Shanghai; the meeting is at 10:30.
MORNING = datetime(2026, 12, 3, 0, 0, tzinfo=timezone.utc)
AT = datetime(2026, 12, 3, 2, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("left", "said"),
    [(50, "还有 50 分钟"), (150, "还有 2 小时"), (-10, "正在进行"), (-60, "还没有记")],
)
def test_how_soon(app: Flask, engine_kind: str, left: int, said: str) -> None:
    one = Arranged("a", VisitMode.IN, "易华录", "c", None, "", AT, AT + timedelta(hours=1))
    with app.test_request_context():
        assert say(how_soon(one, AT - timedelta(minutes=left))) == said


def test_page_and_mail_say_the_same(app: Flask, session: Any, people: People) -> None:
    scout = people.scout(name="陈思远", email="chen@test.example")
    other = people.scout("chengdu")
    lead = a_lead(scout, "易华录软件有限公司")
    who = actor_of(scout)
    plan = Plan(VisitMode.IN, AT, 60, "智创园 2 号楼")
    yesterday = replace(plan, starts_at=AT - timedelta(days=1), mode=VisitMode.OUT)
    for n, one in enumerate((plan, yesterday, replace(plan, starts_at=AT + timedelta(days=1)))):
        new = NewAppointment(f"key-000{n}", one, lead=lead.public_id)
        arrange(new, who, MORNING - timedelta(days=2))
    session.commit()
    # An appointment alone is worth a mail, and only to who takes part.
    assert queue_digests(MORNING).messages == 1
    (mail,) = session.scalars(sa.select(Message).where(Message.kind == "digest"))
    assert mail.subject == "今天约了 1 次见面"
    first = "陈思远，早上好。昨天 10:30 拜访易华录，还没有记。10:30 易华录来访，在智创园 2 号楼。"
    assert mail.text_body.startswith(first)
    assert first in mail.html_body
    assert queue_digests(MORNING).messages == 0
    with time_machine.travel(AT - timedelta(minutes=50), tick=False):
        page = Client(app).sign_in(scout.email).get("/today").text
        theirs = Client(app).sign_in(other.email).get("/today").text
    bars = re.findall(r'data-testid="arranged">(.*?)</li>', page, re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", bar).split()) for bar in bars]
    assert texts == [
        "昨天 10:30 约了易华录，还没有记 改",
        "10:30 接待易华录 智创园 2 号楼 还有 50 分钟 改",
    ]
    assert f"/visits/new?lead={lead.public_id}&amp;appointment=" in bars[1]
    assert 'data-testid="arranged"' not in theirs
