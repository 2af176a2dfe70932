"""A process that is killed at any step: nothing is lost, nothing is recorded or said twice."""

from __future__ import annotations

import signal
import subprocess
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import send_due
from crm.reminders.plan import plan
from models.enums import MessageState
from models.message import DeliveryAttempt, Message
from tests.faults.counting import each_reached_once, states
from tests.faults.processes import environment, killed_at, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_outbox import queue, sending

__all__ = ["environment", "mail_server", "sending"]
pytestmark = pytest.mark.faults
N = 6
AT = MORNING.isoformat()
LATER = MORNING + timedelta(minutes=5)

UNTOUCHED = "nothing was claimed; the next sender sends it, once"
TAKEN_OVER = "the lease runs out, another sender takes it over and sends it, once"
TWICE = (
    "the server has it and nobody knows: marked as uncertain, sent again under the same Message-ID"
)


def killed(point: str, outcome: str, left: str, twice: int) -> Any:
    """A point at which the third letter's sender is killed."""
    row = pytest.mark.fault(f"sender killed {point}", outcome)
    return pytest.param(point, left, twice, marks=row, id=point)


@pytest.mark.parametrize(
    ("point", "left", "twice"),
    [
        killed("before the claim", UNTOUCHED, "queued", 0),
        killed("in the claim", UNTOUCHED, "queued", 0),
        killed("after the claim", TAKEN_OVER, "sending", 0),
        killed("before the last line", TAKEN_OVER, "sending", 0),
        killed("before recording", TWICE, "sending", 1),
        killed("in the recording", TWICE, "sending", 1),
    ],
)
def test_a_sender_is_killed(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    point: str,
    left: str,
    twice: int,
) -> None:
    queue(session, people.scout(), N)
    killed_at(environment, point, 3, "outbox", "send", "--at", AT)
    held = int(left == "sending")
    assert states(session) == {
        state: n
        for state, n in (
            (MessageState.SENT, 2),
            (MessageState.SENDING, held),
            (MessageState.QUEUED, N - 2 - held),
        )
        if n
    }
    with sending.app_context():
        # Nobody touches what another may still be sending.
        assert send_due(MORNING).sent == N - 2 - held
        assert send_due(LATER).sent == held
    assert states(session) == {MessageState.SENT: N}
    arrived = mail_server.by_message_id
    assert (len(arrived), sum(arrived.values())) == (N, N + twice)
    assert session.scalar(sa.select(sa.func.count()).where(Message.uncertain)) == held
    sent = sa.select(sa.func.count()).where(DeliveryAttempt.outcome == "sent")
    assert session.scalar(sent) == N


@pytest.mark.fault("sender killed after DATA, before the server's answer", TWICE)
def test_a_sender_is_killed_while_the_server_answers(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
) -> None:
    queue(session, people.scout(), N)
    seen: list[str] = []
    processes: list[subprocess.Popen[str]] = []

    def kill_at_the_third(to: str) -> str | None:
        seen.append(to)
        if len(seen) != 3:
            return None
        processes[0].send_signal(signal.SIGKILL)
        processes[0].wait()
        return "close"

    mail_server.refuse["taken"] = kill_at_the_third
    processes.append(start(environment, "outbox", "send", "--at", AT))
    processes[0].communicate(timeout=60)
    assert processes[0].returncode == -signal.SIGKILL
    with sending.app_context():
        assert send_due(MORNING).sent == N - 3
        assert send_due(LATER).sent == 1
    assert states(session) == {MessageState.SENT: N}
    assert sorted(mail_server.by_message_id.values()) == [1] * (N - 1) + [2]


@pytest.mark.parametrize(
    ("point", "command"),
    [
        pytest.param(point, command, id=point, marks=pytest.mark.fault(what, outcome))
        for point, command, what, outcome in (
            (
                "while planning",
                ("reminders", "plan"),
                "planner killed before it commits",
                "planning again writes what is missing, nothing twice",
            ),
            (
                "between mail and reminders",
                ("reminders", "digest"),
                "writer killed between a mail and its reminders",
                "neither stands; writing again writes both",
            ),
            (
                "before the mail is committed",
                ("reminders", "digest"),
                "writer killed before it commits",
                "neither stands; writing again writes both",
            ),
        )
    ],
)
def test_a_planner_or_writer_is_killed(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    point: str,
    command: tuple[str, str],
) -> None:
    for scout in (people.scout(), people.scout()):
        leads = Leads(session, scout)
        leads.make(age=61)
        leads.make(age=70)
    if command[1] == "digest":
        plan(MORNING)
    killed_at(environment, point, 1, *command, "--at", AT)
    assert states(session) == {}
    with sending.app_context():
        plan(MORNING)
        queue_digests(MORNING)
        assert send_due(MORNING).sent == 2
    each_reached_once(session, mail_server)


@pytest.mark.fault(
    "worker told to stop (SIGTERM)", "the letter in hand is sent to its end, then it stops"
)
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
        # Who stops a group of processes says it to each, and so may this one's parent.
        worker.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGTERM)
        _out, err = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert worker.returncode == 0, err
    assert "worker stopped" in err
    assert "Traceback" not in err
    assert states(session) == {MessageState.SENT: N}
