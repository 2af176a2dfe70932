"""Writes down who is to be reminded of what. Planning again, or beside another, adds nothing.

A reminder's key names its cause, so the database itself keeps it from being written twice. Rules
ask for "on or before", so a run that was missed is made up for by the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from crm import clock
from crm.packing import pack
from crm.reminders.agenda import due_leads
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import LeadClock
from crm.reminders.later import awake
from crm.reminders.rulebook import Book
from crm.reminders.rules import dues
from crm.reminders.store import book_of
from crm.reminders.subjects import Found, Key, Subject
from crm.reminders.uncovered import uncovered
from models import db, engine
from models.enums import ReminderState
from models.reminder import Reminder
from models.sets import insert_missing, one_of

CHUNK = 1000
log = structlog.get_logger()


@dataclass
class PlanResult:
    """New reminders (``by_rule`` adds up to them), and how many due ones stood there before.

    ``unplanned``: leads of which it could not be said what is due; the log says why.
    """

    planned: int = 0
    already_planned: int = 0
    unplanned: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)


def plan(
    at: datetime,
    *,
    dry_run: bool = False,
    book: Book | None = None,
    leads: Iterable[int] | None = None,
) -> PlanResult:
    """Plan a reminder for everything that is due on the day of ``at`` or before; by some rules, of
    some leads (by key) where they are named.

    Commits a chunk of leads at a time: a run that is cut short loses nothing, and on SQLite nobody
    waits for the whole of it. A dry run counts and writes nothing.
    """
    result = PlanResult()
    for found, unknown in due_on(clock.local_date(at), book, leads):
        with engine.reading():
            known = known_of({key.subject for key in found})
            db.session.rollback()
        fresh = {key: one for key, one in found.items() if key not in known}
        # What was called off and is due again is said after all.
        again = [known[key].id for key in found if key in known and known[key].called_off]
        result.already_planned += len(found) - len(fresh) - len(again)
        result.unplanned += unknown
        if dry_run:
            _count(result, [key.rule for key in fresh])
            _count(result, [key.rule for key in found if key in known and known[key].called_off])
        elif fresh or again:
            written = _insert(fresh, at)
            result.already_planned += len(fresh) - len(written)
            _count(result, written + _revive(again, at))
            db.session.commit()
    return result


def due_on(
    today: date, book: Book | None = None, leads: Iterable[int] | None = None
) -> Iterator[tuple[dict[Key, Found], int]]:
    """Everything that is due on that day or before, a chunk at a time; by the rules as they stand.
    Beside it, of how many leads of the chunk that could not be said.

    Each chunk is read in a transaction of its own, which is over when the chunk is there.
    """
    with engine.reading():
        book = book or book_of(today)
        remaining = iter(due_leads(today, book) if leads is None else leads)
        targets = {one.key: one for one in uncovered(today, book)}
        db.session.rollback()
    while lead_ids := list(islice(remaining, CHUNK)):
        with engine.reading():
            found, unknown = _due(lead_ids, today, book)
            db.session.rollback()
        yield found, unknown
    rest = iter(targets)
    while keys := list(islice(rest, CHUNK)):
        yield {key: targets[key] for key in keys}, 0


def _count(result: PlanResult, rules: list[str]) -> None:
    result.planned += len(rules)
    result.by_rule.update(rules)


def _due(lead_ids: list[int], today: date, book: Book) -> tuple[dict[Key, Found], int]:
    found: dict[Key, Found] = {}
    unknown = 0
    # By key, so that two workers write in one order and never wait for one another crosswise.
    for lead in sorted(lead_clocks(lead_ids, today, whom=False), key=lambda lead: lead.lead_id):
        try:
            found |= {one.key: one for one in _due_of(lead, today, book)}
        except Exception:
            # What is wrong with one lead keeps nobody else's from being said.
            log.exception("lead not planned", lead=lead.lead_id)
            unknown += 1
    return found, unknown


def _due_of(lead: LeadClock, today: date, book: Book) -> Iterator[Found]:
    about = Subject(lead_id=lead.lead_id, company=lead.company)
    for one in dues(lead, today, book):
        if due := awake(one, lead, one.person_id, today):
            yield Found(about, due)


class _Known(NamedTuple):
    id: int
    called_off: bool


def known_of(subjects: set[str]) -> dict[Key, _Known]:
    """The reminders about these subjects that are written down (one statement)."""
    columns = (Reminder.rule, Reminder.subject, Reminder.person_id, Reminder.occurrence)
    rows = db.session.execute(
        sa.select(*columns, Reminder.id, Reminder.state).where(one_of(Reminder.subject, subjects))
    )
    return {Key(*row[:4]): _Known(row[4], row[5] is ReminderState.CANCELLED) for row in rows}


def _insert(found: dict[Key, Found], at: datetime) -> list[str]:
    """Write what nobody else has written meanwhile; the rules of the rows that were written."""
    rows = [_row(key, one, at) for key, one in found.items()]
    return insert_missing(db.session.connection(), Reminder.__table__, rows, Reminder.rule)


def _row(key: Key, found: Found, at: datetime) -> dict[str, Any]:
    due = found.due
    return {
        **key._asdict(),
        "lead_id": found.subject.lead_id,
        "entry_id": found.subject.entry_id,
        "due_on": due.since,
        "reason": {
            "tone": due.tone,
            "headline": pack(due.headline),
            "reason": pack(due.reason),
        },
        "state": ReminderState.PLANNED,
        "planned_at": at,
    }


def _revive(reminder_ids: list[int], at: datetime) -> list[str]:
    if not reminder_ids:
        return []
    revived = (
        sa.update(Reminder)
        .where(Reminder.id.in_(reminder_ids), Reminder.state == ReminderState.CANCELLED)
        .values(state=ReminderState.PLANNED, called_off=None, planned_at=at)
        .returning(Reminder.rule)
    )
    return list(db.session.connection().execute(revived).scalars())
