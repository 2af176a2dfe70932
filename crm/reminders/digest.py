"""One mail a person and working day: who to contact today, in which order, and why.

A reminder is said once. What was said before and is still open stands in one line with a link to
Today; what is no longer true is called off instead of sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from crm.access import Actor, load_actor, present, visible_leads
from crm.config import Config
from crm.mail.letter import new_message_id
from crm.reminders.agenda import asked_of, told
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem
from crm.reminders.letter import MOST, DigestFacts, Written, write_digest
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda
from crm.reminders.store import book_for
from crm.reminders.subjects import Key, Subject
from crm.reminders.uncovered import Target as UncoveredTarget
from crm.reminders.uncovered import uncovered
from crm.working_days import WorkingCalendar
from models import db
from models.base import new_public_id
from models.calendar_day import CalendarDay
from models.comment import Comment, Mention
from models.enums import CalledOff, MessageState, ReminderState, Status, TaskKind, TaskState
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.sets import one_of
from models.task import Task
from models.user import User

KIND = "digest"
# More than a mail can say: whom the planner told of very much is written to on several days.
MOST_WAITING = 5000


@dataclass(frozen=True)
class DigestResult:
    """Mails that were queued, and people who had theirs of the day before."""

    messages: int
    already_queued: int


def queue_digests(at: datetime) -> DigestResult:
    """Queue the day's mail of everybody whom planned reminders wait for.

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
        waiting = _people_waiting(today)
        db.session.rollback()
        for person_id in waiting:
            messages += _queue_one(person_id, at)
    return DigestResult(messages, already or 0)


def _is_working_day(day: date) -> bool:
    found = db.session.get(CalendarDay, day)
    return WorkingCalendar({day: found.working} if found else {}).is_working_day(day)


def _people_waiting(today: date) -> list[int]:
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
    query = sa.select(User.id).where(User.active, planned, ~has_todays).order_by(User.id)
    return list(db.session.scalars(query))


def _queue_one(person_id: int, at: datetime) -> bool:
    """Queue one person's mail; False when there is nothing to say or another worker was first."""
    today = clock.local_date(at)
    waiting = _waiting(person_id)
    person = db.session.get_one(User, person_id)
    actor = load_actor(person, today)
    book = book_for(actor, today)
    clocks = lead_clocks(_current_leads(actor, waiting), today)
    items = agenda(clocks, today, book, person=person_id, own=True)
    targets = _targets(waiting, actor, today, book)
    true = _true_causes(items)
    said = [row for row in waiting if row.key in targets or row.is_of(true)]
    _call_off([row.id for row in waiting if row.key not in targets and not row.is_of(true)])
    fresh = {row.key.subject for row in said}
    new = [item for item in items if _of_lead(item) in fresh]
    if not new and not targets:
        db.session.commit()
        return False
    written = write_digest(
        DigestFacts(
            person,
            new,
            len(items) - len(new),
            today,
            _public_ids(new[:MOST]),
            targets=list(targets.values()),
        )
    )
    message_id = _insert(person, written, at)
    if message_id is None:
        db.session.rollback()
        return False
    # What the mail has no room for stays planned and stands in the next one.
    listed = {_of_lead(item) for item in new[:MOST]}
    told = [row.id for row in said if row.key.subject in listed or row.key in targets]
    _set_state(told, ReminderState.QUEUED, message_id)
    db.session.commit()
    return True


class _Waiting(NamedTuple):
    """A reminder that is planned."""

    id: int
    lead_id: int | None
    key: Key

    def is_of(self, causes: Mapping[tuple[str, str], set[str]]) -> bool:
        """Whether its cause still stands; a rule may have reached a later step of it meanwhile."""
        of_rule = causes.get((self.key.rule, self.key.subject), ())
        said = self.key.occurrence
        return any(said == cause or said.startswith(f"{cause} ") for cause in of_rule)


def _waiting(person_id: int) -> list[_Waiting]:
    """What waits for this person, the oldest first; of very many the rest waits for another day."""
    rows = db.session.execute(
        sa.select(
            Reminder.id, Reminder.lead_id, Reminder.rule, Reminder.subject, Reminder.occurrence
        )
        .where(Reminder.person_id == person_id, Reminder.state == ReminderState.PLANNED)
        .order_by(Reminder.id)
        .limit(MOST_WAITING)
    )
    return [
        _Waiting(row.id, row.lead_id, Key(row.rule, row.subject, person_id, row.occurrence))
        for row in rows
    ]


def _true_causes(items: Iterable[AgendaItem]) -> dict[tuple[str, str], set[str]]:
    """What is so now, by rule and subject."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        for due in item.dues:
            found[due.rule, _of_lead(item)].add(due.cause)
    return found


def _of_lead(item: AgendaItem) -> str:
    return Subject(lead_id=item.lead.lead_id).name


def _targets(
    waiting: list[_Waiting], actor: Actor, today: date, book: Book
) -> dict[Key, UncoveredTarget]:
    """The targets that wait to be said and that still nobody follows."""
    planned = {row.key for row in waiting if row.lead_id is None}
    if not planned:
        return {}
    return {one.key: one.target for one in uncovered(today, book) if one.key in planned}


def _current_leads(actor: Actor, waiting: list[_Waiting]) -> list[int]:
    """The leads this person owns, and those they may read on which they are asked or told."""
    sees = visible_leads(actor)
    tasks, mentions = asked_of(actor.id)
    own = sa.select(Lead.id).where(
        Lead.owner_id == actor.id,
        Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
        present(),
    )
    given = (
        sa.select(Lead.id)
        .join(Task, Task.lead_id == Lead.id)
        .where(Task.kind != TaskKind.NEXT_STEP, Task.state == TaskState.OPEN, tasks, sees)
    )
    mentioned = (
        sa.select(Lead.id)
        .join(Comment, Comment.lead_id == Lead.id)
        .join(Mention, Mention.comment_id == Comment.id)
        .where(Mention.seen_at.is_(None), Comment.removed_at.is_(None), mentions, sees)
    )
    found = set(db.session.scalars(sa.union(own, given, mentioned)))
    others = {row.lead_id for row in waiting if row.lead_id} - found
    if others:
        readable = sa.select(Lead.id).where(one_of(Lead.id, others), sees)
        found.update(db.session.scalars(readable))
    found.update(told(actor))
    return sorted(found)


def _public_ids(items: list[AgendaItem]) -> dict[int, str]:
    ids = [item.lead.lead_id for item in items]
    rows = db.session.execute(sa.select(Lead.id, Lead.public_id).where(Lead.id.in_(ids)))
    return {row.id: row.public_id for row in rows}


def _call_off(reminder_ids: list[int]) -> None:
    """Say nothing of what is no longer so, and keep that this is why."""
    _set_state(reminder_ids, ReminderState.CANCELLED, called_off=CalledOff.UNTRUE)


def _set_state(
    reminder_ids: list[int],
    state: ReminderState,
    message_id: int | None = None,
    called_off: CalledOff | None = None,
) -> None:
    for start in range(0, len(reminder_ids), 1000):
        db.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.id.in_(reminder_ids[start : start + 1000]),
                Reminder.state == ReminderState.PLANNED,
            )
            .values(state=state, message_id=message_id, called_off=called_off)
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
