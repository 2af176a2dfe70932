"""One mail a person and working day: who to contact today, in which order, and why.

A reminder is said once. What was said before and is still open stands in one line with a link to
Today; what is no longer true is called off instead of sent. A mail of an earlier day that never
went is merged into the new one, which says what is still true of it. A mail that can not be written
is kept as such with the reason, and keeps nobody else waiting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from crm import clock
from crm.access import Actor, load_actor, present, visible_leads
from crm.reminders import envelopes
from crm.reminders.agenda import asked_of, told
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem
from crm.reminders.letter import MOST, DigestFacts, write_digest
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda
from crm.reminders.store import book_for
from crm.reminders.subjects import Key, Subject
from crm.reminders.uncovered import Target as UncoveredTarget
from crm.reminders.uncovered import uncovered
from crm.visits.appointments.queries import day_of, people_with_appointments
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import CalendarDay
from models.comment import Comment, Mention
from models.enums import CalledOff, ReminderState, Status, TaskKind, TaskState
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.sets import one_of
from models.task import Task
from models.user import User

# More than a mail can say: whom the planner told of very much is written to on several days.
MOST_WAITING = 5000
log = structlog.get_logger()


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
        sa.select(sa.func.count()).select_from(Message).where(envelopes.todays(today))
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
        envelopes.note_unwritten(person_id, at, error)
        return None


def _is_working_day(day: date) -> bool:
    found = db.session.get(CalendarDay, day)
    return WorkingCalendar({day: found.working} if found else {}).is_working_day(day)


def _people_waiting(at: datetime) -> list[int]:
    today = clock.local_date(at)
    has_todays = (
        sa.select(sa.literal(1))
        .where(Message.recipient_id == User.id, envelopes.todays(today))
        .exists()
    )
    overtaken = (
        sa.select(sa.literal(1))
        .where(Message.recipient_id == User.id, envelopes.overtaken(today))
        .exists()
    )
    planned = (
        sa.select(sa.literal(1))
        .where(Reminder.person_id == User.id, Reminder.state == ReminderState.PLANNED)
        .exists()
    )
    due = sa.or_(planned, overtaken, User.id.in_(people_with_appointments(at)))
    query = sa.select(User.id).where(User.active, due, ~has_todays).order_by(User.id)
    return list(db.session.scalars(query))


def _queue_one(person_id: int, at: datetime) -> bool:
    today = clock.local_date(at)
    taken_back = envelopes.take_back(person_id, today)
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
    arranged = day_of(actor, at)
    meets = any(clock.local_date(one.starts_at) == today for one in arranged)
    if not (new or targets or meets):
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
            targets=list(targets.values()),
        )
    )
    message_id = envelopes.insert(person, written, at)
    if message_id is None:
        db.session.rollback()
        return False
    envelopes.merge(taken_back.keys() - {message_id}, message_id)
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
