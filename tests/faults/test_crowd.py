"""Several senders at once over a long queue: each message is claimed by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from models.enums import MessageState
from models.message import DeliveryAttempt
from tests.faults.counting import states
from tests.faults.processes import environment, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING
from tests.reminders.test_outbox import queue

__all__ = ["environment", "mail_server"]
pytestmark = pytest.mark.faults
N = 2000


@pytest.mark.parametrize(
    "senders",
    [
        pytest.param(
            n,
            marks=pytest.mark.fault(f"{word} senders at once over 2,000 mails", "each goes once"),
        )
        for n, word in ((2, "two"), (4, "four"))
    ],
)
def test_many_senders(
    environment: dict[str, str],
    session: Any,
    people: People,
    mail_server: MailServer,
    senders: int,
) -> None:
    queue(session, people.scout(), N)
    at = MORNING.isoformat()
    processes = [start(environment, "outbox", "send", "--at", at, "--json") for _ in range(senders)]
    shares = []
    for process in processes:
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        shares.append(json.loads(out)["sent"])
    assert sum(shares) == N
    assert all(shares)
    assert states(session) == {MessageState.SENT: N}
    arrived = mail_server.by_message_id
    assert (len(arrived), set(arrived.values())) == (N, {1})
    assert session.scalar(sa.select(sa.func.count()).select_from(DeliveryAttempt)) == N
