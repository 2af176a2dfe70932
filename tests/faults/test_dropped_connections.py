"""Connections that break: the database's under pages and a worker, the mail server's mid-letter."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.reminders.outbox import send_due
from models.message import Message
from tests.clients import Client
from tests.faults.processes import environment, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING
from tests.reminders.test_outbox import queue, sending

__all__ = ["environment", "mail_server", "sending"]
pytestmark = pytest.mark.faults


class TestOfTheDatabase:
    """PostgreSQL restarts, or a firewall forgets; SQLite has no connection to lose."""

    @pytest.fixture
    def engine_kind(self) -> str:
        """The engine with a server."""
        return "postgresql"

    def test_the_next_page_is_served(self, client: Client, people: People, session: Any) -> None:
        client.sign_in(people.scout().email)
        cut(session)
        assert client.get("/board").status_code == 200

    def test_a_worker_goes_on(
        self,
        environment: dict[str, str],
        session: Any,
        people: People,
        mail_server: MailServer,
    ) -> None:
        queue(session, people.scout(), 2)
        due(session, 0, days=-1)
        due(session, 1, days=1)
        arrived = [threading.Event(), threading.Event()]
        mail_server.refuse["taken"] = lambda _to: arrived[len(mail_server.mails) - 1].set()
        worker = start(environment, "worker")
        try:
            assert arrived[0].wait(60)
            cut(session)
            due(session, 1, days=-1)
            assert arrived[1].wait(90)
            worker.send_signal(signal.SIGTERM)
            _out, err = worker.communicate(timeout=30)
        finally:
            worker.kill()
        assert worker.returncode == 0, err
        assert set(mail_server.by_message_id.values()) == {1}


def test_a_mail_server_that_hangs_up_gets_the_letter_later(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 3)
    cuts = iter(["close"])
    mail_server.refuse["data"] = lambda _to: next(cuts, None)
    with sending.app_context():
        first = send_due(MORNING)
        assert (first.sent, first.deferred) == (2, 1)
        assert send_due(MORNING + timedelta(minutes=5)).sent == 1
    assert len(mail_server.mails) == 3
    assert set(mail_server.by_message_id.values()) == {1}


def cut(session: Any) -> None:
    """End every other connection to the test's database."""
    session.rollback()
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    session.execute(sa.text(f"SELECT pg_terminate_backend(pid) {others}"))
    session.commit()


def due(session: Any, number: int, *, days: int) -> None:
    """That letter is due so many days from now, by a worker's own clock."""
    letter = sa.update(Message).where(Message.message_id == f"<{number}@city.example>")
    session.execute(letter.values(due_at=clock.now() + timedelta(days=days)))
    session.commit()
