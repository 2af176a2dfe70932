"""A sender that is killed in the middle of a letter: nothing is lost, nothing is recorded twice."""

from __future__ import annotations

import signal
import subprocess
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.outbox import send_due
from models.enums import MessageState
from models.message import DeliveryAttempt, Message
from tests.faults.processes import environment, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING
from tests.reminders.test_outbox import queue, sending

__all__ = ["environment", "mail_server", "sending"]
pytestmark = pytest.mark.faults
N = 10


@pytest.mark.parametrize("step", ["rcpt", "taken"])
def test_killed_before_or_after_the_server_took_the_letter(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    step: str,
) -> None:
    queue(session, people.scout(), N)
    reached = threading.Event()
    seen: list[str] = []
    processes: list[subprocess.Popen[str]] = []

    def kill_at_the_third(_to: str) -> str | None:
        seen.append(_to)
        if len(seen) == 3 and not reached.is_set():
            reached.set()
            processes[0].send_signal(signal.SIGKILL)
            processes[0].wait()
            return "close"
        return None

    mail_server.refuse[step] = kill_at_the_third
    processes.append(start(environment, "outbox", "send", "--at", MORNING.isoformat()))
    processes[0].communicate(timeout=60)
    assert reached.is_set()
    assert processes[0].returncode == -signal.SIGKILL
    assert states(session)[MessageState.SENDING] == 1

    with sending.app_context():
        assert send_due(MORNING).sent == N - 3
        assert send_due(MORNING + timedelta(minutes=5)).sent == 1
    assert states(session) == {MessageState.SENT: N}
    assert len(mail_server.by_message_id) == N
    # Only a letter the server had taken arrives again, under the same Message-ID.
    assert sum(mail_server.by_message_id.values()) == (N if step == "rcpt" else N + 1)
    sent = sa.select(sa.func.count()).where(DeliveryAttempt.outcome == "sent")
    assert session.scalar(sent) == N


def states(session: Any) -> dict[MessageState, int]:
    session.expire_all()
    query = sa.select(Message.state, sa.func.count()).group_by(Message.state)
    found = {row[0]: row[1] for row in session.execute(query)}
    session.rollback()
    return found


def test_a_worker_stops_when_it_is_told_and_has_sent_what_waited(
    environment: dict[str, str], session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), N)
    session.execute(sa.update(Message).values(due_at=MORNING - timedelta(days=365)))
    session.commit()
    arrived = threading.Event()

    def last(_to: str) -> None:
        if len(mail_server.mails) == N:
            arrived.set()

    mail_server.refuse["taken"] = last
    worker = start(environment, "worker")
    try:
        assert arrived.wait(60)
        worker.send_signal(signal.SIGTERM)
        _out, err = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert worker.returncode == 0, err
    assert "worker stopped" in err
    assert states(session) == {MessageState.SENT: N}
