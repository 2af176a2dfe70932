"""Sends what waits in the outbox: each message once, whoever and however many are sending.

A sender claims one message at a time: it raises the message's ``fence``, sets ``lease_until``,
commits, talks to the server, and records the outcome only while the fence is still its own. A
sender that dies leaves a lease that runs out; the next one takes the message over. A letter's
Message-ID was fixed when it was written, so what a dying sender had handed over already is the
same mail again, not another.

These functions commit, because a claim must be seen by others before the server is.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from crm import clock
from crm.config import Config
from crm.errors import Conflict
from crm.mail import smtp
from crm.mail.letter import Letter, compose, sender_address
from crm.mail.smtp import Delivery, Outcome, Postman
from crm.messages import msg
from models import db, engine
from models.enums import MessageState
from models.message import DeliveryAttempt, Message

MAX_ATTEMPTS = 9
LOST = "lost"
# Minutes.
_LONGEST_DELAY = 360
# Beyond the time a letter may take, so that a lease never runs out under a living sender.
_LEASE_MARGIN = 30.0


@dataclass(frozen=True)
class SendResult:
    """Taken, refused for good or given up, put off; and what is due and was not tried."""

    sent: int
    failed: int
    deferred: int
    left: int


@dataclass(frozen=True)
class _Claim:
    """A message that is ours to send while nobody raises its fence."""

    id: int
    fence: int
    attempts: int
    wanted: bool
    letter: Letter


class _Watch:
    """The moment of a run: it starts at ``at`` and goes on at the pace of the real clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._started = time.monotonic()

    def now(self) -> datetime:
        """``at``, and the time that has passed since."""
        return self.at + timedelta(seconds=time.monotonic() - self._started)


def send_due(at: datetime, most: int | None = None) -> SendResult:
    """Send what is due at ``at``, at most ``most`` messages; without ``MAIL_URL`` nothing.

    Raises ValueError when ``MAIL_URL`` can not be read. What a server answers raises nothing.
    """
    config: Config = current_app.extensions["crm.config"]
    done: Counter[Outcome] = Counter()
    if config.mail_url:
        server, sender = smtp.parse(config.mail_url), sender_address(config.mail_from)
        watch = _Watch(at)
        with Postman(server, sender, config.mail_timeout) as postman:
            while most is None or done.total() < most:
                claim = _claim(watch, config.mail_timeout)
                if claim is None:
                    break
                done[_send(claim, postman, watch, config)] += 1
    with engine.reading():
        left = db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(_due(at)))
        db.session.rollback()
    return SendResult(
        done[Outcome.SENT], done[Outcome.FAILED], done[Outcome.DEFERRED], int(left or 0)
    )


def retry(message: Message, now: datetime) -> None:
    """Queue a message again that was refused for good or given up. Raises Conflict for others."""
    if message.state not in {MessageState.FAILED, MessageState.DEAD}:
        raise Conflict(msg("这封邮件不需要重发：它已发出，或者还在等着发。"))
    message.state = MessageState.QUEUED
    message.attempts = 0
    message.due_at = now
    db.session.flush()


def delay(attempts: int) -> timedelta:
    """How long to wait after that many tries: 1, 3, 9, 27 … minutes, at most six hours."""
    minutes: int = min(3 ** (attempts - 1), _LONGEST_DELAY)
    return timedelta(minutes=minutes)


def worker_name() -> str:
    """Which process this is, for people who look for it."""
    return f"{socket.gethostname()}:{os.getpid()}"[:96]


def _due(at: datetime) -> sa.ColumnElement[bool]:
    """Waiting, or left behind by a sender whose lease has run out."""
    return sa.or_(
        sa.and_(Message.state == MessageState.QUEUED, Message.due_at <= at),
        sa.and_(Message.state == MessageState.SENDING, Message.lease_until < at),
    )


def _claim(watch: _Watch, timeout: float) -> _Claim | None:
    """Take the next due message. SQLite: BEGIN IMMEDIATE; PostgreSQL: SKIP LOCKED."""
    message = db.session.scalar(
        sa.select(Message)
        .where(_due(watch.at))
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .options(joinedload(Message.recipient))
        .with_for_update(skip_locked=True, of=Message)
        .execution_options(populate_existing=True)
    )
    if message is None:
        db.session.rollback()
        return None
    if message.state is MessageState.SENDING:
        _record_attempt(message.id, message.fence, watch.now(), watch.now(), LOST, "")
    message.state = MessageState.SENDING
    message.fence += 1
    message.attempts += 1
    message.lease_until = watch.now() + timedelta(seconds=timeout * smtp.PATIENCE + _LEASE_MARGIN)
    wanted = message.recipient is None or message.recipient.active
    claim = _Claim(message.id, message.fence, message.attempts, wanted, _letter(message))
    db.session.commit()
    return claim


def _letter(message: Message) -> Letter:
    return Letter(
        message_id=message.message_id,
        to_address=message.to_address,
        subject=message.subject,
        text=message.text_body,
        html=message.html_body,
        calendar=message.calendar_body,
        written_at=message.created_at.astimezone(clock.SHANGHAI),
    )


def _send(claim: _Claim, postman: Postman, watch: _Watch, config: Config) -> Outcome:
    started = watch.now()
    if not claim.wanted:
        delivery = Delivery(Outcome.FAILED, str(msg("账号已停用，没有发。")))
    elif claim.attempts > MAX_ATTEMPTS:
        delivery = Delivery(Outcome.FAILED, str(msg("试了太多次，不再发。")))
    else:
        delivery = _hand_over(claim.letter, postman, config)
    return _settle(claim, delivery, started, watch.now())


def _hand_over(letter: Letter, postman: Postman, config: Config) -> Delivery:
    try:
        mail = compose(letter, mail_from=config.mail_from, sender_name=config.site_name_zh)
    except ValueError as error:
        # One letter that can not be written down must not keep the others waiting.
        return Delivery(Outcome.FAILED, str(error))
    return postman.deliver(mail, letter.to_address)


def _settle(claim: _Claim, delivery: Delivery, started: datetime, ended: datetime) -> Outcome:
    """Record the outcome if the message is still ours; whoever took it over records theirs."""
    changes = _outcome(claim, delivery, ended)
    ours = db.session.execute(
        sa.update(Message)
        .where(
            Message.id == claim.id,
            Message.fence == claim.fence,
            Message.state == MessageState.SENDING,
        )
        .values(lease_until=None, **changes)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if ours is not None:
        _record_attempt(claim.id, claim.fence, started, ended, delivery.outcome, delivery.reply)
    db.session.commit()
    gave_up = changes["state"] is MessageState.DEAD
    return Outcome.FAILED if gave_up else delivery.outcome


def _outcome(claim: _Claim, delivery: Delivery, now: datetime) -> dict[str, Any]:
    if delivery.outcome is Outcome.SENT:
        return {"state": MessageState.SENT, "sent_at": now}
    if delivery.outcome is Outcome.FAILED:
        return {"state": MessageState.FAILED}
    if claim.attempts >= MAX_ATTEMPTS:
        return {"state": MessageState.DEAD}
    return {"state": MessageState.QUEUED, "due_at": now + delay(claim.attempts)}


def _record_attempt(
    message_id: int, number: int, started: datetime, ended: datetime, outcome: str, reply: str
) -> None:
    db.session.connection().execute(
        sa.insert(DeliveryAttempt).values(
            message_id=message_id,
            number=number,
            worker=worker_name(),
            started_at=started,
            ended_at=ended,
            outcome=outcome,
            reply=reply,
        )
    )
