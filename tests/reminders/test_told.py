"""Who hears of others' leads because nobody acted: page and mail say the same of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.reminders.digest import queue_digests
from crm.reminders.personal.rules import Topic
from crm.reminders.plan import plan
from models.enums import CalledOff, ReminderState, TaskKind, Way
from models.message import Message
from models.reminder import Reminder
from models.reminder_setting import ReminderSetting
from tests.clients import Client
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, delivered, morning

MONDAY = MORNING + timedelta(days=4)
WEEKS = timedelta(days=28)


@pytest.fixture(autouse=True)
def this_morning() -> Any:
    with time_machine.travel(MORNING, tick=False):
        yield


def shown(client: Client, scope: str = "mine") -> dict[str, str]:
    """Each lead of the page, and its reason."""
    page = client.get(f"/today?scope={scope}").text
    rows = re.findall(
        r'<h2><a href="/leads/(\w{12})".*?<p class="reason">(.*?)</p>', page, re.DOTALL
    )
    return dict(rows)


def test_a_team_lead_hears_after_21_days_and_a_manager_after_30(
    leads: Leads, session: Any, people: People, client: Client
) -> None:
    people.scout("chengdu")
    leader, stranger, boss = people.team_lead(), people.team_lead("chengdu"), people.manager()
    made = {days: leads.make(age=days, cadence=14) for days in (13, 14, 21, 30)}
    cold = {days: lead.public_id for days, lead in made.items()}
    leads.contact(made[30], "周启明", "总经理", "13800138000")
    assert plan(MORNING).by_rule == {"cadence_top": 3 + 2 + 1}
    queue_digests(MORNING)
    mails = {mail.recipient_id: mail.text_body for mail in session.scalars(sa.select(Message))}
    assert {stranger.id, boss.id}.isdisjoint(mails)
    # An owner calls; who looks after a colleague's lead reads of it.
    calls = sa.select(Message.recipient_id).where(Message.html_body.contains(">打电话<"))
    assert set(session.scalars(calls)) == {leads.owner.id}
    # A manager's mail comes with the week.
    queue_digests(MONDAY)
    weekly = sa.select(Message).where(Message.recipient_id == boss.id)
    mails[boss.id] = session.scalars(weekly).one().text_body
    for person, days in ((leads.owner, (14, 21, 30)), (leader, (21, 30)), (boss, (30,))):
        told = re.findall(r"/leads/(\w{12})", mails[person.id])
        assert list(dict.fromkeys(told)) == [cold[day] for day in reversed(days)]
        client.sign_in(person.email)
        page = shown(client)
        assert list(page) == [cold[day] for day in reversed(days)]
        prefix = "" if person is leads.owner else "陈思远负责："
        assert all(reason.startswith(f"{prefix}1") for reason in page.values())
        client.post("/logout")
    # A manager who looks at the city sees it there, too.
    client.sign_in(boss.email)
    assert list(shown(client, "city")) == [cold[30]]
    # The week after says what is new, and how many of the others are still so.
    next_week = MONDAY + timedelta(days=7)
    delivered(session)
    plan(next_week)
    queue_digests(next_week)
    session.expire_all()
    last = session.scalars(weekly.order_by(Message.id.desc())).first().text_body
    assert list(dict.fromkeys(re.findall(r"/leads/(\w{12})", last))) == [cold[21]]
    assert "还有 1 家之前提醒过，还没有办。" in last


def test_a_touch_ends_it_for_everybody(
    leads: Leads, session: Any, people: People, client: Client
) -> None:
    leader = people.team_lead()
    lead = leads.make(age=25, cadence=14)
    plan(MORNING)
    client.sign_in(leader.email)
    assert list(shown(client)) == [lead.public_id]
    leads.touch(lead, TODAY)
    assert shown(client) == {}
    queue_digests(MORNING)
    session.expire_all()
    why = set(session.scalars(sa.select(Reminder.called_off)))
    assert why == {CalledOff.UNTRUE}
    assert session.scalars(sa.select(Message)).all() == []


def test_the_next_step_of_the_same_cause_is_said_once_more_to_its_person(
    leads: Leads, session: Any, people: People
) -> None:
    boss = people.manager()
    leads.make(age=29, cadence=14)
    for ahead in range(5):
        plan(morning(TODAY + timedelta(days=ahead)))
        queue_digests(morning(TODAY + timedelta(days=ahead)))
        delivered(session)
    told = [mail.recipient_id for mail in session.scalars(sa.select(Message).order_by(Message.id))]
    assert told == [leads.owner.id, boss.id]


def test_who_looks_on_and_wants_no_mail_finds_it_on_today(
    leads: Leads, people: People, session: Any, client: Client
) -> None:
    lead, leader = leads.make(age=21, cadence=14), people.team_lead()
    plan(MORNING)
    shown_only = sa.update(Reminder).where(Reminder.person_id == leader.id)
    session.execute(shown_only.values(state=ReminderState.SHOWN))
    session.commit()
    client.sign_in(leader.email)
    assert list(shown(client)) == [lead.public_id]


def test_what_goes_another_way_moves_nothing_up(leads: Leads, session: Any, people: People) -> None:
    late = leads.make("甲软件", age=61)
    leads.task(late, "答复场地方案", TODAY - timedelta(days=9))
    leads.task(leads.make("乙软件"), "给评估报告", TODAY - timedelta(days=1), TaskKind.TASK)
    ways = {f"{topic.value}_by": Way.MAIL for topic in Topic} | {"steps_by": Way.APP}
    since = {"minute": 480, "minute_before": 480, "minute_since": TODAY - WEEKS}
    session.add(ReminderSetting(person_id=leads.owner.id, **since, **ways))
    session.commit()
    plan(MORNING)
    queue_digests(MORNING)
    text = session.scalars(sa.select(Message)).one().text_body
    assert text.index("乙软件") < text.index("甲软件")
