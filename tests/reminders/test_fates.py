"""What a lead's page says of a reminder that was not sent: why not, and what will be done. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timezone

import pytest
from flask import Flask

from crm.formats import say
from crm.reminders.facts import LeadClock
from crm.reminders.fates import Fate, asleep, outcome
from models.enums import MessageState, ReminderState, Stage, Status, Way
from tests.reminders.leads import MORNING

DAY = date(2026, 12, 7)
HALF_PAST = datetime(2026, 12, 3, 0, 30, tzinfo=timezone.utc)
WAITS, WRITTEN = ReminderState.PLANNED, ReminderState.QUEUED

pytestmark = pytest.mark.only_sqlite


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are said as seen from that morning."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", MORNING.isoformat())


@pytest.mark.parametrize(
    ("fate", "said"),
    [
        (Fate(WRITTEN, mail_state=MessageState.SENT, sent_at=HALF_PAST), "今天 08:30 发出"),
        (
            Fate(WRITTEN, mail_state=MessageState.SENT, sent_at=HALF_PAST, deputy="沈立军"),
            "今天 08:30 发出，本人休假，由沈立军代收",
        ),
        (
            Fate(WRITTEN, mail_state=MessageState.SENT, sent_at=HALF_PAST, overtook=True),
            "发出；之前的一封没有送到，并进了这一封",
        ),
        (Fate(WRITTEN, mail_state=MessageState.DEAD), "邮件没有送到，管理员可以在发件箱里重发"),
        (Fate(WRITTEN, mail_state=MessageState.DROPPED), "没有送到，管理员放弃了这一封"),
        (Fate(WRITTEN, mail_state=MessageState.SENDING), "正在发"),
        (
            Fate(WRITTEN, mail_state=MessageState.QUEUED, mail_goes=False),
            "已写好，这里没有设置邮件服务器，发不出去",
        ),
        (
            Fate(WRITTEN, mail_state=MessageState.QUEUED, again_at=HALF_PAST),
            "对方服务器暂时没有收，今天 08:30 再发",
        ),
        (Fate(WRITTEN, mail_state=MessageState.QUEUED), "已写好，还没有发出"),
        (Fate(ReminderState.SHOWN), "本人选了只在这里看，没有发"),
        (Fate(WAITS, active=False), "账号停用了，不发"),
        (Fate(WAITS, snoozed_until=DAY, at_once=True), "放到 12月7日 再提醒"),
        (Fate(WAITS, absent_until=DAY, stand_in="沈立军"), "写进代理人沈立军的下一封"),
        (Fate(WAITS, absent_until=DAY), "没有人代收，发给队长"),
        (Fate(WAITS, paused_until=DAY), "本人暂停了提醒，12月7日 恢复"),
        (Fate(WAITS, working_day=False, at_once=True), "今天不上班，下一个工作日发"),
        (Fate(WAITS, chosen=Way.APP, mailed_today=True), "本人选了只在这里看，不发"),
        (Fate(WAITS, at_once=True, quiet_until=time(8, 30)), "免打扰时间，08:30 后单独发"),
        (Fate(WAITS, at_once=True, sent_lately=3), "一小时里已单独发过 3 封，过一会儿再发"),
        (Fate(WAITS, at_once=True, mailed_today=True), "马上单独发"),
        (Fate(WAITS, unwritten=True), "上一封没有写成"),
        (Fate(WAITS, mailed_today=True), "今天的提醒已经发过，写进下一个工作日的"),
        (Fate(WAITS, hour=time(16, 30)), "等下一封提醒，工作日 16:30 发"),
    ],
)
def test_what_became_of_it(app: Flask, fate: Fate, said: str) -> None:
    with app.test_request_context():
        assert said in say(outcome(fate))


@pytest.mark.parametrize(
    ("status", "until", "said"),
    [
        (Status.ACTIVE, None, ""),
        (Status.ON_HOLD, DAY, "暂缓到 12月7日"),
        (Status.LOST, None, "已流失"),
    ],
)
def test_why_a_lead_is_silent(app: Flask, status: Status, until: date | None, said: str) -> None:
    lead = LeadClock(1, 1, "用友网络", Stage.ENGAGED, status, registered_on=DAY, hold_until=until)
    with app.test_request_context():
        found = asleep(lead)
        assert (say(found).startswith(said) and bool(said)) is (found is not None)
