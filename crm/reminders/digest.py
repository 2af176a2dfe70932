"""One mail a person and working day: who to contact today, in which order, and why.

A reminder is said once. What was said before and is still open stands in one line with a link to
Today; what is no longer true is called off instead of sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from crm.access import load_actor, present, visible_leads
from crm.config import Config
from crm.mail.letter import new_message_id
from crm.reminders.agenda import asked_of
from crm.reminders.clocks import lead_clocks
from crm.reminders.letter import MOST, DigestFacts, Written, write_digest
from crm.reminders.rules import AgendaItem, agenda
from crm.visits.appointments.queries import day_of, people_with_appointments
from crm.working_days import WorkingCalendar
from models import db
from models.base import new_public_id
from models.calendar_day import CalendarDay
from models.comment import Comment, Mention
from models.enums import MessageState, ReminderState, Status, TaskKind, TaskState
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.task import Task
from models.user import User

KIND = "digest"


@dataclass(frozen=True)
class DigestResult:
    """Mails that were queued, and people who had theirs of the day before."""

    messages: int
    already_queued: int


def queue_digests(at: datetime) -> DigestResult:
    """Queue the day's mail of everybody whom planned reminders or an appointment wait for.

    On a day off nothing is queued: reminders wait for the next working day. Commits a person at a
    time, the mail together with the reminders it says.
    """
    today = clock.local_date(at)
    already = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Message)
        .where(Message.kind == KIND, Message.period == today.isoformat())
    )
    messages = 0
    if _is_working_day(today):
        waiting = _people_waiting(at)
        db.session.rollback()
        for person_id in waiting:
            messages += _queue_one(person_id, at)
    return DigestResult(messages, already or 0)


def _is_working_day(day: date) -> bool:
    found = db.session.get(CalendarDay, day)
    return WorkingCalendar({day: found.working} if found else {}).is_working_day(day)


def _people_waiting(at: datetime) -> list[int]:
    today = clock.local_date(at)
    has_todays = (
        sa.select(sa.literal(1))
        .where(
            Message.kind == KIND,
            Message.recipient_id == User.id,
            Message.period == today.isoformat(),
        )
        .exists()
    )
    planned = (
        sa.select(sa.literal(1))
        .where(Reminder.person_id == User.id, Reminder.state == ReminderState.PLANNED)
        .exists()
    )
    due = sa.or_(planned, User.id.in_(people_with_appointments(at)))
    query = sa.select(User.id).where(User.active, due, ~has_todays).order_by(User.id)
    return list(db.session.scalars(query))


def _queue_one(person_id: int, at: datetime) -> bool:
    """Queue one person's mail; False when there is nothing to say or another worker was first."""
    today = clock.local_date(at)
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
    ids = _public_ids(new[:MOST])
    written = write_digest(DigestFacts(person, new, len(items) - len(new), today, ids, arranged))
    message_id = _insert(person, written, at)
    if message_id is None:
        db.session.rollback()
        return False
    # What the mail has no room for stays planned and stands in the next one.
    listed = {item.lead.lead_id for item in new[:MOST]}
    _set_state([row.id for row in said if row.lead_id in listed], ReminderState.QUEUED, message_id)
    db.session.commit()
    return True


def _current_leads(person_id: int, today: date) -> list[int]:
    """The leads this person owns, and those they may read on which they are asked something."""
    sees = visible_leads(load_actor(db.session.get_one(User, person_id), today))
    directives, mentions = asked_of(person_id)
    own = sa.select(Lead.id).where(
        Lead.owner_id == person_id,
        Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
        present(),
    )
    directed = (
        sa.select(Lead.id)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.kind == TaskKind.DIRECTIVE, Task.state == TaskState.OPEN, directives, sees)
    )
    mentioned = (
        sa.select(Lead.id)
        .join(Comment, Comment.lead_id == Lead.id)
        .join(Mention, Mention.comment_id == Comment.id)
        .where(Mention.seen_at.is_(None), Comment.removed_at.is_(None), mentions, sees)
    )
    return list(db.session.scalars(sa.union(own, directed, mentioned)))


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


def _insert(person: User, written: Written, at: datetime) -> int | None:
    """Write the mail unless the person has one of that day; its id, or None."""
    config: Config = current_app.extensions["crm.config"]
    connection = db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(Message).values(
        public_id=new_public_id(),
        message_id=new_message_id(config.mail_from),
        kind=KIND,
        recipient_id=person.id,
        period=clock.local_date(at).isoformat(),
        to_address=person.email,
        subject=written.subject,
        text_body=written.text,
        html_body=written.html,
        state=MessageState.QUEUED,
        # A digest of a day ahead (--at) is there to be sent now.
        due_at=min(at, clock.now()),
        created_at=at,
        attempts=0,
        fence=0,
    )
    return connection.execute(
        statement.on_conflict_do_nothing(
            index_elements=["kind", "recipient_id", "period"]
        ).returning(Message.id)
    ).scalar()
