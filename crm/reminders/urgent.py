"""What rules say at once: a short mail of its own a lead, within a minute, and never twice.

The reminders are the digest's own rows. A mail takes those that wait and marks them in its
transaction, so the digest finds nothing left to say of them; what may not go now stays for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from crm import clock
from crm.access import load_actor, visible_leads
from crm.config import Config
from crm.mail.letter import fixed_id, new_message_id
from crm.reminders.clocks import lead_clocks
from crm.reminders.envelopes import URGENT
from crm.reminders.facts import Due
from crm.reminders.later import awake
from crm.reminders.plan import plan
from crm.reminders.quiet import Quiet, may_send_now
from crm.reminders.rulebook import Book
from crm.reminders.rules import dues
from crm.reminders.store import book_of
from crm.reminders.subjects import Key, Subject
from crm.reminders.urgent_letter import UrgentFacts, write_urgent
from models import db, engine
from models.company import Company
from models.enums import ReminderState
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.user import User

log = structlog.get_logger()


@dataclass(frozen=True)
class UrgentResult:
    """Reminders that were found, and mails that were queued."""

    planned: int = 0
    messages: int = 0


def queue_urgent(at: datetime) -> UrgentResult:
    """Plan the rules that speak at once, and queue the mails that may go now. Commits."""
    with engine.reading():
        whole = book_of(clock.local_date(at))
        db.session.rollback()
    book = Book(tuple(rule for rule in whole.rules if rule.at_once), whole.calendar, whole.people)
    if not book.rules:
        return UrgentResult()
    planned = plan(at, book=book).planned
    codes = [rule.code for rule in book.rules]
    with engine.reading():
        people = _people_waiting(codes)
        db.session.rollback()
    messages = 0
    for person_id in people if may_send_now(at, (), book.calendar, _quiet()) else ():
        try:
            messages += _write_to(person_id, codes, book, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # What is wrong with one mail keeps nobody else waiting; the digest says it.
            db.session.rollback()
            log.exception("urgent mail not written", person=person_id)
    return UrgentResult(planned, messages)


def _quiet() -> Quiet:
    config: Config = current_app.extensions["crm.config"]
    begins, ends = config.quiet_hours
    return Quiet(begins, ends)


def _people_waiting(codes: Sequence[str]) -> list[int]:
    query = (
        sa.select(Reminder.person_id)
        .join(User, User.id == Reminder.person_id)
        .where(_waits(codes), User.active)
        .distinct()
        .order_by(Reminder.person_id)
    )
    return list(db.session.scalars(query))


def _waits(codes: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(
        Reminder.state == ReminderState.PLANNED,
        Reminder.rule.in_(codes),
        Reminder.lead_id.is_not(None),
    )


def _write_to(person_id: int, codes: Sequence[str], book: Book, at: datetime) -> int:
    """Queue this person's mails, one a lead, as many as may go; how many."""
    # Two workers write to one person one after the other: the second finds what the first marked.
    person = db.session.scalars(
        sa.select(User)
        .where(User.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    rows = db.session.execute(
        sa.select(Reminder.id, Reminder.lead_id, Reminder.rule, Reminder.occurrence)
        .where(_waits(codes), Reminder.person_id == person_id)
        .order_by(Reminder.id)
    ).all()
    sent = _sent_to(person_id, at)
    today = clock.local_date(at)
    clocks = {one.lead_id: one for one in lead_clocks(sorted({row.lead_id for row in rows}), today)}
    leads = _readable(person, list(clocks), today)
    of_lead: dict[int, list[int]] = defaultdict(list)
    why: dict[int, list[Due]] = defaultdict(list)
    for lead_id, (_public_id, _company) in leads.items():
        lead = clocks[lead_id]
        true = {
            Key(due.rule, Subject(lead_id=lead_id).name, person_id, due.occurrence): due
            for one in dues(lead, today, book)
            if one.person_id == person_id and (due := awake(one, lead, person_id, today))
        }
        for row in rows:
            key = Key(row.rule, Subject(lead_id=lead_id).name, person_id, row.occurrence)
            if row.lead_id == lead_id and key in true:
                of_lead[lead_id].append(row.id)
                why[lead_id].append(true[key])
    names = {rule.code: rule.name for rule in book.rules}
    made = 0
    for lead_id in sorted(of_lead, key=lambda one: of_lead[one]):
        if not may_send_now(at, sent, book.calendar, _quiet()):
            break
        public_id, company = leads[lead_id]
        facts = UrgentFacts(person, company, public_id, why[lead_id], names, today)
        _queue(facts, of_lead[lead_id], at)
        sent.append(at)
        made += 1
    db.session.commit()
    return made


def _sent_to(person_id: int, at: datetime) -> list[datetime]:
    query = sa.select(Message.created_at).where(
        Message.recipient_id == person_id,
        Message.kind == URGENT,
        Message.created_at > at - timedelta(hours=1),
    )
    return list(db.session.scalars(query))


def _readable(person: User, lead_ids: list[int], today: date) -> dict[int, tuple[str, str]]:
    actor = load_actor(person, today)
    rows = db.session.execute(
        sa.select(Lead.id, Lead.public_id, Company.short_name)
        .join(Company, Company.id == Lead.company_id)
        .where(Lead.id.in_(lead_ids), visible_leads(actor))
    )
    return {row.id: (row.public_id, row.short_name) for row in rows}


def _queue(facts: UrgentFacts, reminders: list[int], at: datetime) -> None:
    config: Config = current_app.extensions["crm.config"]
    written = write_urgent(facts)
    message = Message(
        message_id=new_message_id(config.mail_from),
        kind=URGENT,
        recipient_id=facts.person.id,
        # The day first, as a digest's: one that never went is merged into a later day's.
        period=f"{facts.today.isoformat()} {reminders[0]}",
        to_address=facts.person.email,
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        thread_id=fixed_id(f"lead-{facts.lead}", config.mail_from),
        due_at=at,
        created_at=at,
    )
    db.session.add(message)
    db.session.flush()
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id.in_(reminders), Reminder.state == ReminderState.PLANNED)
        .values(state=ReminderState.QUEUED, message_id=message.id)
        .execution_options(synchronize_session=False)
    )
