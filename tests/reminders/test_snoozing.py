"""稍后: hidden on the page and in the mail alike, back by itself, taken back; both engines."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.errors import Conflict, NotFound, Refusal
from crm.leads.next_steps import open_next_step
from crm.reminders.agenda import Agenda, agenda_for
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from crm.reminders.snoozing import put_off, take_back
from models.company import Company
from models.enums import ReminderState, Stage, TaskKind, TaskState
from models.lead import Claim, Lead
from models.message import Message
from models.reminder import Reminder
from models.snooze import Snooze
from models.task import Task
from models.user import User
from tests.clients import Client
from tests.leads.making import actor_of
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, delivered, morning
from tests.views.counting import statements

MONDAY = date(2026, 12, 7)


@pytest.fixture
def this_morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def day_of(scout: User, day: date) -> Agenda:
    return agenda_for(actor_of(scout), day)


def mail_of(session: Any, day: date) -> str:
    """What that morning's mail says; empty without one."""
    delivered(session)
    plan(morning(day))
    queue_digests(morning(day))
    found = session.scalar(sa.select(Message.text_body).where(Message.period == day.isoformat()))
    return found or ""


def test_what_is_set_aside_is_in_neither_page_nor_mail_and_comes_back_by_itself(
    leads: Leads, scout: User, session: Any
) -> None:
    lead = leads.make("北京和利时", age=61)
    assert "北京和利时" in mail_of(session, TODAY)
    put_off(lead.public_id, MONDAY, actor_of(scout), MORNING, reason="等对方开完董事会")
    session.commit()
    for day in (TODAY, MONDAY - timedelta(days=3)):
        found = day_of(scout, day)
        assert (found.items, found.total) == ([], 0)
        assert [(one.lead.lead_id, one.until) for one in found.later] == [(lead.id, MONDAY)]
    assert mail_of(session, MONDAY - timedelta(days=3)) == ""
    back = day_of(scout, MONDAY)
    assert ([item.lead.lead_id for item in back.items], back.later) == ([lead.id], ())
    assert "北京和利时" in mail_of(session, MONDAY)
    kept = session.scalars(sa.select(Snooze)).one()
    assert (kept.reason, kept.person_id, kept.occurrence) == (
        "等对方开完董事会",
        scout.id,
        f"lead {lead.id} registered +60",
    )
    # Said once, then set aside, then said again: two reminders of two occurrences.
    assert session.scalars(sa.select(Reminder.state)).all() == [ReminderState.QUEUED] * 2


def test_a_new_cause_speaks_although_the_old_one_is_set_aside(
    leads: Leads, scout: User, session: Any
) -> None:
    lead = leads.make(age=40, cadence=14)
    put_off(lead.public_id, TODAY + timedelta(days=60), actor_of(scout), MORNING)
    session.commit()
    leads.touch(lead, TODAY + timedelta(days=1))
    assert day_of(scout, TODAY + timedelta(days=14)).total == 0
    assert day_of(scout, TODAY + timedelta(days=15)).total == 1


def test_a_next_step_is_moved_with_its_history_and_back(
    leads: Leads, scout: User, session: Any
) -> None:
    lead = leads.make(age=61)
    was = TODAY - timedelta(days=2)
    leads.task(lead, "答复场地", was)
    made = put_off(lead.public_id, MONDAY, actor_of(scout), MORNING)
    session.commit()
    steps = session.execute(sa.select(Task.due_on, Task.state).order_by(Task.id)).all()
    assert [tuple(step) for step in steps] == [(was, TaskState.MOVED), (MONDAY, TaskState.OPEN)]
    # The cadence was set aside with it, so that the lead does not stay for another reason.
    assert day_of(scout, TODAY).total == 0
    take_back(lead.public_id, actor_of(scout), MORNING, made=made)
    session.commit()
    step = open_next_step(lead)
    assert step
    assert (step.due_on, lead.next_step_on) == (was, was)
    (item,) = day_of(scout, TODAY).items
    assert [due.rule for due in (item.first, *item.also)] == ["next_step", "cadence"]
    leads.done(step)
    with pytest.raises(Conflict):
        take_back(lead.public_id, actor_of(scout), MORNING, made=made)
    session.rollback()


def test_what_a_manager_asks_for_is_not_put_off(leads: Leads, scout: User, session: Any) -> None:
    lead = leads.make(age=61)
    leads.task(lead, "给意见", TODAY - timedelta(days=1), TaskKind.DIRECTIVE)
    with pytest.raises(Refusal) as refusal:
        put_off(lead.public_id, MONDAY, actor_of(scout), MORNING)
    assert list(refusal.value.errors) == ["until"]
    session.rollback()


@pytest.mark.parametrize("kind", [TaskKind.PROMISE, TaskKind.TASK, TaskKind.MATTER])
def test_what_others_wait_for_rests_a_week_at_most_and_keeps_its_day(
    leads: Leads, scout: User, session: Any, kind: TaskKind
) -> None:
    lead, was = leads.make(age=61), TODAY - timedelta(days=1)
    task = leads.task(lead, "给意见", was, kind)
    with pytest.raises(Refusal) as refusal:
        put_off(lead.public_id, TODAY + timedelta(days=8), actor_of(scout), MORNING)
    assert "最多放 7 天" in str(refusal.value.errors["until"][0])
    session.rollback()
    made = put_off(lead.public_id, MONDAY, actor_of(scout), MORNING)
    session.commit()
    assert (day_of(scout, TODAY).total, "给意见" in mail_of(session, TODAY)) == (0, False)
    assert [one.until for one in day_of(scout, TODAY).later] == [MONDAY]
    assert session.get_one(Task, task.id).due_on == was
    assert day_of(scout, MONDAY).total == 1
    take_back(lead.public_id, actor_of(scout), MORNING, made=made)
    session.commit()
    assert day_of(scout, TODAY).total == 1


def test_a_task_on_a_colleagues_lead_is_counted_no_more(
    leads: Leads, scout: User, session: Any, people: People
) -> None:
    lead, mate = leads.make(age=1), people.scout()
    task = leads.task(lead, "报备场地", TODAY, TaskKind.TASK)
    task.assignee_id = mate.id
    session.commit()
    assert day_of(mate, TODAY).total == 1
    put_off(lead.public_id, MONDAY, actor_of(mate), MORNING)
    session.commit()
    found = day_of(mate, TODAY)
    assert (found.total, found.items, len(found.later)) == (0, [], 1)


def test_no_day_that_will_not_do(leads: Leads, scout: User, session: Any) -> None:
    lead = leads.make(age=61)
    session.add(
        Claim(
            lead_id=lead.id,
            team_id=lead.team_id,
            from_on=TODAY - timedelta(days=80),
            protected_until=TODAY + timedelta(days=5),
        )
    )
    session.commit()
    actor = actor_of(scout)
    for day in (None, TODAY, TODAY + timedelta(days=5), TODAY + timedelta(days=91)):
        with pytest.raises(Refusal) as refusal:
            put_off(lead.public_id, day, actor, MORNING)
        assert list(refusal.value.errors) == ["until"]
        session.rollback()
    with pytest.raises(Refusal) as refusal:
        put_off(lead.public_id, MONDAY, actor, MORNING, reason="等" * 201)
    assert list(refusal.value.errors) == ["reason"]
    session.rollback()
    put_off(lead.public_id, TODAY + timedelta(days=4), actor, MORNING)
    # Nothing is due any more, so a second tap finds nothing to put off.
    with pytest.raises(Conflict):
        put_off(lead.public_id, TODAY + timedelta(days=4), actor, MORNING)
    session.rollback()


def _protected(leads: Leads, session: Any, left: int) -> Lead:
    """A lead that nobody touched and whose protection has so many days left."""
    lead = leads.make(age=61)
    until = TODAY + timedelta(days=left)
    held = TODAY - timedelta(days=80)
    session.add(Claim(lead_id=lead.id, team_id=lead.team_id, from_on=held, protected_until=until))
    session.commit()
    return lead


def test_what_ran_out_bounds_no_day(leads: Leads, scout: User, session: Any) -> None:
    lead = _protected(leads, session, -9)
    put_off(lead.public_id, MONDAY, actor_of(scout), MORNING)


def test_where_no_day_is_left_it_says_so(
    leads: Leads, scout: User, session: Any, client: Client
) -> None:
    lead = _protected(leads, session, 1)
    with pytest.raises(Refusal) as refusal:
        put_off(lead.public_id, MONDAY, actor_of(scout), MORNING)
    assert list(refusal.value.errors) == ["until"]
    session.rollback()
    client.sign_in(scout.email)
    with time_machine.travel(MORNING, tick=False):
        asked = client.get(f"/leads/{lead.public_id}/snoozes/new").get_data(as_text=True)
        page = client.get("/today").get_data(as_text=True)
    assert "不能放到以后" in asked
    assert "/snoozes/new" not in page


def test_it_is_that_persons_own(leads: Leads, scout: User, session: Any, people: People) -> None:
    lead, boss = leads.make(age=61), people.team_lead()
    put_off(lead.public_id, MONDAY, actor_of(boss), MORNING)
    session.commit()
    assert day_of(scout, TODAY).total == 1
    with pytest.raises(NotFound):
        put_off(lead.public_id, MONDAY, actor_of(people.scout("chengdu")), MORNING)
    session.rollback()


def muddle(session: Any, leads: Leads, dice: random.Random) -> Lead:
    """A lead with some reasons, or none."""

    def day() -> date:
        return TODAY + timedelta(days=dice.randint(-9, 9))

    lead = leads.make(age=dice.randint(0, 90), cadence=dice.choice([14, 30, 60]))
    lead.stage = dice.choice([Stage.IDENTIFIED, Stage.ENGAGED])
    if dice.random() < 0.4:
        lead.expected_signing_on = day()
    if dice.random() < 0.3:
        lead.stalls_on = day()
    if dice.random() < 0.4:
        leads.task(lead, "答复", day())
    if dice.random() < 0.2:
        leads.task(lead, "给意见", day(), TaskKind.PROMISE)
    session.get_one(Company, lead.company_id).rewarded = dice.random() < 0.3
    session.commit()
    return lead


def undated(text: str) -> str:
    """A page may say tomorrow where a mail, read on another day, names the day."""
    return re.sub(r" ?\d+月\d+日 ?|[昨今明后]天", "…", text)


def test_page_and_mail_say_the_same_in_the_same_order(
    this_morning: None, leads: Leads, scout: User, session: Any, client: Client
) -> None:
    dice = random.Random(6)
    for _number in range(30):
        lead = muddle(session, leads, dice)
        if dice.random() < 0.5:
            try:
                until = TODAY + timedelta(days=dice.choice([1, 4]))
                put_off(lead.public_id, until, actor_of(scout), MORNING)
                session.commit()
            except (Refusal, Conflict):
                session.rollback()
    client.sign_in(scout.email)
    for day in (TODAY, TODAY + timedelta(days=1), MONDAY):
        # A mail says what is new since the last; all of it is new to one who never had any.
        session.execute(sa.delete(Reminder))
        session.execute(sa.delete(Message))
        session.commit()
        mail = mail_of(session, day)
        with time_machine.travel(morning(day), tick=False):
            page = client.get("/today?limit=200").get_data(as_text=True)
        shown = re.findall(
            r'<h2><a href="/leads/(\w{12})".*?<p class="reason">(.*?)</p>', page, re.DOTALL
        )
        told = re.findall(r"/leads/(\w{12})", mail)
        assert [lead for lead, _reason in shown] == list(dict.fromkeys(told))
        assert len(shown) > 5
        assert all(undated(unescape(reason)) in undated(mail) for _lead, reason in shown)


def test_the_sheet_shows_real_days_and_the_row_takes_it_back(
    this_morning: None, leads: Leads, scout: User, session: Any, client: Client
) -> None:
    lead = leads.make("用友网络", age=61)
    client.sign_in(scout.email)
    path = f"/leads/{lead.public_id}/snoozes"
    assert f"{path}/new?back=" in client.get("/today").get_data(as_text=True)
    sheet = client.get(f"{path}/new?back=/today").get_data(as_text=True)
    assert re.findall(r'name="quick" value="([\d-]+)"', sheet) == ["2026-12-04", "2026-12-07"]
    assert "12月7日 周一" in sheet
    refused = client.post(path, {"until": "2026-12-03", "reason": "等"})
    assert refused.status_code == 422
    assert "请选明天或以后。" in refused.get_data(as_text=True)
    answer = client.post(path, {"quick": "2026-12-07", "until": "", "back": "/today"})
    assert answer.headers["Location"].endswith("/today")
    shown = client.get("/today")
    assert statements(shown) <= 15
    page = shown.get_data(as_text=True)
    assert "放到 12月7日 再提醒。" in page
    assert "稍后 1 条" in page
    undo = re.search(r'action="([^"]+reversals[^"]*was=[^"]+)"', page)
    assert undo, page
    assert client.post(unescape(undo.group(1))).status_code == 302
    assert "稍后 1 条" not in client.get("/today").get_data(as_text=True)
    plan(MORNING)
    client.post(path, {"until": "2026-12-07", "reason": "等对方开完董事会"})
    assert "原因：等对方开完董事会" in client.get("/today").get_data(as_text=True)
    assert "放到 12月7日再提醒" in client.get("/reminders").get_data(as_text=True)
    assert client.post(f"{path}/reversals").status_code == 302
    assert "先联系 1 家" in client.get("/today").get_data(as_text=True)
    session.rollback()
