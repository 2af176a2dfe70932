"""Between planning and mail something is gone: a rule, an account, a template that works."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import send_due
from crm.reminders.plan import plan
from models.enums import MessageState, ReminderState
from models.message import DeliveryAttempt
from models.reminder import Reminder
from models.user import User
from tests.clients import Client
from tests.faults.counting import each_reached_once, states
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, Leads
from tests.reminders.test_outbox import sending

__all__ = ["mail_server", "sending"]
pytestmark = pytest.mark.faults


@pytest.fixture
def two(session: Any, people: People) -> tuple[User, User]:
    """Two scouts, each with a reminder that is planned."""
    scouts = people.scout(), people.scout()
    for scout in scouts:
        Leads(session, scout).make(age=61)
    plan(MORNING)
    return scouts


@pytest.mark.fault("rule gone with reminders planned", "they are called off, the others are said")
def test_a_rule_is_gone(
    sending: Flask, two: tuple[User, User], session: Any, mail_server: MailServer
) -> None:
    # No rule finds this any more.
    theirs = sa.update(Reminder).where(Reminder.person_id == two[0].id)
    session.execute(theirs.values(rule="withdrawn", occurrence="withdrawn 1"))
    session.commit()
    with sending.app_context():
        assert queue_digests(MORNING).messages == 1
        assert send_due(MORNING).sent == 1
    assert [mail["To"] for mail in mail_server.mails] == [two[1].email]
    assert sorted(session.scalars(sa.select(Reminder.state))) == [
        ReminderState.CANCELLED,
        ReminderState.QUEUED,
    ]


@pytest.mark.fault(
    "account closed with reminders planned",
    "they wait; opened again, the person gets them, once",
)
def test_an_account_is_closed_before_the_mail_is_written(
    sending: Flask, two: tuple[User, User], session: Any, mail_server: MailServer
) -> None:
    two[0].active = False
    session.commit()
    with sending.app_context():
        assert queue_digests(MORNING).messages == 1
        assert send_due(MORNING).sent == 1
    two[0].active = True
    session.commit()
    with sending.app_context():
        assert queue_digests(MORNING).messages == 1
        assert send_due(MORNING).sent == 1
    each_reached_once(session, mail_server)


@pytest.mark.fault("account closed with a mail in the outbox", "not sent, and the outbox says why")
def test_an_account_is_closed_before_the_mail_is_sent(
    sending: Flask, two: tuple[User, User], session: Any, mail_server: MailServer
) -> None:
    queue_digests(MORNING)
    two[0].active = False
    session.commit()
    with sending.app_context():
        result = send_due(MORNING)
    assert (result.sent, result.failed) == (1, 1)
    assert "closed" in set(session.scalars(sa.select(DeliveryAttempt.outcome)))
    session.rollback()


@pytest.mark.fault(
    "template that raises for one person",
    "the others get theirs; the outbox says what went wrong, and writes it when it is mended",
)
def test_a_template_raises(
    sending: Flask,
    two: tuple[User, User],
    session: Any,
    people: People,
    mail_server: MailServer,
) -> None:
    good = sending.jinja_env.loader
    broken = "{% if person == '" + two[0].name + "' %}{{ 1 // 0 }}{% endif %}早上好 "
    whole = "{{ full[0].lead_url }}"
    assert good is not None
    session.rollback()
    with sending.app_context():
        loader = DictLoader({"emails/digest/digest.txt": broken + whole})
        sending.jinja_env.loader = ChoiceLoader([loader, good])
        sending.jinja_env.cache.clear()  # type: ignore[union-attr]
        result = queue_digests(MORNING)
        assert (result.messages, result.unwritten) == (1, 1)
        assert send_due(MORNING).sent == 1
    assert states(session) == {MessageState.UNWRITTEN: 1, MessageState.SENT: 1}
    admin = Client(sending).sign_in(people.administrator().email)
    assert "ZeroDivisionError" in admin.get("/admin/outbox?state=unwritten").text
    with sending.app_context():
        sending.jinja_env.loader = good
        sending.jinja_env.cache.clear()  # type: ignore[union-attr]
        assert queue_digests(MORNING).messages == 1
        assert send_due(MORNING).sent == 1
    each_reached_once(session, mail_server)
