"""The hour and the way that a person chooses, from the page to the message that arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.clock import ZONE
from crm.config import Config, SettingsError
from crm.jobs.daily import run_daily
from crm.reminders.digest import queue_digests
from crm.reminders.outbox import SendResult, send_due
from crm.reminders.personal.rules import (
    KINDS,
    Personal,
    Topic,
    changed_minute,
    next_mail,
    wrong_pause,
    wrong_quiet,
)
from crm.reminders.plan import plan
from crm.working_days import official_calendar
from models import db
from models.audit import Change
from models.enums import MessageState, ReminderState, RuleKind, Way
from models.message import Message
from models.messenger_address import MessengerAddress
from models.reminder import Reminder
from models.reminder_setting import ReminderSetting
from models.user import User
from tests.clients import Client
from tests.mail.fixtures import mail_server, receiver
from tests.mail.receivers import Receiver
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads

__all__ = ["mail_server", "receiver"]

TOKEN = "693a91f6-7bee-4a21-9c85-0b1d3a6f1f11"
SETTINGS = "/notices/settings"
CHOICES = {
    "minute": "480",
    "quiet_from": "",
    "quiet_to": "",
    "paused_until": "",
    **{f"{topic.value}_by": "mail" for topic in Topic},
}


@pytest.fixture
def sending(app_with: Callable[..., Flask], mail_server: MailServer, receiver: Receiver) -> Flask:
    """The application with a mail server and with messengers of its own."""
    homes = dict.fromkeys(("wecom", "dingtalk", "feishu"), receiver.home)
    return app_with(mail_url=mail_server.url, mail_timeout=30.0, messengers=homes)


def choose(session: Any, person: User, **chosen: Any) -> ReminderSetting:
    """What that person chose, and that it holds."""
    made = ReminderSetting(
        person_id=person.id,
        **{
            "minute": 480,
            "minute_before": chosen.get("minute", 480),
            "minute_since": TODAY - timedelta(days=30),
            **{f"{topic.value}_by": Way.MAIL for topic in Topic},
            **chosen,
        },
    )
    session.add(made)
    session.commit()
    return made


def robot(session: Any, person: User, way: Way) -> MessengerAddress:
    made = MessengerAddress(
        person_id=person.id, messenger=way, token=TOKEN.replace("-", ""), created_at=MORNING
    )
    session.add(made)
    session.commit()
    return made


def messages(session: Any) -> list[Message]:
    session.expire_all()
    return list(session.scalars(sa.select(Message).order_by(Message.id)))


def states(session: Any) -> list[ReminderState]:
    session.expire_all()
    return list(session.scalars(sa.select(Reminder.state).order_by(Reminder.id)))


def send(app: Flask, at: datetime = MORNING) -> SendResult:
    # What the test has read is over: SQLite has one writer.
    db.session.commit()
    with app.app_context():
        return send_due(at)


def plain(server: MailServer) -> str:
    """The text of the first mail that arrived."""
    body = server.mails[0].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_person_chooses_on_the_page_and_wrong_input_is_said_at_its_field(
    app: Flask, scout: User, client: Client, session: Any
) -> None:
    client.sign_in(scout.email)
    page = client.get(SETTINGS)
    assert int(page.headers["Server-Timing"].partition("n=")[2].strip('"')) <= 15
    assert "提醒设置" in client.get("/notices").get_data(as_text=True)
    wrong = client.post(
        SETTINGS,
        {
            **CHOICES,
            "minute": "485",
            "quiet_from": "22:00",
            "paused_until": "2020-01-01",
            "talk_by": "wecom",
        },
    )
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    for name in ("minute", "quiet_to", "paused_until", "talk_by"):
        assert f'data-field="{name}"' in text
    assert 'value="22:00"' in text
    assert session.scalars(sa.select(ReminderSetting)).all() == []
    kept = client.post(
        SETTINGS, {**CHOICES, "minute": "510", "quiet_from": "21:00", "quiet_to": "07:30"}
    )
    assert kept.status_code == 302
    session.expire_all()
    setting = session.get_one(ReminderSetting, scout.id)
    assert (setting.minute, setting.quiet_from, setting.quiet_to) == (510, time(21), time(7, 30))
    page_after = client.get(SETTINGS).get_data(as_text=True)
    assert '<option selected value="510">08:30</option>' in page_after


def test_each_gets_the_mail_of_the_day_at_their_hour_and_once(
    leads: Leads, session: Any, people: People
) -> None:
    late, early = people.scout(), people.scout()
    for person in (late, early):
        Leads(session, person).make(age=61)
    leads.make(age=61)
    choose(session, late, minute=16 * 60 + 30)
    choose(session, early, minute=6 * 60)
    got = []
    # A worker that looks every now and then, that sleeps, whose clock is set back and forth.
    for hours in (-3, -2, -1.9, 0, 0.2, -1, 3, 8, 8.4, 8.5, 8, 9, 8.5, 0):
        run_daily(MORNING + timedelta(hours=hours), "a")
        got.append([one.recipient_id for one in messages(session)])
    assert got[0] == []
    assert got[1] == got[2] == [early.id]
    assert got[3] == got[8] == [early.id, leads.owner.id]
    assert got[9] == got[-1] == [early.id, leads.owner.id, late.id]
    assert {one.period for one in messages(session)} == {"2026-12-03"}
    assert "08:00 发送" in messages(session)[1].text_body
    assert "16:30 发送" in messages(session)[2].html_body


def test_a_worker_that_slept_through_hours_makes_up_for_them(
    leads: Leads, session: Any, people: People
) -> None:
    other = people.scout()
    Leads(session, other).make(age=61)
    leads.make(age=61)
    choose(session, other, minute=9 * 60)
    assert run_daily(MORNING + timedelta(hours=5), "a") == {"planned": 2, "messages": 2}
    assert run_daily(MORNING + timedelta(hours=5), "b") is None


def test_what_goes_by_a_messenger_is_short_keeps_the_house_rules_and_is_sent_once(
    leads: Leads,
    scout: User,
    session: Any,
    sending: Flask,
    receiver: Receiver,
    mail_server: MailServer,
) -> None:
    lead = leads.make("北京和利时", age=61, planned_investment_cny=123_450_000)
    leads.task(leads.make("用友网络"), "回电", TODAY)
    robot(session, scout, Way.WECOM)
    choose(session, scout, cadence_by=Way.WECOM)
    plan(MORNING)
    assert queue_digests(MORNING).messages == 2
    assert send(sending) == SendResult(2, 0, 0, 0)
    assert send(sending) == SendResult(0, 0, 0, 0)
    (text,) = receiver.texts
    assert (len(receiver.taken), len(mail_server.mails)) == (1, 1)
    assert "北京和利时" in text
    assert "用友网络" not in text
    assert f"/leads/{lead.public_id}" in text
    assert "/mail/" not in text, "a group reads along: nothing acts without signing in"
    assert "12345" not in text
    assert len(text.encode()) <= 2048
    mail = plain(mail_server)
    assert "用友网络" in mail
    assert "北京和利时" not in mail
    assert {one.period for one in messages(session)} == {"2026-12-03", "2026-12-03 wecom"}
    assert states(session) == [ReminderState.QUEUED] * 2


def test_very_many_have_room_for_the_first_and_the_rest_is_said_next_time(
    leads: Leads, scout: User, session: Any
) -> None:
    leads.many(40, age=61)
    robot(session, scout, Way.FEISHU)
    choose(session, scout, cadence_by=Way.FEISHU)
    plan(MORNING)
    queue_digests(MORNING)
    (message,) = messages(session)
    assert len(message.text_body.encode()) <= 2048
    said = states(session).count(ReminderState.QUEUED)
    assert 5 < said < 40
    assert f"另有 {40 - said} 家这里写不下" in message.text_body
    assert "今天 40 家要联系" in message.subject


def test_an_address_that_is_refused_is_marked_and_mail_takes_over(
    leads: Leads,
    scout: User,
    session: Any,
    sending: Flask,
    receiver: Receiver,
    mail_server: MailServer,
) -> None:
    lead = leads.make("北京和利时", age=61)
    robot(session, scout, Way.DINGTALK)
    choose(session, scout, cadence_by=Way.DINGTALK)
    receiver.answer = {"errcode": 300005, "errmsg": "token is not exist"}
    plan(MORNING)
    queue_digests(MORNING)
    assert send(sending) == SendResult(0, 1, 0, 0)
    page = Client(sending).sign_in(scout.email)
    assert "token is not exist" in page.get(SETTINGS).get_data(as_text=True)
    history = page.get(f"/leads/{lead.public_id}/reminders").get_data(as_text=True)
    assert "钉钉不收" in history
    next_day = MORNING + timedelta(days=1)
    plan(next_day)
    queue_digests(next_day)
    first, second = messages(session)
    assert (first.state, second.way) == (MessageState.MERGED, Way.MAIL)
    assert send(sending, next_day) == SendResult(1, 0, 0, 0)
    assert "北京和利时" in plain(mail_server)


def test_a_messenger_that_is_busy_is_asked_again(
    leads: Leads, scout: User, session: Any, sending: Flask, receiver: Receiver
) -> None:
    leads.make(age=61)
    robot(session, scout, Way.WECOM)
    choose(session, scout, cadence_by=Way.WECOM)
    plan(MORNING)
    queue_digests(MORNING)
    receiver.answer = {"errcode": 45009, "errmsg": "freq out of limit"}
    assert send(sending) == SendResult(0, 0, 1, 0)
    receiver.answer = {"errcode": 0, "errmsg": "ok"}
    assert send(sending, MORNING + timedelta(minutes=2)) == SendResult(1, 0, 0, 0)
    assert session.scalars(sa.select(MessengerAddress.refused_at)).one() is None


def test_what_is_only_for_the_application_is_there_and_nothing_is_sent(
    leads: Leads, scout: User, session: Any, client: Client
) -> None:
    lead = leads.make("北京和利时", age=61)
    choose(session, scout, cadence_by=Way.APP)
    plan(MORNING)
    assert queue_digests(MORNING).messages == 0
    assert states(session) == [ReminderState.SHOWN]
    client.sign_in(scout.email)
    assert "北京和利时" in client.get("/notices").get_data(as_text=True)
    for page in (f"/leads/{lead.public_id}/reminders", "/reminders"):
        assert "本人选了只在这里看，没有发" in client.get(page).get_data(as_text=True)


def test_a_pause_keeps_everything_and_says_it_afterwards(
    leads: Leads, scout: User, session: Any
) -> None:
    leads.make(age=61)
    choose(session, scout, paused_until=TODAY + timedelta(days=1))
    plan(MORNING)
    assert queue_digests(MORNING).messages == 0
    assert states(session) == [ReminderState.PLANNED]
    assert queue_digests(MORNING + timedelta(days=1)).messages == 1


def test_a_robot_is_set_up_tried_and_taken_away_and_its_address_is_nowhere_to_read(
    scout: User, session: Any, sending: Flask, receiver: Receiver
) -> None:
    client = Client(sending).sign_in(scout.email)
    at = f"{SETTINGS}/robots/wecom"
    wrong = client.post(at, {"address": f"https://evil.example/send?key={TOKEN}"})
    assert wrong.status_code == 422
    assert "请粘贴企业微信机器人的完整地址" in wrong.get_data(as_text=True)
    client.get(at)
    address = f"{receiver.home}/cgi-bin/webhook/send?key={TOKEN}"
    assert client.post(at, {"address": address}).status_code == 302
    assert client.post(f"{at}/trials").status_code == 302
    assert client.post(f"{at}/trials").status_code == 409
    assert "还没有发出" in client.get(SETTINGS).get_data(as_text=True)
    (message,) = messages(session)
    assert send(sending, message.due_at) == SendResult(1, 0, 0, 0)
    assert receiver.taken[0].query == {"key": TOKEN}
    page = client.get(SETTINGS).get_data(as_text=True)
    assert "对方收下了" in page
    assert f"…{TOKEN[-4:]}" in page
    for text in (page, client.get(at).get_data(as_text=True)):
        assert TOKEN not in text
    trail = session.execute(sa.select(Change.before, Change.after)).all()
    assert TOKEN not in str(trail)
    choose(session, scout, talk_by=Way.WECOM)
    assert client.post(f"{at}/removals").status_code == 302
    assert "改发邮件" in client.get(SETTINGS).get_data(as_text=True)
    session.expire_all()
    assert session.get_one(ReminderSetting, scout.id).talk_by is Way.MAIL
    assert client.post(f"{at}/trials").status_code == 404


def test_every_kind_of_rule_belongs_to_one_topic() -> None:
    kinds = [kind for topic in Topic for kind in KINDS[topic]]
    assert sorted(kinds) == sorted(RuleKind)


@pytest.mark.parametrize(
    ("chosen", "now", "today", "from_day"),
    [
        # From 16:00 to 09:00 at ten: today still comes at 16:00.
        (9 * 60, 10, 16 * 60, 1),
        # To 11:00 at ten: today already.
        (11 * 60, 10, 11 * 60, 0),
        # After today's.
        (9 * 60, 17, 9 * 60, 0),
    ],
)
def test_nobody_goes_without_on_the_day_of_the_change(
    chosen: int, now: int, today: int, from_day: int
) -> None:
    moment = datetime.combine(TODAY, time(now), ZONE)
    before = Personal(16 * 60, 16 * 60)
    minute, earlier, since = changed_minute(before, chosen, moment)
    assert since == TODAY + timedelta(days=from_day)
    assert Personal(minute, earlier, since).minute_on(TODAY) == today
    assert Personal(minute, earlier, since).minute_on(TODAY + timedelta(days=1)) == chosen


@pytest.mark.parametrize(
    ("more", "hour", "had", "away", "day"),
    [
        ({}, 7, False, (), TODAY),
        ({}, 7, True, (), date(2026, 12, 4)),
        ({}, 9, False, (), date(2026, 12, 4)),
        ({"paused_until": date(2026, 12, 5)}, 7, False, (), date(2026, 12, 7)),
        ({}, 7, False, [(TODAY, date(2026, 12, 9))], date(2026, 12, 10)),
        ({}, 7, False, [(date(2026, 12, 7), date(2026, 12, 8))], TODAY),
    ],
)
def test_the_next_mail_is_told(
    more: dict[str, Any], hour: int, had: bool, away: Any, day: date
) -> None:
    now = datetime.combine(TODAY, time(hour), ZONE)
    calendar = official_calendar([2026])
    found = next_mail(Personal(**more), now, calendar, had_todays=had, away=away)
    assert found == datetime.combine(day, time(8), ZONE)


def test_wrong_quiet_hours_and_pauses() -> None:
    assert not wrong_quiet(None, None)
    assert not wrong_quiet(time(21), time(7))
    assert set(wrong_quiet(time(21), None)) == {"quiet_to"}
    assert set(wrong_quiet(None, time(7))) == {"quiet_from"}
    assert set(wrong_quiet(time(7), time(7))) == {"quiet_to"}
    assert wrong_pause(None, None, TODAY) is None
    assert wrong_pause(TODAY + timedelta(days=1), None, TODAY) is None
    assert wrong_pause(TODAY, TODAY, TODAY) is None, "it stood there before and is over"
    for days in (0, 31):
        assert wrong_pause(TODAY + timedelta(days=days), None, TODAY) is not None


def test_messengers_of_an_office_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_MESSENGERS", "wecom=https://wx.example.gov.cn/, feishu=https://fs.cn")
    assert Config.from_environment().messengers == {
        "wecom": "https://wx.example.gov.cn",
        "feishu": "https://fs.cn",
    }
    monkeypatch.setenv("CRM_MESSENGERS", "qq=https://qq.example")
    with pytest.raises(SettingsError, match="CRM_MESSENGERS"):
        Config.from_environment()
