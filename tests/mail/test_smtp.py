"""What a server's answers mean, against a real server."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta, timezone

import pytest

from crm.mail.letter import Letter, compose, new_message_id, sender_address
from crm.mail.smtp import Delivery, Outcome, Postman, Server, parse
from tests.mail.servers import MailServer, always

TO = "chen@test.example"


def letter(**more: str) -> bytes:
    written = Letter(
        **{
            "message_id": new_message_id("noreply@city.example"),
            "to_address": TO,
            "subject": "今天 4 家要联系，1 家已逾期",
            "text": "陈思远，早上好。\n.\n",
            "html": "<p>陈思远，早上好。</p>",
            **more,
        },
        written_at=datetime(2026, 12, 3, 8, tzinfo=timezone(timedelta(hours=8))),
    )
    mail = compose(written, mail_from="noreply@city.example", sender_name="嘉兴软件招商")
    return mail.as_bytes()


def postman(server: MailServer, timeout: float = 30.0) -> Postman:
    return Postman(parse(server.url), "noreply@city.example", timeout)


def test_a_letter_arrives_as_it_was_written(mail_server: MailServer) -> None:
    with postman(mail_server) as sender:
        delivery = sender.deliver(letter(), TO)
    assert delivery.outcome is Outcome.SENT
    assert delivery.reply == "250 taken as number 1"
    (mail,) = mail_server.mails
    assert mail["Subject"] == "今天 4 家要联系，1 家已逾期"
    assert mail["From"] == "嘉兴软件招商 <noreply@city.example>"
    assert mail["Date"] == "Thu, 03 Dec 2026 08:00:00 +0800"
    text, html = mail.iter_parts()
    assert text.get_content().splitlines() == ["陈思远，早上好。", "."]
    assert html.get_content_type() == "text/html"


def test_one_connection_serves_many_and_is_opened_again(mail_server: MailServer) -> None:
    with postman(mail_server) as sender:
        assert sender.deliver(letter(), TO).outcome is Outcome.SENT
        mail_server.refuse["rcpt"] = always("close")
        assert sender.deliver(letter(), TO).outcome is Outcome.DEFERRED
        mail_server.refuse.clear()
        assert sender.deliver(letter(), TO).outcome is Outcome.SENT
    assert len(mail_server.mails) == 2


def test_a_server_that_hangs_up_after_a_letter_puts_the_next_one_off_for_nothing(
    mail_server: MailServer,
) -> None:
    with postman(mail_server) as sender:
        for _ in range(2):
            assert sender.deliver(letter(), TO).outcome is Outcome.SENT
            mail_server.hang_up()
    assert len(mail_server.mails) == 2


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("rcpt", "450 mailbox busy", Outcome.DEFERRED),
        ("rcpt", "550 no such mailbox", Outcome.FAILED),
        ("data", "451 try later", Outcome.DEFERRED),
        ("data", "554 not wanted", Outcome.FAILED),
        ("taken", "452 disk full", Outcome.DEFERRED),
    ],
)
def test_a_refusal_is_for_now_or_for_good(
    mail_server: MailServer, step: str, answer: str, outcome: Outcome
) -> None:
    mail_server.refuse[step] = always(answer)
    with postman(mail_server) as sender:
        delivery = sender.deliver(letter(), TO)
    assert (delivery.outcome, delivery.reply) == (outcome, answer)


def test_whether_a_letter_without_an_answer_was_taken_is_not_known(mail_server: MailServer) -> None:
    mail_server.refuse["taken"] = always("close")
    with postman(mail_server) as sender:
        assert sender.deliver(letter(), TO).outcome is Outcome.UNCERTAIN
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize(
    ("step", "answer", "no_mailbox"),
    [
        ("rcpt", "550 no such mailbox", True),
        ("rcpt", "550 5.1.1 no such user", True),
        ("rcpt", "550 5.7.1 relaying denied", False),
        ("rcpt", "552 5.2.2 mailbox full", False),
        ("data", "550 not wanted", False),
    ],
)
def test_only_a_mailbox_that_is_not_there_speaks_against_the_address(
    mail_server: MailServer, step: str, answer: str, no_mailbox: bool
) -> None:
    mail_server.refuse[step] = always(answer)
    with postman(mail_server) as sender:
        delivery = sender.deliver(letter(), TO)
    assert delivery == Delivery(Outcome.FAILED, answer, no_mailbox)


def test_nobody_listening_is_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Postman(Server("127.0.0.1", port), "a@b.example", 1.0) as sender:
        delivery = sender.deliver(letter(), TO)
    assert delivery.outcome is Outcome.DEFERRED
    assert "refused" in delivery.reply


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server("127.0.0.1", silent.getsockname()[1])
        with Postman(server, "a@b.example", 0.3) as sender:
            assert sender.deliver(letter(), TO).outcome is Outcome.DEFERRED


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25)),
        ("smtp://mail.example?tls=starttls", Server("mail.example", 587, tls="starttls")),
        ("smtp://u%40x:p%3Aw@mail.example:2525?tls=tls",
         Server("mail.example", 2525, "u@x", "p:w", "tls")),
    ],
)  # fmt: skip
def test_the_address_of_the_server(url: str, server: Server) -> None:
    assert parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        *("mail.example", "http://mail.example", "smtp://", "smtp://m.example?tls=yes"),
        # A slip in the one word that keeps a password from the wire, and ports that are none.
        *("smtp://m.example?tsl=starttls", "smtp://m.example:99999", "smtp://m.example:mail"),
    ],
)
def test_a_wrong_address_is_said(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        parse(url)


def test_the_sender_may_carry_a_name() -> None:
    assert sender_address("招商 <noreply@city.example>") == "noreply@city.example"
    assert new_message_id("招商 <noreply@city.example>").endswith("@city.example>")
    assert new_message_id("x@city.example") != new_message_id("x@city.example")
