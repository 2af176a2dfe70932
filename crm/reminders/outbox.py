"""Sends what waits in the outbox: each message once, whoever and however many are sending.

A sender claims one message at a time: it raises the message's ``fence``, sets ``lease_until``,
commits, talks to the server, and records the outcome only while the fence is still its own. A
sender that dies leaves a lease that runs out; the next one takes the message over. A letter's
Message-ID was fixed when it was written, so what a dying sender had handed over already is the
same mail again, not another. Whenever a server may have taken it unheard, the message says so
(``uncertain``).

These functions commit, because a claim must be seen by others before the server is.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from crm import clock
from crm.config import Config
from crm.mail import smtp
from crm.mail.letter import Letter, compose, sender_address
from crm.mail.links import link
from crm.mail.robots import Robot
from crm.mail.smtp import Delivery, Outcome, Postman
from crm.reminders.envelopes import CHOSEN
from crm.reminders.runs import worker_name
from crm.reminders.undelivered import CLOSED, MARKED, TOO_OFTEN, WITHDRAWN
from models import db, engine
from models.enums import MessageState, Way
from models.message import DeliveryAttempt, Message, RefusedAddress
from models.messenger_address import MessengerAddress

# With the delays below two days and more: a server that is gone for a day loses nothing.
MAX_ATTEMPTS = 14
LOST = "lost"
# Minutes.
_LONGEST_DELAY = 360
# The part of a delay by which messages that were refused together are drawn apart.
_JITTER = 0.25
_MINUTE = timedelta(minutes=1)
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
    """A message that is ours to send while nobody raises its fence.

    ``robot``: where it goes, of what is no mail; None where nobody set one up any more.
    """

    id: int
    fence: int
    attempts: int
    letter: Letter
    way: Way = Way.MAIL
    person_id: int | None = None
    robot: Robot | None = None
    not_tried: str = ""
    """Why it is not even tried, of undelivered.NOT_TRIED."""
    said_before: str = ""
    """What the server said when it refused the address."""


class _Watch:
    """The moment of a run: it starts at ``at`` and goes on at the pace of the real clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._started = time.monotonic()

    def now(self) -> datetime:
        """``at``, and the time that has passed since."""
        return self.at + timedelta(seconds=time.monotonic() - self._started)


def send_due(
    at: datetime, most: int | None = None, *, per_minute: int = 0, kind: str | None = None
) -> SendResult:
    """Send what is due at ``at``, at most ``most`` messages; without ``MAIL_URL`` no mail.

    ``per_minute`` is the most that all senders together try in a minute (0: no limit); ``kind``
    keeps to mails of one kind. Raises ValueError when ``MAIL_URL`` can not be read. What a server
    answers raises nothing.
    """
    config: Config = current_app.extensions["crm.config"]
    done: Counter[Outcome] = Counter()
    watch = _Watch(at)
    with _postman(config) as postman:
        while most is None or done.total() < most:
            if per_minute and _tried_lately(watch.now()) >= per_minute:
                break
            claim = _claim(watch, config, kind)
            if claim is None:
                break
            done[_send(claim, postman, watch, config)] += 1
    put_off = done[Outcome.DEFERRED] + done[Outcome.UNCERTAIN]
    return SendResult(done[Outcome.SENT], done[Outcome.FAILED], put_off, waiting(at))


def _postman(config: Config) -> contextlib.AbstractContextManager[Postman | None]:
    """Who takes mail; nobody where no server is set up."""
    if not config.mail_url:
        return contextlib.nullcontext()
    server = smtp.parse(config.mail_url)
    return Postman(server, sender_address(config.mail_from), config.mail_timeout)


def waiting(at: datetime, *, mail: bool = True) -> int:
    """How many messages are due at ``at``; without ``mail`` those for messengers alone."""
    due = sa.or_(*_due(at))
    if not mail:
        due = sa.and_(due, Message.way != Way.MAIL)
    with engine.reading():
        found = db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(due))
        db.session.rollback()
    return int(found or 0)


def delay(attempts: int, message_id: str = "") -> timedelta:
    """How long to wait after that many tries: 1, 3, 9, 27 … minutes, at most six hours.

    Up to a quarter is added, a part that follows from the message itself: what was refused
    together does not come back together, and played again it is the same.
    """
    minutes = min(3 ** (attempts - 1), _LONGEST_DELAY)
    drawn = hashlib.sha256(f"{message_id} {attempts}".encode()).digest()
    part = int.from_bytes(drawn[:4], "big") / 2**32
    return timedelta(minutes=minutes * (1 + _JITTER * part))


def _due(at: datetime) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Left behind by a sender whose lease has run out, or waiting."""
    return (
        sa.and_(Message.state == MessageState.SENDING, Message.lease_until < at),
        sa.and_(Message.state == MessageState.QUEUED, Message.due_at <= at),
    )


def _tried_lately(now: datetime) -> int:
    """Tries of the last minute, whoever made them, and those that go on now."""
    tried = sa.select(sa.func.count()).where(
        DeliveryAttempt.ended_at > now - _MINUTE, DeliveryAttempt.ended_at <= now
    )
    going_on = sa.select(sa.func.count()).where(
        Message.state == MessageState.SENDING, Message.lease_until >= now
    )
    with engine.reading():
        found = db.session.scalar(sa.select(tried.scalar_subquery() + going_on.scalar_subquery()))
        db.session.rollback()
    return int(found or 0)


def _claim(watch: _Watch, config: Config, kind: str | None) -> _Claim | None:
    """Take the next due message. SQLite: BEGIN IMMEDIATE; PostgreSQL: SKIP LOCKED."""
    refused = sa.select(RefusedAddress.reply).where(RefusedAddress.address == Message.to_address)
    query = (
        sa.select(Message, refused.scalar_subquery())
        .order_by(Message.due_at, Message.id)
        .limit(1)
        .options(joinedload(Message.recipient))
        .with_for_update(skip_locked=True, of=Message)
        .execution_options(populate_existing=True)
    )
    if kind is not None:
        query = query.where(Message.kind == kind)
    if not config.mail_url:
        query = query.where(Message.way != Way.MAIL)
    # One after the other: each is then the head of an index, however many wait behind it.
    for due in _due(watch.at):
        if (found := db.session.execute(query.where(due)).first()) is not None:
            break
    else:
        db.session.rollback()
        return None
    message, refused_before = found
    if message.state is MessageState.SENDING:
        # Whoever held it may have handed it over before they died.
        _record_attempt(message.id, message.fence, watch.now(), watch.now(), LOST, "")
        message.uncertain = True
    message.state = MessageState.SENDING
    message.fence += 1
    message.attempts += 1
    patience = config.mail_timeout * smtp.PATIENCE + _LEASE_MARGIN
    message.lease_until = watch.now() + timedelta(seconds=patience)
    robot = _robot(message)
    claim = _Claim(
        message.id,
        message.fence,
        message.attempts,
        _letter(message),
        message.way,
        message.recipient_id,
        robot,
        _not_tried(message, refused_before, robot),
        refused_before or "",
    )
    db.session.commit()
    return claim


def _robot(message: Message) -> Robot | None:
    """The address as it is now: who has changed it meanwhile gets it there."""
    if message.way is Way.MAIL or message.recipient_id is None:
        return None
    found = db.session.execute(
        sa.select(MessengerAddress.token, MessengerAddress.secret).where(
            MessengerAddress.person_id == message.recipient_id,
            MessengerAddress.messenger == message.way,
        )
    ).first()
    return Robot(message.way, found.token, found.secret) if found else None


def _not_tried(message: Message, refused_before: str | None, robot: Robot | None) -> str:
    if message.recipient is not None and not message.recipient.active:
        return CLOSED
    if refused_before is not None:
        return MARKED
    if message.attempts > MAX_ATTEMPTS:
        return TOO_OFTEN
    return WITHDRAWN if message.way is not Way.MAIL and robot is None else ""


def _letter(message: Message) -> Letter:
    return Letter(
        message_id=message.message_id,
        to_address=message.to_address,
        subject=message.subject,
        text=message.text_body,
        html=message.html_body,
        calendar=message.calendar_body,
        thread_id=message.thread_id,
        settings_url=link("reminder_settings.show") if message.kind in CHOSEN else None,
        written_at=message.created_at.astimezone(clock.ZONE),
    )


def _send(claim: _Claim, postman: Postman | None, watch: _Watch, config: Config) -> Outcome:
    started = watch.now()
    if claim.not_tried:
        reply = claim.said_before if claim.not_tried == MARKED else ""
        delivery = Delivery(Outcome.FAILED, reply)
    else:
        delivery = _hand_over(claim, postman, config)
    return _settle(claim, delivery, started, watch.now())


def _hand_over(claim: _Claim, postman: Postman | None, config: Config) -> Delivery:
    letter = claim.letter
    try:
        if claim.robot is not None:
            # Only who sends there loads the library.
            from crm.mail import messengers  # noqa: PLC0415

            homes, patience = config.messengers, config.mail_timeout
            return messengers.deliver(claim.robot, letter.text, homes=homes, timeout=patience)
        mail = compose(letter, mail_from=config.mail_from, sender_name=config.site_name_zh)
        content = mail.as_bytes()
    except Exception as error:
        # Whatever is wrong with one letter must not keep the others waiting.
        return Delivery(Outcome.FAILED, f"{type(error).__name__}: {error}")
    if postman is None:
        raise RuntimeError("mail was claimed where no server takes it")
    return postman.deliver(content, letter.to_address)


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
        outcome = claim.not_tried or delivery.outcome
        _record_attempt(claim.id, claim.fence, started, ended, outcome, delivery.reply)
        if delivery.no_such_address:
            _mark(claim, delivery.reply, ended)
    db.session.commit()
    gave_up = changes["state"] is MessageState.DEAD
    return Outcome.FAILED if gave_up else delivery.outcome


def _outcome(claim: _Claim, delivery: Delivery, now: datetime) -> dict[str, Any]:
    if delivery.outcome is Outcome.SENT:
        return {"state": MessageState.SENT, "sent_at": now}
    if delivery.outcome is Outcome.FAILED:
        return {"state": MessageState.FAILED}
    unheard = {"uncertain": True} if delivery.outcome is Outcome.UNCERTAIN else {}
    if claim.attempts >= MAX_ATTEMPTS:
        return {"state": MessageState.DEAD, **unheard}
    due_at = now + delay(claim.attempts, claim.letter.message_id)
    return {"state": MessageState.QUEUED, "due_at": due_at, **unheard}


def _mark(claim: _Claim, reply: str, now: datetime) -> None:
    """Send nothing more there; what a person reads by that messenger goes by mail from now on."""
    if claim.robot is not None:
        robot = db.session.scalar(
            sa.select(MessengerAddress).where(
                MessengerAddress.person_id == claim.person_id,
                MessengerAddress.messenger == claim.way,
            )
        )
        # Not one that they set up meanwhile.
        if robot is not None and robot.token == claim.robot.token:
            robot.refused_at, robot.reply = now, reply
        return
    address = claim.letter.to_address
    connection = db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    marked = insert(RefusedAddress).values(address=address, reply=reply, refused_at=now)
    connection.execute(marked.on_conflict_do_nothing())


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
