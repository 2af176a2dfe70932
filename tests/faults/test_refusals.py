"""A mail server that refuses, hangs up, falls silent or is not who it should be."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders import undelivered
from crm.reminders.digest import queue_digests
from crm.reminders.outbox import MAX_ATTEMPTS, SendResult, send_due
from crm.reminders.plan import plan
from models import db
from models.enums import MessageState
from models.message import Message, RefusedAddress
from tests.clients import Client
from tests.faults.counting import each_reached_once, last_replies, states
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer, always
from tests.people import People
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_outbox import queue

__all__ = ["mail_server"]
pytestmark = pytest.mark.faults
DAY = timedelta(days=1)


@pytest.fixture
def send(
    make_app: Callable[..., Flask], mail_server: MailServer, session: Any
) -> Callable[..., SendResult]:
    """Send what is due at a moment; ``to`` is another server."""

    def work(at: datetime, to: str = mail_server.url) -> SendResult:
        app = make_app(mail_url=to, mail_timeout=2.0)
        # What the test has looked at must not keep the sender waiting.
        session.rollback()
        with app.app_context():
            try:
                return send_due(at)
            finally:
                db.engine.dispose()

    return work


@pytest.fixture
def three(session: Any, people: People) -> list[str]:
    """Three scouts with a mail each; their addresses."""
    scouts = [people.scout() for _ in range(3)]
    for scout in scouts:
        Leads(session, scout).make(age=61)
    plan(MORNING)
    assert queue_digests(MORNING).messages == 3
    return [scout.email for scout in scouts]


@pytest.mark.fault(
    "server refuses for now (4xx) without end",
    "tried again and again, later and later, for two days; then a dead letter with the server's"
    " words on the administrator's page; retried there, it arrives once",
)
def test_refused_for_now_for_ever(
    send: Callable[..., SendResult],
    session: Any,
    people: People,
    mail_server: MailServer,
    app: Flask,
) -> None:
    queue(session, people.scout(), 1)
    mail_server.refuse["rcpt"] = always("451 4.3.2 out of order")
    at, tries = MORNING, 0
    while states(session)[MessageState.DEAD] == 0:
        at = max(at, due(session))
        send(at)
        tries += 1
    assert tries == MAX_ATTEMPTS
    assert timedelta(days=2) < at - MORNING < timedelta(days=3)
    admin = people.administrator()
    browser = Client(app).sign_in(admin.email)
    listed = browser.get("/admin/outbox?state=dead").text
    assert "451 4.3.2 out of order" in listed
    mail_server.refuse.clear()
    mail = session.scalars(sa.select(Message)).one()
    browser.post(f"/admin/outbox/{mail.public_id}/retries")
    assert send(due(session)).sent == 1
    assert mail_server.by_message_id == {"<0@city.example>": 1}


def due(session: Any) -> datetime:
    """When the one message may be sent at the earliest."""
    session.expire_all()
    found: datetime = session.scalars(sa.select(Message.due_at)).one()
    session.rollback()
    return found


@pytest.mark.fault(
    "server refuses one of three recipients for good (5xx)",
    "the others get theirs; the address is marked, its mail waits with the server's words and goes"
    " to the new address when there is one",
)
def test_one_of_three_is_refused(
    send: Callable[..., SendResult],
    three: list[str],
    session: Any,
    people: People,
    mail_server: MailServer,
) -> None:
    mail_server.refuse["rcpt"] = lambda to: "550 5.1.1 unknown" if to == three[1] else None
    assert send(MORNING) == SendResult(2, 1, 0, 0)
    assert sorted(str(mail["To"]) for mail in mail_server.mails) == [three[0], three[2]]
    assert session.scalars(sa.select(RefusedAddress.address)).all() == [three[1]]
    assert last_replies(session).count("550 5.1.1 unknown") == 1
    mail = session.scalars(sa.select(Message).where(Message.to_address == three[1])).one()
    person = people.administrator()
    session.refresh(mail, ["recipient"])
    mail.recipient.email = "new@test.example"
    undelivered.retry(mail, person, MORNING)
    session.commit()
    assert send(MORNING) == SendResult(1, 0, 0, 0)
    each_reached_once(session, mail_server)


@pytest.mark.fault(
    "server refuses the content for good (5xx)",
    "not tried again; it waits with the server's words, the address is not marked",
)
def test_content_is_refused(
    send: Callable[..., SendResult], three: list[str], session: Any, mail_server: MailServer
) -> None:
    mail_server.refuse["data"] = lambda to: "554 5.7.1 spam" if to == three[0] else None
    assert send(MORNING) == SendResult(2, 1, 0, 0)
    assert send(MORNING + DAY) == SendResult(0, 0, 0, 0)
    assert states(session) == {MessageState.SENT: 2, MessageState.FAILED: 1}
    assert "554 5.7.1 spam" in last_replies(session)
    assert session.scalars(sa.select(RefusedAddress.address)).all() == []


@pytest.mark.parametrize(
    ("step", "twice"),
    [
        pytest.param(
            "rcpt",
            0,
            marks=pytest.mark.fault("server hangs up before DATA", "sent again later, once"),
        ),
        pytest.param(
            "taken",
            1,
            marks=pytest.mark.fault(
                "server hangs up after DATA",
                "marked as uncertain, sent again under the same Message-ID",
            ),
        ),
    ],
)
def test_the_server_hangs_up(
    send: Callable[..., SendResult],
    three: list[str],
    session: Any,
    mail_server: MailServer,
    step: str,
    twice: int,
) -> None:
    cuts = iter(["close"])
    mail_server.refuse[step] = lambda _to: next(cuts, None)
    assert send(MORNING) == SendResult(2, 0, 1, 0)
    assert send(MORNING + timedelta(minutes=2)) == SendResult(1, 0, 0, 0)
    each_reached_once(session, mail_server, twice_taken=twice)
    assert session.scalar(sa.select(sa.func.count()).where(Message.uncertain)) == twice


@pytest.mark.fault(
    "server says nothing until the time-out",
    "put off with that reason, sent when it speaks again, once",
)
def test_the_server_is_silent(
    send: Callable[..., SendResult], three: list[str], session: Any, mail_server: MailServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        assert send(MORNING, url) == SendResult(0, 0, 3, 0)
    assert "timed out" in last_replies(session)[0]
    assert send(MORNING + timedelta(minutes=2)) == SendResult(3, 0, 0, 0)
    each_reached_once(session, mail_server)


@pytest.mark.fault(
    "server takes the mail and says nothing until the time-out",
    "marked as uncertain, sent again under the same Message-ID",
)
def test_the_server_falls_silent_after_the_mail(
    send: Callable[..., SendResult], three: list[str], session: Any, mail_server: MailServer
) -> None:
    given_up = threading.Event()
    silences = iter([given_up])

    def be_silent(_to: str) -> None:
        if (silence := next(silences, None)) is not None:
            silence.wait(30)

    mail_server.refuse["taken"] = be_silent
    # While one letter is waited for, the server answers no other either.
    first = send(MORNING)
    given_up.set()
    assert first.sent + first.deferred == 3
    assert session.scalar(sa.select(sa.func.count()).where(Message.uncertain)) == 1
    session.rollback()
    assert send(MORNING + timedelta(minutes=2)).sent == first.deferred
    each_reached_once(session, mail_server, twice_taken=1)


@pytest.mark.fault(
    "server has a certificate of nobody we know, or speaks no TLS",
    "nothing is handed over; put off with that reason, sent when it is mended, once",
)
def test_bad_tls(
    send: Callable[..., SendResult], three: list[str], session: Any, mail_server: MailServer
) -> None:
    assert send(MORNING, f"{mail_server.url}?tls=tls") == SendResult(0, 0, 3, 0)
    assert "SSL" in last_replies(session)[0]
    nobodys = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    nobodys.load_cert_chain(Path(__file__).parents[1] / "mail" / "nobody.pem")
    stranger = MailServer(nobodys)
    stranger.start()
    try:
        later = MORNING + timedelta(minutes=2)
        assert send(later, f"{stranger.url}?tls=tls") == SendResult(0, 0, 3, 0)
    finally:
        stranger.stop()
    assert stranger.mails == []
    assert "CERTIFICATE_VERIFY_FAILED" in last_replies(session)[0]
    assert send(MORNING + timedelta(minutes=10)) == SendResult(3, 0, 0, 0)
    each_reached_once(session, mail_server)


@pytest.mark.fault(
    "server gone for a day",
    "the mails wait; the next morning's mail takes them in and says since when none went",
)
def test_the_server_is_gone_for_a_day(
    send: Callable[..., SendResult], three: list[str], session: Any, mail_server: MailServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        gone = f"smtp://127.0.0.1:{nobody.getsockname()[1]}"
    for hour in range(24):
        assert send(MORNING + timedelta(hours=hour), gone).sent == 0
    plan(MORNING + DAY)
    assert queue_digests(MORNING + DAY).messages == 3
    assert states(session) == {MessageState.MERGED: 3, MessageState.QUEUED: 3}
    assert send(MORNING + DAY).sent == 3
    each_reached_once(session, mail_server)
    for mail in mail_server.mails:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "从 12月3日 周四 起的提醒邮件没有发出去" in text
