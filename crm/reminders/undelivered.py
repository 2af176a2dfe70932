"""What an administrator does with mail that did not go: send it again, drop it, take that back.

Each leaves a line among the message's tries, with the name of who did it.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.errors import Conflict
from crm.mail.smtp import Outcome
from crm.messages import msg
from models import db
from models.enums import MessageState, Way
from models.message import DeliveryAttempt, Message, RefusedAddress
from models.user import User

RETRIED, DROPPED, RESTORED, UNWRITTEN = "retried", "dropped", "restored", "unwritten"
# Why a message was not even tried: its account is closed, its address was refused, it is too often,
# its person has withdrawn the robot that it was for.
CLOSED, MARKED, TOO_OFTEN, WITHDRAWN = "closed", "marked", "too_often", "withdrawn"
NOT_TRIED = frozenset({CLOSED, MARKED, TOO_OFTEN, WITHDRAWN})
# What somebody did; who it was stands in place of a server's answer.
BY_HAND = frozenset({RETRIED, DROPPED, RESTORED})
STUCK = frozenset({MessageState.FAILED, MessageState.DEAD})


def retry(message: Message, by: User, now: datetime) -> None:
    """Queue a message again that was refused for good or given up. Raises Conflict for others.

    It goes to the address that its person has now, and a mark on that address is cleared.
    """
    if message.state not in STUCK:
        raise Conflict(msg("这封邮件不需要重发：它已发出，或者还在等着发。"))
    if message.recipient is not None and message.way is Way.MAIL:
        message.to_address = message.recipient.email
    clear_address(message.to_address)
    message.state = MessageState.QUEUED
    message.attempts = 0
    message.due_at = now
    _note(message, RETRIED, by, now)


def drop(message: Message, by: User, now: datetime) -> None:
    """Give a message up that did not go. Raises Conflict for others."""
    if message.state not in STUCK | {MessageState.UNWRITTEN}:
        raise Conflict(msg("只有没发出去、也不再重试的邮件可以放弃。"))
    message.state = MessageState.DROPPED
    _note(message, DROPPED, by, now)


def restore(message: Message, by: User, now: datetime) -> None:
    """Take dropping back: it stands where it stood. Raises Conflict for others."""
    if message.state is not MessageState.DROPPED:
        raise Conflict(msg("这封邮件没有放弃，不用恢复。"))
    last = db.session.scalar(
        sa.select(DeliveryAttempt.outcome)
        .where(
            DeliveryAttempt.message_id == message.id,
            DeliveryAttempt.outcome.not_in(BY_HAND),
        )
        .order_by(DeliveryAttempt.number.desc())
        .limit(1)
    )
    refused = dict.fromkeys((Outcome.FAILED, *NOT_TRIED), MessageState.FAILED)
    stood = {UNWRITTEN: MessageState.UNWRITTEN, **refused}
    message.state = stood.get(last or "", MessageState.DEAD)
    _note(message, RESTORED, by, now)


def clear_address(address: str) -> None:
    """Write to an address again that was refused."""
    db.session.execute(sa.delete(RefusedAddress).where(RefusedAddress.address == address))


def _note(message: Message, outcome: str, by: User, now: datetime) -> None:
    message.fence += 1
    db.session.add(
        DeliveryAttempt(
            message_id=message.id,
            number=message.fence,
            worker="",
            started_at=now,
            ended_at=now,
            outcome=outcome,
            reply=by.name,
        )
    )
    db.session.flush()
