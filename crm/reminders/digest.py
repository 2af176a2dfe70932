"""One mail a person and working day: who to contact today, in which order, and why.

A reminder is said once. What was said before and is still open stands in one line with a link to
Today; what is no longer true is called off instead of sent. A mail of an earlier day that never
went is merged into the new one, which says what is still true of it. A mail that can not be written
is kept as such with the reason, and keeps nobody else waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError

from crm import clock
from crm.access import load_actor, present, visible_leads
from crm.config import Config
from crm.mail.letter import new_message_id
from crm.reminders.agenda import asked_of
from crm.reminders.clocks import lead_clocks
from crm.reminders.letter import MOST, DigestFacts, Written, write_digest
from crm.reminders.rules import AgendaItem, agenda
from crm.reminders.undelivered import STUCK, UNWRITTEN
from crm.visits.appointments.queries import day_of, people_with_appointments
from crm.working_days import WorkingCalendar
from models import db
from models.base import new_public_id
from models.calendar_day import CalendarDay
from models.comment import Comment, Mention
from models.enums import MessageState, ReminderState, Status, TaskKind, TaskState
from models.lead import Lead
from models.message import DeliveryAttempt, Message
from models.reminder import Reminder
from models.task import Task
from models.user import User

KIND = "digest"
# What never went and goes no more when the next one is written.
_OVERTAKEN = (*STUCK, MessageState.QUEUED, MessageState.UNWRITTEN)
log = structlog.get_logger()

# What a person is asked on leads of others, too.
_ASKED = (TaskKind.DIRECTIVE, TaskKind.PROMISE, TaskKind.TASK)


@dataclass(frozen=True)
class DigestResult:
    """Mails that were queued, people who had theirs of the day before, mails not written."""

    messages: int
    already_queued: int
    unwritten: int = 0


def queue_digests(at: datetime) -> DigestResult:
    """Queue the day's mail of everybody whom planned reminders or an appointment wait for.

    On a day off nothing is queued: reminders wait for the next working day. Commits a person at a
    time, the mail together with the reminders it says.
    """
    today = clock.local_date(at)
    already = db.session.scalar(
        sa.select(sa.func.count()).select_from(Message).where(_todays(today))
    )
    messages = unwritten = 0
    if _is_working_day(today):
        waiting = _people_waiting(at)
        db.session.rollback()
        for person_id in waiting:
            written = queue_digest(person_id, at)
            messages += written is True
            unwritten += written is None
    return DigestResult(messages, already or 0, unwritten)


def queue_digest(person_id: int, at: datetime) -> bool | None:
    """Queue one person's mail; False when there is nothing to say or another worker was first.

    None when it can not be written: that is kept in the outbox with the reason, and their reminders
    wait. A database that is gone is nobody's mail and raises. Commits.
    """
    try:
        return _queue_one(person_id, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        db.session.rollback()
        log.exception("digest not written", person=person_id)
        _note_unwritten(person_id, at, error)
        return None


def _todays(today: date) -> sa.ColumnElement[bool]:
    """The day's mails; one that could not be written is none."""
    return sa.and_(
        Message.kind == KIND,
        Message.period == today.isoformat(),
        Message.state != MessageState.UNWRITTEN,
    )


def _is_working_day(day: date) -> bool:
    found = db.session.get(CalendarDay, day)
    return WorkingCalendar({day: found.working} if found else {}).is_working_day(day)


def _people_waiting(at: datetime) -> list[int]:
    today = clock.local_date(at)
    has_todays = (
        sa.select(sa.literal(1)).where(Message.recipient_id == User.id, _todays(today)).exists()
    )
    overtaken = (
        sa.select(sa.literal(1)).where(Message.recipient_id == User.id, _overtaken(today)).exists()
    )
    planned = (
        sa.select(sa.literal(1))
        .where(Reminder.person_id == User.id, Reminder.state == ReminderState.PLANNED)
        .exists()
    )
    due = sa.or_(planned, overtaken, User.id.in_(people_with_appointments(at)))
    query = sa.select(User.id).where(User.active, due, ~has_todays).order_by(User.id)
    return list(db.session.scalars(query))


def _overtaken(today: date) -> sa.ColumnElement[bool]:
    """Mails of earlier days that never went; what a server may have taken is sent to its end."""
    return sa.and_(
        Message.kind == KIND,
        Message.state.in_(_OVERTAKEN),
        Message.uncertain.is_(False),
        sa.or_(Message.period < today.isoformat(), Message.state == MessageState.UNWRITTEN),
    )


def _take_back(person_id: int, today: date) -> dict[int, date]:
    """Set aside what was overtaken, and let its reminders wait again; ids and days."""
    taken = db.session.execute(
        sa.update(Message)
        .where(Message.recipient_id == person_id, _overtaken(today))
        .values(state=MessageState.MERGED, merged_into_id=None)
        .returning(Message.id, Message.period)
        .execution_options(synchronize_session=False)
    ).all()
    if taken:
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.message_id.in_([row.id for row in taken]),
                Reminder.state == ReminderState.QUEUED,
            )
            .values(state=ReminderState.PLANNED, message_id=None)
            .execution_options(synchronize_session=False)
        )
    return {row.id: date.fromisoformat(row.period) for row in taken}


def _queue_one(person_id: int, at: datetime) -> bool:
    today = clock.local_date(at)
    taken_back = _take_back(person_id, today)
    waiting = db.session.execute(
        sa.select(Reminder.id, Reminder.lead_id, Reminder.occurrence).where(
            Reminder.person_id == person_id, Reminder.state == ReminderState.PLANNED
        )
    ).all()
    clocks = lead_clocks(_current_leads(person_id, today), today)
    items = agenda(clocks, today, person=person_id, own=True)
    true = {
        (item.lead.lead_id, due.occurrence) for item in items for due in (item.first, *item.also)
    }
    said = [row for row in waiting if (row.lead_id, row.occurrence) in true]
    _set_state(
        [row.id for row in waiting if (row.lead_id, row.occurrence) not in true],
        ReminderState.CANCELLED,
    )
    fresh = {row.lead_id for row in said}
    new = [item for item in items if item.lead.lead_id in fresh]
    person = db.session.get_one(User, person_id)
    arranged = day_of(load_actor(person, today), at)
    if not new and not any(clock.local_date(one.starts_at) == today for one in arranged):
        db.session.commit()
        return False
    unsent_since = min((day for day in taken_back.values() if day < today), default=None)
    written = write_digest(
        DigestFacts(
            person=person,
            items=new,
            said_before=len(items) - len(new),
            today=today,
            public_ids=_public_ids(new[:MOST]),
            unsent_since=unsent_since,
            arranged=arranged,
        )
    )
    message_id = _insert(person, written, at)
    if message_id is None:
        db.session.rollback()
        return False
    _merge(taken_back.keys() - {message_id}, message_id)
    # What the mail has no room for stays planned and stands in the next one.
    listed = {item.lead.lead_id for item in new[:MOST]}
    _set_state([row.id for row in said if row.lead_id in listed], ReminderState.QUEUED, message_id)
    db.session.commit()
    return True


def _current_leads(person_id: int, today: date) -> list[int]:
    """The leads this person owns, and those they may read on which they are asked something."""
    sees = visible_leads(load_actor(db.session.get_one(User, person_id), today))
    tasks, mentions = asked_of(person_id)
    own = sa.select(Lead.id).where(
        Lead.owner_id == person_id,
        Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
        present(),
    )
    asked = (
        sa.select(Lead.id)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.kind.in_(_ASKED), Task.state == TaskState.OPEN, tasks, sees)
    )
    mentioned = (
        sa.select(Lead.id)
        .join(Comment, Comment.lead_id == Lead.id)
        .join(Mention, Mention.comment_id == Comment.id)
        .where(Mention.seen_at.is_(None), Comment.removed_at.is_(None), mentions, sees)
    )
    return list(db.session.scalars(sa.union(own, asked, mentioned)))


def _public_ids(items: list[AgendaItem]) -> dict[int, str]:
    ids = [item.lead.lead_id for item in items]
    rows = db.session.execute(sa.select(Lead.id, Lead.public_id).where(Lead.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


def _set_state(
    reminder_ids: list[int], state: ReminderState, message_id: int | None = None
) -> None:
    for start in range(0, len(reminder_ids), 1000):
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.id.in_(reminder_ids[start : start + 1000]),
                Reminder.state == ReminderState.PLANNED,
            )
            .values(state=state, message_id=message_id)
            .execution_options(synchronize_session=False)
        )


def _merge(overtaken: set[int], message_id: int) -> None:
    if overtaken:
        db.session.execute(
            sa.update(Message)
            .where(Message.id.in_(overtaken))
            .values(merged_into_id=message_id)
            .execution_options(synchronize_session=False)
        )


def _insert(person: User, written: Written, at: datetime) -> int | None:
    """Write the mail unless the person has one of that day; its id, or None."""
    return _put(
        person,
        at,
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        state=MessageState.QUEUED,
    )


def _note_unwritten(person_id: int, at: datetime, error: Exception) -> None:
    """Keep in the outbox that a mail could not be written, and why."""
    person = db.session.get_one(User, person_id)
    subject = f"{type(error).__name__}: {error}".partition("\n")[0][:255]
    message_id = _put(
        person, at, subject=subject, text_body="", html_body="", state=MessageState.UNWRITTEN
    )
    if message_id is not None:
        now = clock.now()
        number = db.session.execute(
            sa.update(Message)
            .where(Message.id == message_id)
            .values(fence=Message.fence + 1)
            .returning(Message.fence)
            .execution_options(synchronize_session=False)
        ).scalar_one()
        db.session.connection().execute(
            sa.insert(DeliveryAttempt).values(
                message_id=message_id,
                number=number,
                worker="",
                started_at=now,
                ended_at=now,
                outcome=UNWRITTEN,
                reply=repr(error),
            )
        )
    db.session.commit()


def _put(person: User, at: datetime, **content: Any) -> int | None:
    """The day's row of a person, new or in place of one that could not be written; its id."""
    config: Config = current_app.extensions["crm.config"]
    connection = db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # A digest of a day ahead (--at) is there to be sent now.
    values = {"to_address": person.email, "due_at": min(at, clock.now()), "created_at": at}
    statement = insert(Message).values(
        public_id=new_public_id(),
        message_id=new_message_id(config.mail_from),
        kind=KIND,
        recipient_id=person.id,
        period=clock.local_date(at).isoformat(),
        attempts=0,
        fence=0,
        uncertain=False,
        **values,
        **content,
    )
    never_written = sa.and_(
        Message.text_body == "", Message.state.in_((MessageState.UNWRITTEN, MessageState.MERGED))
    )
    return connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "recipient_id", "period"],
            set_={**values, **content},
            where=never_written,
        ).returning(Message.id)
    ).scalar()
