"""What reached whom, counted at the mail server."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa

from models.enums import MessageState, ReminderState
from models.message import DeliveryAttempt, Message
from models.reminder import Reminder
from tests.mail.servers import MailServer

_LEAD = re.compile(r"/leads/(\w{12})\b")


def mentions(mail_server: MailServer) -> dict[tuple[str, str], set[str]]:
    """By person and lead, the Message-IDs of the mails that name the lead to the person."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in mail_server.mails:
        body = mail.get_body(("plain",))
        assert body is not None
        for lead in _LEAD.findall(body.get_content()):
            found[str(mail["To"]), lead].add(str(mail["Message-ID"]))
    return found


def each_reached_once(session: Any, mail_server: MailServer, *, twice_taken: int = 0) -> None:
    """Every planned reminder is in a mail that its person got, and in one only.

    ``twice_taken`` is how many mails may have come twice, under one Message-ID.
    """
    session.expire_all()
    rows = session.execute(
        sa.select(Reminder.state, Message.state, Message.message_id).outerjoin(
            Message, Message.id == Reminder.message_id
        )
    ).all()
    session.rollback()
    assert rows
    assert {tuple(row[:2]) for row in rows} == {(ReminderState.QUEUED, MessageState.SENT)}
    arrived = mail_server.by_message_id
    assert {row[2] for row in rows} == set(arrived)
    assert sum(arrived.values()) - len(arrived) == twice_taken
    assert all(len(ids) == 1 for ids in mentions(mail_server).values())


def states(session: Any) -> Counter[MessageState]:
    """How many messages stand where."""
    session.expire_all()
    query = sa.select(Message.state, sa.func.count()).group_by(Message.state)
    found = Counter({row[0]: row[1] for row in session.execute(query)})
    session.rollback()
    return found


def last_replies(session: Any) -> list[str]:
    """What the outbox says of the tries, the last first."""
    query = sa.select(DeliveryAttempt.reply).order_by(DeliveryAttempt.id.desc())
    found = list(session.scalars(query))
    session.rollback()
    return found
