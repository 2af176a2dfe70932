"""What rules say at once: a short mail of its own a lead, within a minute, and never twice.

The reminders are the digest's own rows. A mail takes those that wait and marks them in its
transaction, so the digest finds nothing left to say of them; what may not go now stays for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from crm import clock
from crm.access import load_actor, visible_leads
from crm.config import Config
from crm.mail.letter import fixed_id, new_message_id
from crm.reminders.clocks import lead_clocks
from crm.reminders.envelopes import URGENT, address_of
from crm.reminders.facts import Due, LeadClock
from crm.reminders.later import awake
from crm.reminders.leaves.queries import away_on
from crm.reminders.personal.queries import personal_of, personal_of_all, quiet_of
from crm.reminders.personal.rules import Personal
from crm.reminders.personal.service import hold
from crm.reminders.plan import plan
from crm.reminders.quiet import may_send_now
from crm.reminders.reach import Reached, reached
from crm.reminders.rulebook import Book
from crm.reminders.rules import OFFERED, dues
from crm.reminders.store import book_of
from crm.reminders.subjects import Key, Subject
from crm.reminders.urgent_letter import UrgentFacts, write_urgent, write_urgent_brief
from models import db, engine
from models.enums import ReminderState, Way
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.sets import one_of
from models.user import User

log = structlog.get_logger()


@dataclass(frozen=True)
class UrgentResult:
    """Reminders that were found, and mails that were queued."""

    planned: int = 0
    messages: int = 0


@dataclass
class Looked:
    """What a worker looked at before: what is due unchanged needs no second look every half minute.

    Whatever is missed by it waits for the day's planning, which looks at everything.
    """

    due: frozenset[Reached] = frozenset()
    day: date | None = None

    def new(self, due: frozenset[Reached], day: date) -> list[int]:
        """The leads of which something is due that was not due before, by key."""
        known = self.due if day == self.day else frozenset()
        return sorted({one.lead_id for one in due - known})

    def keep(self, due: frozenset[Reached], day: date) -> None:
        """Look no more at these."""
        self.due, self.day = due, day


def queue_urgent(at: datetime, looked: Looked | None = None) -> UrgentResult:
    """Plan the rules that speak at once, and queue the mails that may go now. Commits.

    ``looked``: what the same worker has looked at before.
    """
    with engine.reading():
        whole = book_of(clock.local_date(at))
        db.session.rollback()
    book = Book(tuple(rule for rule in whole.rules if rule.at_once), whole.calendar, whole.people)
    if not book.rules:
        return UrgentResult()
    codes = [rule.code for rule in book.rules]
    today = clock.local_date(at)
    with engine.reading():
        due = frozenset(reached(book.rules, today, book))
        db.session.rollback()
    looked = looked or Looked()
    planned = plan(at, book=book, leads=looked.new(due, today)).planned
    looked.keep(due, today)
    if not book.calendar.is_working_day(today):
        return UrgentResult(planned)
    with engine.reading():
        readers = _readers(codes, at, book)
        db.session.rollback()
    messages = 0
    for person_id, reader_id in readers:
        try:
            messages += _write_to(person_id, reader_id, codes, book, at)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # What is wrong with one mail keeps nobody else waiting; the digest says it.
            db.session.rollback()
            log.exception("urgent mail not written", person=person_id)
    return UrgentResult(planned, messages)


def _readers(codes: Sequence[str], at: datetime, book: Book) -> list[tuple[int, int]]:
    """For whom something waits, each with who reads it now: they, or their deputy."""
    query = (
        sa.select(Reminder.person_id)
        .join(User, User.id == Reminder.person_id)
        .where(_waits(codes), User.active)
        .distinct()
        .order_by(Reminder.person_id)
    )
    today = clock.local_date(at)
    away = away_on(today)
    pairs = [(one, away.stand_in(one)) for one in db.session.scalars(query)]
    read = [(person, reader) for person, reader in pairs if reader is not None]
    readers = {reader for _person, reader in read}
    personal, sent = personal_of_all(readers), sent_lately(readers, at)

    def may_now(reader: int) -> bool:
        chosen = personal.get(reader, Personal())
        quiet = quiet_of(chosen)
        return not chosen.paused(today) and may_send_now(at, sent[reader], book.calendar, quiet)

    return [(person, reader) for person, reader in read if may_now(reader)]


def _waits(codes: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(
        Reminder.state == ReminderState.PLANNED,
        Reminder.rule.in_(codes),
        Reminder.lead_id.is_not(None),
    )


def _write_to(
    person_id: int, reader_id: int, codes: Sequence[str], book: Book, at: datetime
) -> int:
    """Queue what waits for a person, a message a lead, as many as its reader may get; how many.

    A deputy reads what both may read; what needs a closer look at their rights waits for the
    digest.
    """
    # Two workers write to one person one after the other: the second finds what the first marked.
    for one in sorted({person_id, reader_id}):
        hold(one)
    person = db.session.get_one(User, person_id)
    reader = db.session.get_one(User, reader_id)
    personal = personal_of(reader_id)
    quiet = quiet_of(personal)
    standing_in = reader_id != person_id
    rows = _waiting(person_id, codes)
    sent = sent_lately([reader_id], at)[reader_id]
    today = clock.local_date(at)
    clocks = {one.lead_id: one for one in lead_clocks(sorted({row.lead_id for row in rows}), today)}
    leads = _readable(person, list(clocks), today)
    if standing_in:
        leads = _readable(reader, leads, today)
    true = _true_now(person_id, [clocks[one] for one in leads], book, today)
    if standing_in:
        true = {key: due for key, due in true.items() if due.kind not in OFFERED}
    told = _by_lead_and_way(person_id, rows, true, personal)
    names = {rule.code: rule.name for rule in book.rules}
    deputy = reader_id if standing_in else None
    made = 0
    for (lead_id, way), why in told.items():
        reminders = list(why)
        if way is Way.APP:
            _mark(reminders, ReminderState.SHOWN, None, deputy)
            continue
        if not may_send_now(at, sent, book.calendar, quiet):
            continue
        facts = UrgentFacts(
            *(reader, clocks[lead_id], list(why.values()), names, today),
            instead_of=person.name if standing_in else "",
        )
        _mark(reminders, ReminderState.QUEUED, _queue(facts, way, reminders, at), deputy)
        sent.append(at)
        made += 1
    db.session.commit()
    return made


def _waiting(person_id: int, codes: Sequence[str]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    return db.session.execute(
        sa.select(Reminder.id, Reminder.lead_id, Reminder.rule, Reminder.occurrence)
        .where(_waits(codes), Reminder.person_id == person_id)
        .order_by(Reminder.id)
    ).all()


def _by_lead_and_way(
    person_id: int,
    rows: Iterable[sa.Row[*tuple[Any, ...]]],
    true: Mapping[Key, Due],
    personal: Personal,
) -> dict[tuple[int, Way], dict[int, Due]]:
    """What is still so of these reminders, a message each, in the order of the first of them."""
    told: dict[tuple[int, Way], dict[int, Due]] = defaultdict(dict)
    for row in rows:
        key = Key(row.rule, Subject(lead_id=row.lead_id).name, person_id, row.occurrence)
        if (due := true.get(key)) is not None:
            told[row.lead_id, personal.way_of_kind(due.kind)][row.id] = due
    return told


def _true_now(
    person_id: int, leads: Iterable[LeadClock], book: Book, today: date
) -> dict[Key, Due]:
    """What is so now and not set aside, as the reminder of it is named."""
    return {
        Key(due.rule, Subject(lead_id=lead.lead_id).name, person_id, due.occurrence): due
        for lead in leads
        for one in dues(lead, today, book)
        if one.person_id == person_id and (due := awake(one, lead, person_id, today))
    }


def sent_lately(people: Collection[int], at: datetime) -> dict[int, list[datetime]]:
    """When each of them was written to at once in the hour before (one statement)."""
    rows = db.session.execute(
        sa.select(Message.recipient_id, Message.created_at).where(
            one_of(Message.recipient_id, people),
            Message.kind == URGENT,
            Message.created_at > at - timedelta(hours=1),
        )
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for person, moment in rows:
        if person is not None:
            found[person].append(moment)
    return found


def _readable(person: User, lead_ids: list[int], today: date) -> list[int]:
    actor = load_actor(person, today)
    query = sa.select(Lead.id).where(Lead.id.in_(lead_ids), visible_leads(actor))
    return list(db.session.scalars(query))


def _queue(facts: UrgentFacts, way: Way, reminders: list[int], at: datetime) -> int:
    """The message into the outbox; its id."""
    config: Config = current_app.extensions["crm.config"]
    written = write_urgent(facts) if way is Way.MAIL else write_urgent_brief(facts)
    message = Message(
        message_id=new_message_id(config.mail_from),
        kind=URGENT,
        way=way,
        recipient_id=facts.person.id,
        # The day first, as a digest's: one that never went is merged into a later day's.
        period=f"{facts.today.isoformat()} {reminders[0]}",
        to_address=address_of(facts.person, way),
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        thread_id=fixed_id(f"lead-{facts.about.public_id}", config.mail_from),
        due_at=at,
        created_at=at,
    )
    db.session.add(message)
    db.session.flush()
    return message.id


def _mark(
    reminders: list[int], state: ReminderState, message_id: int | None, deputy_id: int | None
) -> None:
    db.session.execute(
        sa.update(Reminder)
        .where(Reminder.id.in_(reminders), Reminder.state == ReminderState.PLANNED)
        .values(state=state, message_id=message_id, deputy_id=deputy_id)
        .execution_options(synchronize_session=False)
    )
