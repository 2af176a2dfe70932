"""Mails at once: short, few, never by night, and never what the digest says again."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.reminders.digest import queue_digests
from crm.reminders.outbox import send_due
from crm.reminders.plan import plan
from crm.reminders.quiet import Quiet, may_send_now
from crm.reminders.urgent import UrgentResult, queue_urgent
from crm.working_days import WorkingCalendar
from models import db
from models.comment import Comment, Mention
from models.enums import MessageState, ReminderState, Stage, TaskKind
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.reminder_rule import ReminderRule
from models.user import User
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.offers.making import approved, sent_back
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads, morning

__all__ = ["mail_server"]

TEN = MORNING + timedelta(hours=2)
NIGHT = MORNING + timedelta(hours=14)


def mention(session: Any, lead: Lead, by: User, whom: User, at: datetime = MORNING) -> None:
    comment = Comment(lead_id=lead.id, author_id=by.id, text="报价 5000 万", created_at=at)
    session.add(comment)
    session.flush()
    session.add(Mention(comment_id=comment.id, user_id=whom.id))
    session.commit()


def urgent(session: Any) -> list[Message]:
    session.expire_all()
    return list(session.scalars(sa.select(Message).where(Message.kind == "urgent")))


def test_a_refusal_is_said_at_once_without_amounts_and_why(
    leads: Leads, session: Any, people: People, scout: User
) -> None:
    lead = leads.make("北京和利时", stage=Stage.NEGOTIATING)
    offer = sent_back(lead, scout, people.manager(name="钟文"))
    assert queue_urgent(TEN) == UrgentResult(1, 1)
    (mail,) = urgent(session)
    assert (mail.recipient_id, mail.subject) == (scout.id, "北京和利时：政策测算被退回")
    assert "钟文" in mail.text_body
    assert "重新提出" in mail.text_body
    assert re.search(rf'href="[^"]+/offers/{offer.public_id}"[^>]*>看原因<', mail.html_body)
    for unsaid in ("金额偏高", "860", "记通话"):
        assert unsaid not in mail.text_body + mail.html_body
    assert queue_digests(TEN).messages == 0


def test_an_approval_is_said_at_once_without_amounts(
    leads: Leads, session: Any, people: People, scout: User
) -> None:
    lead = leads.make("北京和利时", stage=Stage.NEGOTIATING)
    offer = approved(lead, scout, people.manager(name="钟文"))
    assert queue_urgent(TEN) == UrgentResult(1, 1)
    (mail,) = urgent(session)
    assert (mail.recipient_id, mail.subject) == (scout.id, "北京和利时：政策测算获批准")
    assert "钟文" in mail.text_body
    assert "可以去签约了" in mail.text_body
    assert re.search(rf'href="[^"]+/offers/{offer.public_id}"[^>]*>看测算<', mail.html_body)
    for unsaid in ("860", "记通话"):
        assert unsaid not in mail.text_body + mail.html_body
    assert queue_digests(TEN).messages == 0


@pytest.fixture
def colleague(people: People) -> User:
    """Who mentions the scout."""
    return people.scout(name="沈立军")


def test_a_mention_is_said_at_once_in_the_leads_thread_and_not_by_the_digest_again(
    leads: Leads,
    session: Any,
    scout: User,
    colleague: User,
    app_with: Callable[..., Flask],
    mail_server: MailServer,
) -> None:
    lead = leads.make("北京和利时")
    mention(session, lead, colleague, scout)
    sending = app_with(mail_url=mail_server.url, mail_from="a@city.example")
    with sending.app_context():
        assert queue_urgent(TEN) == UrgentResult(1, 1)
        assert queue_urgent(TEN) == UrgentResult(0, 0)
    (mail,) = urgent(session)
    assert mail.subject == "北京和利时：有人提到您"
    assert "沈立军" in mail.text_body
    assert "5000" not in mail.text_body + mail.html_body
    thread = f"<lead-{lead.public_id}@city.example>"
    session.rollback()
    with sending.app_context():
        assert send_due(TEN).sent == 1
    (got,) = mail_server.mails
    assert (got["References"], got["In-Reply-To"]) == (thread, thread)
    assert got["List-Unsubscribe"].endswith("/notices/settings>")
    tomorrow = morning(TODAY + timedelta(days=1))
    plan(tomorrow)
    assert queue_digests(tomorrow).messages == 0


def test_the_fourth_of_an_hour_waits_for_the_digest(
    leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    for _n in range(5):
        mention(session, leads.make(), colleague, scout)
    assert queue_urgent(TEN).messages == 3
    assert queue_urgent(TEN + timedelta(minutes=5)).messages == 0
    assert queue_urgent(TEN + timedelta(minutes=61)).messages == 2
    states = session.scalars(sa.select(Reminder.state))
    assert set(states) == {ReminderState.QUEUED}


def test_by_night_and_on_days_off_it_is_written_down_and_waits(
    leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    mention(session, leads.make("用友网络"), colleague, scout)
    assert queue_urgent(NIGHT) == UrgentResult(1, 0)
    friday = morning(TODAY + timedelta(days=1))
    assert queue_digests(friday).messages == 1
    assert queue_urgent(friday + timedelta(hours=2)).messages == 0
    assert "用友网络" in session.scalars(sa.select(Message.text_body)).one()


def test_a_directive_is_said_when_it_is_given_and_what_was_answered_is_not(
    leads: Leads, session: Any
) -> None:
    lead, other = leads.make("宇信科技"), leads.make("广联达")
    leads.task(lead, "周五前回复", TODAY + timedelta(days=5), TaskKind.DIRECTIVE)
    done = leads.task(other, "看一下", TODAY + timedelta(days=5), TaskKind.DIRECTIVE)
    queue_urgent(NIGHT - timedelta(days=1))
    leads.done(done)
    assert queue_urgent(TEN).messages == 1
    assert [one.subject for one in urgent(session)] == ["宇信科技：批示未回复"]


def test_one_that_never_went_is_merged_into_the_next_digest(
    leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    mention(session, leads.make("东华软件"), colleague, scout)
    queue_urgent(TEN)
    tomorrow = morning(TODAY + timedelta(days=1))
    assert queue_digests(tomorrow).messages == 1
    (old,) = urgent(session)
    assert old.state is MessageState.MERGED
    digest = session.get_one(Message, old.merged_into_id)
    assert "东华软件" in digest.text_body
    assert "没有发出去" in digest.text_body


def test_two_workers_write_one_mail(
    app: Flask, leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    mention(session, leads.make(), colleague, scout)
    gate = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            gate.wait()
            queue_urgent(TEN)
            db.session.remove()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urgent(session)) == 1


def test_a_mail_and_the_mark_on_its_reminders_stand_together_or_not_at_all(
    app: Flask, leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    mention(session, leads.make(), colleague, scout)

    def fail(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE reminder SET state"):
            raise RuntimeError("cut short")

    sa.event.listen(db.engine, "before_cursor_execute", fail)
    try:
        assert queue_urgent(TEN).messages == 0
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", fail)
    assert urgent(session) == []
    session.rollback()
    assert queue_urgent(TEN).messages == 1
    assert len(urgent(session)) == 1


def test_a_rule_that_is_not_at_once_waits_for_the_digest(
    leads: Leads, session: Any, scout: User, colleague: User
) -> None:
    for rule in session.scalars(sa.select(ReminderRule).where(ReminderRule.at_once)):
        rule.at_once = False
    session.commit()
    mention(session, leads.make(), colleague, scout)
    assert queue_urgent(TEN) == UrgentResult(0, 0)


@pytest.mark.parametrize(
    ("hour", "minute", "day", "sent", "may"),
    [
        (10, 0, 3, 0, True),
        (10, 0, 3, 2, True),
        (10, 0, 3, 3, False),
        (8, 29, 3, 0, False),
        (8, 30, 3, 0, True),
        (19, 59, 3, 0, True),
        (20, 0, 3, 0, False),
        (10, 0, 5, 0, False),
    ],
)
def test_when_somebody_may_be_written_to(
    hour: int, minute: int, day: int, sent: int, may: bool
) -> None:
    zone = timezone(timedelta(hours=8))
    at = datetime(2026, 12, day, hour, minute, tzinfo=zone)
    before = [at - timedelta(minutes=10)] * sent + [at - timedelta(hours=1)]
    assert may_send_now(at, before, WorkingCalendar({}), Quiet()) is may
    assert not Quiet(time(9), time(9)).holds(time(9))
