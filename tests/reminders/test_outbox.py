"""The outbox sends each message once, whoever sends and whatever the server answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.mail import smtp
from crm.reminders import outbox, undelivered
from crm.reminders.outbox import MAX_ATTEMPTS, SendResult, delay, send_due
from models import db
from models.enums import MessageState
from models.message import DeliveryAttempt, Message, RefusedAddress
from models.user import User
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer, always
from tests.people import People
from tests.reminders.leads import MORNING

__all__ = ["mail_server"]


# How long the mail server may take: only what never answers takes as long.
SECONDS = 30.0


@pytest.fixture
def sending(app_with: Callable[..., Flask], mail_server: MailServer) -> Flask:
    """The application with a mail server."""
    return app_with(mail_url=mail_server.url, mail_timeout=SECONDS)


def queue(session: Any, recipient: User, n: int) -> None:
    for number in range(n):
        session.add(
            Message(
                message_id=f"<{number}@city.example>",
                kind="digest",
                recipient_id=recipient.id,
                period=f"day {number}",
                to_address=recipient.email,
                subject=f"第 {number} 封",
                text_body="早上好",
                html_body="<p>早上好</p>",
                due_at=MORNING,
                created_at=MORNING,
            )
        )
    session.commit()


def send(app: Flask, at: Any = MORNING, most: int | None = None) -> SendResult:
    with app.app_context():
        return send_due(at, most)


def states(session: Any) -> set[MessageState]:
    session.expire_all()
    return set(session.scalars(sa.select(Message.state)))


def outcomes(session: Any) -> list[str]:
    query = sa.select(DeliveryAttempt.outcome).order_by(DeliveryAttempt.id)
    found = list(session.scalars(query))
    session.rollback()
    return found


def test_without_a_server_mail_stays_and_is_counted(session: Any, people: People) -> None:
    queue(session, people.scout(), 3)
    assert send_due(MORNING) == SendResult(0, 0, 0, 3)
    assert states(session) == {MessageState.QUEUED}


def test_what_is_due_is_sent_once(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 5)
    assert send(sending, MORNING - timedelta(seconds=1)) == SendResult(0, 0, 0, 0)
    assert send(sending, most=2) == SendResult(2, 0, 0, 3)
    assert send(sending) == SendResult(3, 0, 0, 0)
    assert send(sending) == SendResult(0, 0, 0, 0)
    assert set(mail_server.by_message_id.values()) == {1}
    assert outcomes(session) == ["sent"] * 5


def test_two_hundred_messages_and_two_senders(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 200)
    results: list[SendResult] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        results.append(send(sending))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.sent for result in results) == 200
    assert all(result.sent for result in results)
    assert len(mail_server.by_message_id) == 200
    assert set(mail_server.by_message_id.values()) == {1}
    assert states(session) == {MessageState.SENT}


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_message_that_somebody_holds_keeps_no_other_waiting(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 3)
    results: list[SendResult] = []
    work = threading.Thread(target=lambda: results.append(send(sending)))
    # As the page of an administrator who presses a button does, for longer.
    session.execute(sa.select(Message.id).order_by(Message.id).limit(1).with_for_update())
    work.start()
    work.join(20)
    stuck = work.is_alive()
    session.rollback()
    work.join()
    assert not stuck
    assert results == [SendResult(2, 0, 0, 1)]


def test_a_refusal_for_now_is_tried_later_and_later(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 1)
    mail_server.refuse["rcpt"] = always("450 mailbox busy")
    assert send(sending) == SendResult(0, 0, 1, 0)
    assert send(sending, MORNING + timedelta(seconds=30)) == SendResult(0, 0, 0, 0)
    mail_server.refuse.clear()
    assert send(sending, MORNING + timedelta(minutes=2)) == SendResult(1, 0, 0, 0)
    assert outcomes(session) == ["deferred", "sent"]
    for tries, minutes in ((1, 1), (2, 3), (3, 9), (50, 360)):
        waits = {delay(tries, f"<{n}@city.example>") for n in range(20)}
        assert min(waits) >= timedelta(minutes=minutes)
        assert max(waits) < timedelta(minutes=minutes * 1.25)
        assert len(waits) == 20
        # Played again it is the same.
        assert delay(tries, "<7@city.example>") in waits


def test_after_many_tries_it_is_given_up(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 1)
    mail_server.refuse["data"] = always("451 try later")
    results = [send(sending, MORNING + timedelta(days=n)) for n in range(MAX_ATTEMPTS + 1)]
    assert [r.deferred for r in results] == [1] * (MAX_ATTEMPTS - 1) + [0, 0]
    assert [r.failed for r in results] == [0] * (MAX_ATTEMPTS - 1) + [1, 0]
    assert states(session) == {MessageState.DEAD}


def test_a_refusal_for_good_is_not_tried_again_and_holds_up_nobody(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    gone = people.scout(email="gone@test.example")
    queue(session, gone, 1)
    session.add(_other(people.scout()))
    session.commit()
    mail_server.refuse["rcpt"] = lambda to: "550 no such mailbox" if "gone" in to else None
    assert send(sending) == SendResult(1, 1, 0, 0)
    assert send(sending, MORNING + timedelta(days=1)) == SendResult(0, 0, 0, 0)
    marked = session.execute(sa.select(RefusedAddress.address, RefusedAddress.reply)).one()
    assert tuple(marked) == ("gone@test.example", "550 no such mailbox")
    # Nothing more goes there, until an administrator says so or the account has another address.
    mail_server.refuse.clear()
    session.add(_other(gone, "<later@city.example>"))
    session.commit()
    assert send(sending) == SendResult(0, 1, 0, 0)
    gone.email = "here@test.example"
    session.commit()
    for mail in session.scalars(sa.select(Message).where(Message.recipient_id == gone.id)):
        undelivered.retry(mail, gone, MORNING)
    session.commit()
    assert send(sending) == SendResult(2, 0, 0, 0)
    assert [str(mail["To"]) for mail in mail_server.mails[1:]] == ["here@test.example"] * 2


def test_no_answer_after_the_letter_is_sent_again_as_the_same_letter(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 1)
    answers = iter(["close"])
    mail_server.refuse["taken"] = lambda _to: next(answers, None)
    assert send(sending) == SendResult(0, 0, 1, 0)
    assert session.scalars(sa.select(Message.uncertain)).one() is True
    session.rollback()
    assert send(sending, MORNING + timedelta(minutes=2)) == SendResult(1, 0, 0, 0)
    assert outcomes(session) == ["uncertain", "sent"]
    assert mail_server.by_message_id == {"<0@city.example>": 2}
    # Said for good: it may lie there twice.
    assert session.scalars(sa.select(Message.uncertain)).one() is True


def test_a_backlog_goes_out_at_the_pace_that_is_allowed(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 7)
    paced = []
    with sending.app_context():
        for number in range(3):
            # So far apart that half a minute of a busy machine makes no difference.
            at = MORNING + number * timedelta(seconds=100)
            paced.append(send_due(at, per_minute=3))
            assert send_due(at + timedelta(seconds=30), per_minute=3).sent == 0
    assert paced == [SendResult(3, 0, 0, 4), SendResult(3, 0, 0, 1), SendResult(1, 0, 0, 0)]


def test_a_letter_that_can_not_be_composed_holds_up_nobody(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    scout = people.scout()
    queue(session, scout, 1)
    session.execute(sa.update(Message).values(subject="两\n行"))
    session.add(_other(scout))
    session.commit()
    assert send(sending) == SendResult(1, 1, 0, 0)
    reply = session.scalars(
        sa.select(DeliveryAttempt.reply).where(DeliveryAttempt.outcome == "failed")
    ).one()
    assert "linefeed" in reply


def _other(recipient: User, message_id: str = "<other@city.example>") -> Message:
    return Message(
        message_id=message_id,
        kind="digest",
        recipient_id=recipient.id,
        period=message_id,
        to_address=recipient.email,
        subject="另一封",
        text_body="早上好",
        html_body="<p>早上好</p>",
        due_at=MORNING,
        created_at=MORNING,
    )


def test_a_closed_account_gets_nothing(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    scout = people.scout()
    queue(session, scout, 1)
    scout.active = False
    session.commit()
    assert send(sending) == SendResult(0, 1, 0, 0)
    assert mail_server.mails == []


def test_what_a_dead_sender_held_is_sent_when_its_lease_ends(
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue(session, people.scout(), 1)

    def die(*_given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_send", die)
        with pytest.raises(KeyboardInterrupt):
            send(sending)
    lease = timedelta(seconds=SECONDS * smtp.PATIENCE + 30)
    assert send(sending, MORNING + lease / 2) == SendResult(0, 0, 0, 0)
    assert send(sending, MORNING + lease * 1.1) == SendResult(1, 0, 0, 0)
    assert outcomes(session) == ["lost", "sent"]
    assert set(mail_server.by_message_id.values()) == {1}


def test_who_lost_the_fence_records_nothing(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    queue(session, people.scout(), 1)

    with sending.app_context():
        engine = db.engine
    # While the server thinks, another sender takes the message over.
    mail_server.refuse["rcpt"] = lambda _to: _overtake(engine)
    send(sending)
    assert states(session) == {MessageState.SENDING}
    assert outcomes(session) == []


def _overtake(engine: sa.Engine) -> str:
    with engine.begin() as connection:
        connection.execute(sa.update(Message).values(fence=Message.fence + 1))
    return "550 no"
