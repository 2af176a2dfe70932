"""What waits to be said of one person's leads and targets, and what of it is still so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm import clock
from crm.access import Actor, load_actor, present, visible_leads
from crm.offers.decided import PROPOSER, unanswered, who_hears
from crm.reminders.agenda import told
from crm.reminders.clocks import lead_clocks
from crm.reminders.facts import AgendaItem, Due, LeadClock
from crm.reminders.rulebook import Book
from crm.reminders.rules import agenda
from crm.reminders.store import Kept, kept_of
from crm.reminders.subjects import Key, Subject
from crm.reminders.uncovered import Target as UncoveredTarget
from crm.reminders.uncovered import uncovered
from crm.reminders.weekly import is_weekly, said_from
from crm.working_days import WorkingCalendar
from models import db
from models.comment import Comment, Mention
from models.enums import ReminderState, RuleKind, Status, TaskKind, TaskState
from models.lead import Lead
from models.offer import Offer
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
    return matters_of_all([person], kept_of(today), today)[person.id]


def matters_of_all(people: Sequence[User], kept: Kept, today: date) -> dict[int, Matters]:
    """The same of several people, by their key, in hardly more statements than of one."""
    waiting = _waiting_for([person.id for person in people])
    actors = {person.id: load_actor(person, today) for person in people}
    theirs = _current_leads(actors, waiting)
    clocks = {
        clock.lead_id: clock for clock in lead_clocks(sorted(set().union(*theirs.values())), today)
    }
    return {
        person.id: _matters(
            person,
            waiting[person.id],
            [clocks[lead] for lead in theirs[person.id] if lead in clocks],
            kept.book_for(actors[person.id]),
            today,
        )
        for person in people
    }


def _matters(
    person: User, waiting: list[_Waiting], clocks: list[LeadClock], book: Book, today: date
) -> Matters:
    items = agenda(clocks, today, book, person=person.id, own=True)
    targets = _targets(waiting, today, book)
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
    shown = items
    if said_from(today, book.calendar) > today:
        # The week's mail looks at them again.
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


def _waiting_for(people: Sequence[int]) -> dict[int, list[_Waiting]]:
    """What waits for each, the oldest first; of very many leads the rest waits for another day.

    Targets are counted and the first named, so a mail speaks of all of them, and no lead waits
    behind them.
    """
    theirs = (Reminder.person_id.in_(people), Reminder.state == ReminderState.PLANNED)
    of_leads = (
        sa.select(Reminder.id)
        .where(*theirs, Reminder.lead_id.is_not(None))
        .order_by(Reminder.id)
        .limit(MOST_WAITING)
    )
    rows = db.session.execute(
        sa.select(
            *(Reminder.id, Reminder.lead_id, Reminder.rule, Reminder.subject),
            *(Reminder.person_id, Reminder.occurrence, Reminder.planned_at),
        )
        .where(*theirs, sa.or_(Reminder.lead_id.is_(None), Reminder.id.in_(of_leads)))
        .order_by(Reminder.id)
    ).all()
    if sum(row.lead_id is not None for row in rows) == MOST_WAITING and len(people) > 1:
        # One of them has very much: the others are not to wait for it.
        return {person: _waiting_for([person])[person] for person in people}
    found: dict[int, list[_Waiting]] = {person: [] for person in people}
    for row in rows:
        key = Key(row.rule, row.subject, row.person_id, row.occurrence)
        one = _Waiting(row.id, row.lead_id, key, clock.local_date(row.planned_at))
        found[row.person_id].append(one)
    return found


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


def _targets(waiting: list[_Waiting], today: date, book: Book) -> dict[Key, UncoveredTarget]:
    """The targets that wait to be said and that still nobody follows."""
    planned = {row.key for row in waiting if row.lead_id is None}
    if not planned:
        return {}
    return {one.key: one.target for one in uncovered(today, book) if one.key in planned}


def _current_leads(
    actors: Mapping[int, Actor], waiting: Mapping[int, list[_Waiting]]
) -> dict[int, list[int]]:
    """The leads each of them owns, and those they may read on which they are asked or told."""
    own, asked = _owned(list(actors)), _asked_of(list(actors))
    found = {}
    for person, actor in actors.items():
        theirs = own[person]
        others = asked[person] | {row.lead_id for row in waiting[person] if row.lead_id}
        if others := others - theirs:
            readable = sa.select(Lead.id).where(one_of(Lead.id, others), visible_leads(actor))
            theirs = theirs.union(db.session.scalars(readable))
        found[person] = sorted(theirs.union(told(actor)))
    return found


def _owned(people: list[int]) -> dict[int, set[int]]:
    rows = db.session.execute(
        sa.select(Lead.owner_id, Lead.id).where(
            Lead.owner_id.in_(people),
            Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
            present(),
        )
    )
    found: dict[int, set[int]] = {person: set() for person in people}
    for person, lead in rows:
        found[person].add(lead)
    return found


def _asked_of(people: list[int]) -> dict[int, set[int]]:
    """The leads on which each was given something to do, was mentioned, or hears of an offer."""
    given = sa.select(Task.assignee_id, Task.lead_id).where(
        Task.assignee_id.in_(people),
        Task.kind != TaskKind.NEXT_STEP,
        Task.state == TaskState.OPEN,
        Task.lead_id.is_not(None),
    )
    mentioned = (
        sa.select(Mention.user_id, Comment.lead_id)
        .join(Comment, Comment.id == Mention.comment_id)
        .where(
            Mention.user_id.in_(people),
            Mention.seen_at.is_(None),
            Comment.removed_at.is_(None),
        )
    )
    decided = (
        sa.select(who_hears(), Offer.lead_id)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(PROPOSER, PROPOSER.id == Offer.proposer_id)
        .where(unanswered(), who_hears().in_(people))
    )
    found: dict[int, set[int]] = {person: set() for person in people}
    asked: sa.CompoundSelect[*tuple[Any, ...]] = sa.union(given, mentioned, decided)
    for person, lead in db.session.execute(asked):
        found[person].add(lead)
    return found
