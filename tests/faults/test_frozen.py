"""A process that sleeps in the middle of its work, and wakes when another has done it."""

from __future__ import annotations

import json
import signal
import subprocess
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import send_due
from crm.reminders.plan import plan
from models.enums import MessageState
from models.message import DeliveryAttempt
from models.reminder import Reminder
from tests.faults.counting import each_reached_once, states
from tests.faults.processes import environment, frozen_at
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_outbox import queue, sending

__all__ = ["environment", "mail_server", "sending"]
pytestmark = pytest.mark.faults
AT = MORNING.isoformat()


def woken(process: subprocess.Popen[str]) -> str:
    """Let it go on to its end; what it printed."""
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.mark.fault(
    "planner frozen between reading and writing while another plans",
    "it finds all of it written and writes nothing (the natural key)",
)
def test_a_planner_wakes_late(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    engine_kind: str,
) -> None:
    leads = Leads(session, people.scout())
    for _ in range(3):
        leads.make(age=61)
    session.commit()
    # The first transaction that writes notes that it runs.
    point = ("before it may write", 2) if engine_kind == "sqlite" else ("before it writes", 1)
    process = frozen_at(environment, *point, "reminders", "plan", "--at", AT, "--json")
    with sending.app_context():
        assert plan(MORNING).planned == 3
    said = json.loads(woken(process))
    assert (said["planned"], said["already_planned"]) == (0, 3)
    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 3
    session.rollback()
    with sending.app_context():
        queue_digests(MORNING)
        assert send_due(MORNING).sent == 1
    each_reached_once(session, mail_server)


@pytest.mark.fault(
    "sender frozen until its lease has run out and another has sent",
    "what it hears when it wakes is not recorded (the fence); the server has one Message-ID",
)
def test_a_sender_wakes_late(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
) -> None:
    queue(session, people.scout(), 1)
    process = frozen_at(environment, "after the claim", 1, "outbox", "send", "--at", AT)
    with sending.app_context():
        assert send_due(MORNING).sent == 0
        assert send_due(MORNING + timedelta(minutes=5)).sent == 1
    # It would be told that its mail was refused for good.
    mail_server.refuse["rcpt"] = lambda _to: "550 5.1.1 unknown"
    woken(process)
    assert states(session) == {MessageState.SENT: 1}
    assert set(session.scalars(sa.select(DeliveryAttempt.outcome))) == {"lost", "sent"}
    assert mail_server.by_message_id == {"<0@city.example>": 1}


@pytest.mark.fault(
    "sender frozen until its lease has run out and another is sending",
    "what it hears when it wakes is not recorded (the fence); what the other hears is",
)
def test_a_sender_wakes_while_another_has_its_mail(
    environment: dict[str, str], session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 1)
    later = (MORNING + timedelta(minutes=5)).isoformat()
    first, second = (
        frozen_at(environment, "after the claim", 1, "outbox", "send", "--at", at)
        for at in (AT, later)
    )
    mail_server.refuse["rcpt"] = lambda _to: "550 5.1.1 unknown"
    woken(first)
    assert states(session) == {MessageState.SENDING: 1}
    mail_server.refuse.clear()
    woken(second)
    assert states(session) == {MessageState.SENT: 1}
    assert set(session.scalars(sa.select(DeliveryAttempt.outcome))) == {"lost", "sent"}
    assert mail_server.by_message_id == {"<0@city.example>": 1}
