"""Two processes do the morning's work at the same moment: it is done once."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from models.message import Message
from models.reminder import Reminder
from tests.faults.processes import environment, start
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import Leads

__all__ = ["environment", "mail_server"]
pytestmark = pytest.mark.faults
AT = "2026-12-03T08:00"
SCOUTS, LEADS = 4, 5


def both(environment: dict[str, str], *command: str) -> Counter[str]:
    """Run a command twice at once; what the two say together."""
    processes = [start(environment, *command, "--at", AT, "--json") for _ in range(2)]
    said: Counter[str] = Counter()
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        said.update({k: v for k, v in json.loads(out).items() if isinstance(v, int)})
    return said


@pytest.mark.fault(
    "two machines plan, write and send at the same moment, and again", "each is done once"
)
def test_two_who_plan_write_and_send_do_it_once(
    environment: dict[str, str], session: Any, people: People, mail_server: MailServer
) -> None:
    scouts = [people.scout() for _ in range(SCOUTS)]
    for scout in scouts:
        leads = Leads(session, scout)
        for _ in range(LEADS):
            leads.make(age=61)
    addresses = sorted(scout.email for scout in scouts)
    session.commit()

    for again in (False, True):
        planned = both(environment, "reminders", "plan")
        made = SCOUTS * LEADS
        assert planned["planned"] == (0 if again else made)
        assert planned["already_planned"] == (2 * made if again else made)
        queued = both(environment, "reminders", "digest")
        assert queued["messages"] == (0 if again else SCOUTS)
        sent = both(environment, "outbox", "send")
        assert (sent["sent"], sent["failed"]) == (0 if again else SCOUTS, 0)

    assert sorted(str(mail["To"]) for mail in mail_server.mails) == addresses
    assert set(mail_server.by_message_id.values()) == {1}
    counted = [
        session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in (Reminder, Message)
    ]
    assert counted == [SCOUTS * LEADS, SCOUTS]
