"""The days ahead, and a lead's reminders: sent and not sent, each with the reason."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.enums import MessageState
from models.message import Message
from models.reminder import Reminder
from models.reminder_rule import ReminderRule
from models.user import User
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, morning
from tests.views.counting import statements


@pytest.fixture(autouse=True)
def this_morning() -> Any:
    with time_machine.travel(MORNING, tick=False):
        yield


def days_of(page: str) -> list[tuple[str, list[str]]]:
    """Each day's heading and its lines, without markup."""
    found = re.findall(r"<summary>\s*<h2>(.*?)</h2>.*?<ul>(.*?)</ul>", page, re.DOTALL)
    return [
        (
            day,
            [re.sub(r"<[^>]+>", " ", line).strip() for line in re.findall(r"<li>(.*?)</li>", rows)],
        )
        for day, rows in found
    ]


def test_the_days_ahead_say_what_the_planner_will_plan(
    leads: Leads, scout: User, client: Client, session: Any
) -> None:
    lead = leads.make("用友网络", age=45)
    leads.task(lead, "答复", TODAY + timedelta(days=8))
    lead.expected_signing_on = TODAY + timedelta(days=20)
    session.commit()
    page = client.sign_in(scout.email).get("/reminders/forecast")
    assert statements(page) <= 15
    shown = days_of(page.get_data(as_text=True))
    assert [len(lines) for _day, lines in shown] == [1, 1, 1, 1, 1, 1]
    # The signing is twenty days off: its thirty are reached, its week lies ahead.
    planned = []
    for ahead in range(1, 31):
        for rule, n in plan(morning(TODAY + timedelta(days=ahead))).by_rule.items():
            planned += [rule] * n
    assert sorted(planned) == [
        "cadence", "next_step", "next_step", "next_step", "signing", "signing", "signing",
    ]  # fmt: skip


def test_a_day_off_is_made_up_for_on_the_next_working_day(
    leads: Leads, scout: User, client: Client
) -> None:
    lead = leads.make(age=3)
    # A Sunday; the working day before is the Friday.
    leads.task(lead, "答复", date(2026, 12, 6))
    page = client.sign_in(scout.email).get("/reminders/forecast").get_data(as_text=True)
    days = [day for day, _lines in days_of(page)]
    assert ["12月4日" in days[0], "12月7日" in days[1]] == [True, True]


def test_each_sees_what_is_theirs_and_an_administrator_numbers_alone(
    leads: Leads, scout: User, client: Client, people: People
) -> None:
    lead = leads.make("用友网络", age=3)
    leads.task(lead, "答复", TODAY + timedelta(days=5))
    other, boss, admin = people.scout(), people.manager(), people.administrator()
    assert "用友网络" not in client.sign_in(other.email).get("/reminders/forecast").text
    client.post("/logout")
    by_person = client.sign_in(boss.email).get("/reminders/forecast?scope=city").text
    assert "08:00，邮件" in by_person
    assert scout.name in by_person
    assert "用友网络" not in by_person
    chosen = client.get(f"/reminders/forecast?scope=city&person={scout.public_id}").text
    assert "用友网络" in chosen
    client.post("/logout")
    numbers = client.sign_in(admin.email)
    page = numbers.get(f"/reminders/forecast?person={scout.public_id}").text
    assert scout.name in page
    assert "下一步到期 3" in page
    assert "用友网络" not in page


def test_a_lead_says_what_was_sent_and_what_was_not_and_why(
    leads: Leads, scout: User, client: Client, session: Any, people: People
) -> None:
    lead = leads.make("用友网络", age=61, stalls_on=TODAY)
    session.query(ReminderRule).filter_by(code="stalled").one().enabled = False
    session.commit()
    address = f"/leads/{lead.public_id}/reminders"
    client.sign_in(scout.email)

    def said() -> str:
        session.rollback()
        page = client.get(address)
        assert statements(page) <= 15
        return str(page.text)

    assert "刚发现，下一次排提醒时写下" in said()
    assert "规则停用了" in said()
    plan(MORNING)
    assert "等下一封提醒" in said()
    queue_digests(MORNING)
    assert "已写好，这里没有设置邮件服务器，发不出去" in said()
    mail = session.query(Message).one()
    mail.state = MessageState.DEAD
    session.commit()
    assert "邮件没有送到，管理员可以在发件箱里重发" in said()
    mail.state, mail.sent_at = MessageState.SENT, MORNING
    session.commit()
    sent = said()
    assert "发出" in sent
    assert 'data-sent="1"' in sent
    lead.expected_signing_on = TODAY
    session.commit()
    plan(MORNING)
    assert "今天的提醒已经发过，写进下一个工作日的" in said()
    lead.expected_signing_on = None
    session.commit()
    queue_digests(morning(TODAY + timedelta(days=1)))
    assert "发之前已经不是这样了，不必提醒" in said()
    assert session.query(Reminder).count() == 2
    mail.state, mail.sent_at = MessageState.FAILED, None
    session.commit()
    queue_digests(morning(TODAY + timedelta(days=4)))
    assert "之前的一封没有送到，并进了这一封" in said()
    client.post("/logout")
    assert client.sign_in(people.scout("chengdu").email).get(address).status_code == 404
