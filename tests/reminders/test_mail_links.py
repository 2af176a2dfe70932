"""Straight from a mail: a link does one thing, once, for whom it names; looking changes nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from models.audit import ChangeSet
from models.enums import TaskKind, TaskState, Via
from models.lead import Lead
from models.message import Message
from models.snooze import Snooze
from models.task import Task
from models.user import User
from tests.clients import Client
from tests.reminders.leads import MORNING, TODAY, Leads, morning

_LINK = re.compile(r"http://[^/\s]+(/by-mail/(?:done|later)/\S+)")
_UNDO = re.compile(r'action="(/by-mail/[^"]+/reversals)"')


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the morning of the mail."""
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv("CRM_NOW", MORNING.isoformat())


@pytest.fixture
def late(leads: Leads) -> Lead:
    """A lead whose next step is overdue, in this morning's mail."""
    lead = leads.make("北京和利时", age=3)
    leads.task(lead, "答复南湖场地方案", TODAY - timedelta(days=2))
    plan(MORNING)
    queue_digests(MORNING)
    return lead


@pytest.fixture
def signed_out(app: Flask) -> Client:
    """Somebody who only has the mail."""
    return Client(app)


def links(session: Any) -> dict[str, str]:
    body = session.scalar(sa.select(Message.text_body).order_by(Message.id.desc()))
    session.rollback()
    return {path.split("/")[2]: path for path in _LINK.findall(body)}


def step(session: Any, lead: Lead) -> Task:
    session.expire_all()
    found: Task = session.scalars(
        sa.select(Task).where(Task.lead_id == lead.id, Task.text == "答复南湖场地方案")
    ).one()
    return found


def test_done_asks_first_does_it_once_and_can_be_undone(
    late: Lead, session: Any, scout: User, signed_out: Client
) -> None:
    path = links(session)["done"]
    asked = signed_out.get(path)
    assert (asked.status_code, signed_out.send("HEAD", path).status_code) == (200, 200)
    assert "北京和利时" in asked.text
    assert "答复南湖场地方案" in asked.text
    assert step(session, late).state is TaskState.OPEN
    signed_out.token = ""
    made = signed_out.post(path)
    assert made.status_code == 200
    assert step(session, late).state is TaskState.DONE
    last = session.scalars(sa.select(ChangeSet).order_by(ChangeSet.id.desc())).first()
    assert (last.actor_id, last.via) == (scout.id, Via.MAIL)
    for again in (signed_out.post(path), signed_out.get(path)):
        assert again.status_code == 410
        assert "<h1>已经办过了</h1>" in again.text
        assert "这次什么都没有改" in again.text
        assert "登录" in again.text
    undo = _UNDO.findall(made.text)[0]
    assert signed_out.post(undo).status_code == 200
    assert step(session, late).state is TaskState.OPEN
    assert signed_out.post(undo).status_code == 410
    # Nobody got in by it.
    assert signed_out.get("/today").status_code == 302


def test_done_says_of_what_where_the_mail_speaks_of_something_else_first(
    leads: Leads, session: Any
) -> None:
    lead = leads.make("北京和利时", age=3)
    leads.task(lead, "答复南湖场地方案和班车线路的事情并报食堂", TODAY - timedelta(days=2))
    leads.task(lead, "给评估报告", TODAY - timedelta(days=5), TaskKind.PROMISE)
    plan(MORNING)
    queue_digests(MORNING)
    html = session.scalar(sa.select(Message.html_body))
    session.rollback()
    assert ">已办：答复南湖场地方案和班车线路的事情并…</a>" in html


def test_later_puts_off_to_a_day_that_will_do(
    leads: Leads, session: Any, signed_out: Client
) -> None:
    leads.make("用友网络", age=61, planned_investment_cny=56_780_000)
    plan(MORNING)
    queue_digests(MORNING)
    path = links(session)["later"]
    assert "done" not in links(session)
    asked = signed_out.get(path).text
    assert "用友网络" in asked
    assert "5678" not in asked
    for wrong, said in ((TODAY.isoformat(), "请选明天或以后"), ("soon", "日期")):
        refused = signed_out.post(path, data={"until": wrong, "reason": "等招标结果"})
        assert (refused.status_code, said in refused.text) == (422, True)
        assert 'value="等招标结果"' in refused.text
    day = date(2026, 12, 7)
    made = signed_out.post(path, data={"quick": day.isoformat(), "reason": "等招标结果"})
    assert made.status_code == 200
    kept = [(one.until, one.reason) for one in session.scalars(sa.select(Snooze))]
    assert kept == [(day, "等招标结果")]
    assert signed_out.post(path, data={"until": day.isoformat()}).status_code == 410
    assert signed_out.post(_UNDO.findall(made.text)[0]).status_code == 200
    session.expire_all()
    assert session.scalars(sa.select(Snooze)).one().taken_back_at is not None


def test_a_link_that_is_old_changed_for_something_else_or_anothers_does_nothing(
    late: Lead, session: Any, scout: User, signed_out: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = links(session)["done"]
    changed = path.replace(".", "A.", 1)
    for wrong in (changed, path.replace("/done/", "/later/"), f"{path}/reversals"):
        assert "不完整或被改过" in signed_out.post(wrong).text
    assert signed_out.get(path.replace("/done/", "/delete/")).status_code == 404
    # Five wrong tries, as at the sign-in.
    for _n in range(2):
        signed_out.post(changed)
    assert signed_out.post(path).status_code == 429
    later = MORNING + timedelta(minutes=20)
    monkeypatch.setenv("CRM_NOW", later.isoformat())
    scout.active = False
    session.commit()
    assert "停用" in signed_out.post(path).text
    scout.active = True
    session.commit()
    monkeypatch.setenv("CRM_NOW", morning(TODAY + timedelta(days=8)).isoformat())
    assert "过期" in signed_out.get(path).text
    assert signed_out.post(path).status_code == 410
    assert step(session, late).state is TaskState.OPEN


def test_what_was_changed_since_the_mail_is_not_shown_before_signing_in(
    late: Lead, leads: Leads, session: Any, signed_out: Client
) -> None:
    path = links(session)["done"]
    step(session, late).text = "给出 5000 万元的报价"
    session.commit()
    assert signed_out.get(path).status_code == 410
    assert "5000" not in signed_out.get(path).text
    assert "改过" in signed_out.post(path).text
