"""What waits to be said of one person's leads and targets, and what of it is still so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from crm import clock
from crm.access import Actor, load_actor, present, visible_leads
from crm.reminders.agenda import asked_of, told
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem, Due
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda
from crm.reminders.store import book_for
from crm.reminders.subjects import Key, Subject
from crm.reminders.uncovered import Target as UncoveredTarget
from crm.reminders.uncovered import uncovered
from crm.reminders.weekly import is_weekly, said_from
from crm.working_days import WorkingCalendar
from models import db
from models.comment import Comment, Mention
from models.enums import ReminderState, RuleKind, Status, TaskKind, TaskState
from models.lead import Lead
from models.reminder import Reminder
from models.sets import one_of
from models.task import Task
from models.user import User

# More than a mail can say: whom the planner told of very much is written to on several days.
MOST_WAITING = 5000


class Row(NamedTuple):
    """A reminder that waits and that is still so."""

    id: int
    lead_id: int | None
    key: Key
    kind: RuleKind


@dataclass(frozen=True)
class Matters:
    """What waits to be said of one person's matters.

    ``items`` are true now, in Today's order, whether or not they were said before; ``rows`` are the
    reminders that wait, ``untrue`` those of which nothing is left to say.
    """

    person: User
    items: list[AgendaItem]
    rows: list[Row]
    targets: dict[Key, UncoveredTarget]
    untrue: list[int]

    def of(self, keep: Callable[[Row], bool]) -> Matters:
        """Those reminders alone, with what they are about and no word of anything else there."""
        rows = [row for row in self.rows if keep(row)]
        said = {(row.key.subject, row.kind) for row in rows}
        keys = {row.key for row in rows}

        def told(item: AgendaItem) -> AgendaItem | None:
            lead = of_lead(item)
            return narrowed(item, lambda due: (lead, due.kind) in said)

        items = map(told, self.items)
        return replace(
            self,
            items=[item for item in items if item],
            rows=rows,
            targets={key: one for key, one in self.targets.items() if key in keys},
        )


def matters_of(person: User, today: date) -> Matters:
    """Read what waits for this person as far as they may read it; changes nothing."""
    waiting = _waiting(person.id)
    actor = load_actor(person, today)
    book = book_for(actor, today)
    clocks = lead_clocks(_current_leads(actor, waiting), today)
    items = agenda(clocks, today, book, person=person.id, own=True)
    targets = _targets(waiting, actor, today, book)
    true = _true(items)
    kinds = {rule.code: rule.kind for rule in book.rules}
    rows, untrue = [], []
    for one in waiting:
        due = one.reason(true)
        if due is None and one.key not in targets:
            untrue.append(one.id)
        elif due is None or not _waits_for_the_week(one, due, person, today, book.calendar):
            rows.append(Row(one.id, one.lead_id, one.key, kinds[one.key.rule]))
    about = {row.key.subject for row in rows}
    shown = [left for item in items if (left := _shown(item, person, about))]
    return Matters(person, shown, rows, targets, untrue)


def of_lead(item: AgendaItem) -> str:
    """The lead of an item, as a reminder's key names it."""
    return Subject(lead_id=item.lead.lead_id).name


def narrowed(item: AgendaItem, keep: Callable[[Due], bool]) -> AgendaItem | None:
    """The item with some of its reasons; None without any."""
    dues = [due for due in item.dues if keep(due)]
    return AgendaItem(item.lead, dues[0], tuple(dues[1:])) if dues else None


class _Waiting(NamedTuple):
    """A reminder that is planned."""

    id: int
    lead_id: int | None
    key: Key
    planned_on: date

    def reason(self, true: Mapping[tuple[str, str], dict[str, Due]]) -> Due | None:
        """Why it is still so; a rule may have reached a later step of its cause meanwhile."""
        causes = true.get((self.key.rule, self.key.subject), {})
        said = self.key.occurrence
        for cause, due in causes.items():
            if said == cause or said.startswith(f"{cause} "):
                return due
        return None


def _waiting(person_id: int) -> list[_Waiting]:
    """What waits for this person, the oldest first; of very many the rest waits for another day."""
    rows = db.session.execute(
        sa.select(
            *(Reminder.id, Reminder.lead_id, Reminder.rule, Reminder.subject),
            *(Reminder.occurrence, Reminder.planned_at),
        )
        .where(Reminder.person_id == person_id, Reminder.state == ReminderState.PLANNED)
        .order_by(Reminder.id)
        .limit(MOST_WAITING)
    )
    return [
        _Waiting(
            row.id,
            row.lead_id,
            Key(row.rule, row.subject, person_id, row.occurrence),
            clock.local_date(row.planned_at),
        )
        for row in rows
    ]


def _shown(item: AgendaItem, person: User, about: Container[str]) -> AgendaItem | None:
    """The item without what waits for its week."""
    if of_lead(item) in about:
        return item
    return narrowed(item, lambda due: not is_weekly(due.to, due.kind, person.role))


def _waits_for_the_week(
    one: _Waiting, due: Due, person: User, today: date, calendar: WorkingCalendar
) -> bool:
    if not is_weekly(due.to, due.kind, person.role):
        return False
    return said_from(one.planned_on, calendar) > today


def _true(items: Iterable[AgendaItem]) -> dict[tuple[str, str], dict[str, Due]]:
    """What is so now, by rule and subject: each cause with what is said of it."""
    found: dict[tuple[str, str], dict[str, Due]] = defaultdict(dict)
    for item in items:
        for due in item.dues:
            found[due.rule, of_lead(item)][due.cause] = due
    return found


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
