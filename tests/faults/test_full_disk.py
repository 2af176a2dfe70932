"""A full disk refuses the file in a sentence, keeps nothing of it, and stops nothing else."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import send_due
from crm.reminders.plan import plan
from models.attachment import Attachment
from models.enums import MessageState
from tests.clients import Client
from tests.faults.counting import each_reached_once, states
from tests.faults.processes import environment, run, with_files_up_to
from tests.leads.making import a_lead
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_outbox import queue, sending

__all__ = ["environment", "mail_server", "sending"]

pytestmark = pytest.mark.faults
KIB = 1024
N = 60


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Writing more into one file fails, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# The limit is this process's own: the database has to be another's.
@pytest.mark.parametrize("engine_kind", ["postgresql"])
@pytest.mark.fault(
    "no room for an uploaded file", "refused in a sentence, nothing of it is kept", "PostgreSQL"
)
def test_no_room_for_a_file(client: Client, people: People, session: Any, data_dir: Path) -> None:
    scout = people.scout()
    path = f"/leads/{a_lead(scout).public_id}/attachments"
    client.sign_in(scout.email)
    # Small enough that the form is read in memory: it is the store that has no room.
    content = b"%PDF-1.4\n" + b"x" * 400 * KIB
    with no_file_beyond(200 * KIB):
        refused = client.post(path, {"file": (io.BytesIO(content), "协议.pdf")})
    assert refused.status_code == 422
    assert "服务器存不下这份文件" in refused.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    assert [one for one in (data_dir / "files").rglob("*") if one.is_file()] == []
    taken = client.post(path, {"file": (io.BytesIO(content), "协议.pdf")})
    assert taken.status_code == 302


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.fault(
    "disk full while mails are sent",
    "the run ends with the reason; with room again the next one goes on, and what was in hand is"
    " sent again under the same Message-ID",
    "SQLite",
)
def test_no_room_for_what_was_sent(
    environment: dict[str, str], session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), N)
    session.close()
    at = MORNING.isoformat()
    process = with_files_up_to(environment, 400 * KIB, "outbox", "send", "--at", at)
    _out, err = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "The database can not be used: d" in err, err
    went = len(mail_server.mails)
    assert 0 < went < N
    for minutes in (0, 5):
        later = (MORNING + timedelta(minutes=minutes)).isoformat()
        run(environment, "outbox", "send", "--at", later)
    assert states(session) == {MessageState.SENT: N}
    arrived = mail_server.by_message_id
    assert len(arrived) == N
    assert sum(arrived.values()) - N <= 1


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            command,
            marks=pytest.mark.fault(
                f"disk full while reminders are {what}",
                "nothing of the step stands; with room again it is done, once",
                "SQLite",
            ),
        )
        for command, what in (("plan", "planned"), ("digest", "written into mails"))
    ],
)
def test_no_room_for_what_is_planned_or_written(
    environment: dict[str, str],
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    command: str,
) -> None:
    scout = people.scout()
    leads = Leads(session, scout)
    for _ in range(30):
        leads.make(age=61)
    if command == "digest":
        plan(MORNING)
    session.close()
    at = MORNING.isoformat()
    # The first page that is written finds no room.
    process = with_files_up_to(environment, 64 * KIB, "reminders", command, "--at", at)
    _out, err = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "The database can not be used: d" in err, err
    with sending.app_context():
        plan(MORNING)
        assert queue_digests(MORNING).messages == 1
        assert send_due(MORNING).sent == 1
    each_reached_once(session, mail_server)
