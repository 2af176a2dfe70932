"""What the promise book (承诺台账) and the pages of leads and visits read of promises.

Everything here starts from ``visible_promises``: who may not read a promise gets nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm import paging
from crm.access import (
    Actor,
    Scope,
    in_scope,
    may_see_promise,
    may_write,
    may_write_held,
    present,
    visible_promises,
)
from crm.access.conditions import Condition
from crm.access.scopes import own_first, scopes
from crm.errors import NotFound
from crm.leads.entries import Entry, EntryKind
from crm.leads.tasks import LeadTask
from crm.messages import Message, Name, msg
from crm.paging import Key, Page
from crm.promises.rules import Standing, moved, standing
from models import db
from models.company import Company
from models.contact import Contact
from models.enums import Side, TaskKind, TaskState
from models.lead import Lead
from models.place import Park
from models.promise import Promise, PromiseDay
from models.task import Task
from models.team import Team
from models.user import User
from models.visit import Visit

PAGE = 30
MOST_ON_LEAD = 50

_task: Any = Task.__table__.c
_SOONEST = (Key(_task.due_on), Key(_task.id))
_LATEST = (Key(_task.closed_at, descending=True), Key(_task.id, descending=True))
_OPEN = frozenset({Standing.OPEN, Standing.OVERDUE})


@dataclass(frozen=True)
class BookFilter:
    """Which promises: a side, where they stand, whose; codes and public ids, empty for all."""

    side: Side = Side.OURS
    standing: Standing = Standing.OPEN
    scope: Scope | None = None
    team: str = ""
    person: str = ""
    park: str = ""

    def as_args(self) -> dict[str, str]:
        """As an address has them."""
        found = {
            "side": self.side.value,
            "standing": self.standing.value,
            "scope": self.scope.value if self.scope else "",
            **{name: getattr(self, name) for name in ("team", "person", "park")},
        }
        return {name: value for name, value in found.items() if value}


class Moved(NamedTuple):
    """Another day: when it was given, by whom, and from which day to which, and why."""

    at: datetime
    by: str
    words: Message


@dataclass(frozen=True)
class Promised:
    """A promise with the names around it; ``lead`` and ``visit`` are public ids.

    ``who`` owes it: of ours a colleague, of theirs the company or one person of it. ``after``: the
    colleague who asks after one of theirs. ``changeable``: by this reader.
    """

    task: Task
    side: Side
    reason: str | None
    lead: str
    company: str
    team: Name
    who: str
    after: str | None
    visit: str | None
    changeable: bool
    moved: tuple[Moved, ...] = ()
    """The days it was given since, in order."""

    def standing(self, today: date) -> Standing:
        """Where it stands on that day."""
        return standing(self.task.state, self.task.due_on, today)

    @property
    def open(self) -> bool:
        """Whether it is still to be kept."""
        return self.task.state is TaskState.OPEN


def read_book_filter(args: Any, actor: Actor) -> BookFilter:
    """The filter in an address; what nobody knows counts for nothing."""
    had = own_first(actor)
    side, stands, scope = (args.get(name, "") for name in ("side", "standing", "scope"))
    return BookFilter(
        side=Side(side) if side in set(Side) else Side.OURS,
        standing=Standing(stands) if stands in set(Standing) else Standing.OPEN,
        scope=Scope(scope) if scope in had else (had[0] if had else None),
        **{name: args.get(name, "") for name in ("team", "person", "park")},
    )


def book_page(
    actor: Actor, wanted: BookFilter, today: date, cursor: str | None = None
) -> Page[Promised]:
    """A page of the book: what is open by its day, what is closed the latest first."""
    is_open = wanted.standing in _OPEN
    order = _SOONEST if is_open else _LATEST
    query = _promised().where(*_conditions(actor, wanted, today)).order_by(*paging.order_by(order))
    kinds = (paging.day if is_open else paging.moment, paging.row_key)
    if key := paging.decode(cursor, kinds):
        query = query.where(paging.after(order, key))
    rows = _read(query.limit(PAGE + 1), actor)
    last = rows[PAGE - 1].task if len(rows) > PAGE else None
    at = (last.due_on if is_open else last.closed_at) if last else None
    return Page(rows[:PAGE], paging.encode((at, last.id)) if last else None)


def book_total(actor: Actor, wanted: BookFilter, today: date) -> int | None:
    """How many are still to be kept; None for the closed ones: those are all there ever were."""
    if wanted.standing not in _OPEN:
        return None
    query = (
        sa.select(sa.func.count())
        .select_from(Task)
        .join(Promise, Promise.task_id == Task.id)
        .join(Lead, Lead.id == Task.lead_id)
        .where(*_conditions(actor, wanted, today))
    )
    return db.session.scalar(query) or 0


def every_promise(actor: Actor, wanted: BookFilter, today: date) -> Iterator[Promised]:
    """All of them in the page's order, a page at a time."""
    cursor: str | None = None
    while True:
        page = book_page(actor, wanted, today, cursor)
        yield from page.items
        if not (cursor := page.next):
            return


def promises_of(lead_id: str, actor: Actor) -> list[Promised]:
    """The promises on a lead that the actor may read, the open ones first (one statement).

    ``lead_id`` is public.
    """
    order = ((Task.state == TaskState.OPEN).desc(), Task.due_on.asc().nulls_last(), Task.id.desc())
    shown = (
        sa.select(Task.id)
        .join(Lead, Lead.id == Task.lead_id)
        .where(Lead.public_id == lead_id, Task.kind == TaskKind.PROMISE, visible_promises(actor))
        .order_by(*order)
        .limit(MOST_ON_LEAD)
    )
    return _read_whole(_promised().where(Task.id.in_(shown)), order, actor)


def promises_among(rows: Iterable[LeadTask], lead: Lead, actor: Actor) -> list[Promised]:
    """The promises among the tasks of a lead that the actor was let read: those they may see.

    In the rows' order, but what is open by its day. The lead's company and team are loaded.
    """
    found = [
        Promised(
            task=row.task,
            side=row.promised.promise.side,
            reason=row.promised.promise.reason,
            lead=lead.public_id,
            company=lead.company.short_name,
            team=Name(lead.team.short_zh, lead.team.short_en),
            who=_who(row.promised.promise.side, row.to, row.promised.contact, lead),
            after=None if row.promised.promise.side is Side.OURS else row.to,
            visit=row.promised.visit,
            changeable=row.task.assignee_id == actor.id or may_write(lead, actor),
            moved=tuple(
                Moved(day.set_at, by, moved(day.was_on, day.due_on, day.reason))
                for day, by in row.promised.days
            ),
        )
        for row in rows
        if row.promised and may_see_promise(row.task, lead, actor)
    ]
    return sorted(found, key=lambda one: (not one.open, one.task.due_on or date.max))


def _who(side: Side, to: str | None, contact: str | None, lead: Lead) -> str:
    return (to or "") if side is Side.OURS else (contact or lead.company.short_name)


def promises_from(visit_id: int, actor: Actor) -> list[Promised]:
    """What was promised at a visit, as far as the actor may read it (one statement)."""
    query = (
        _promised()
        .where(Promise.visit_id == visit_id, visible_promises(actor))
        .order_by(Task.id)
        .limit(MOST_ON_LEAD)
    )
    return _read(query, actor)


def told(promises: Iterable[Promised]) -> Iterator[Entry]:
    """Promises in a lead's timeline: when made, each day moved, and what became of each."""
    for one in promises:
        task = one.task
        line = (
            msg("%(text)s，%(day)s", text=task.text, day=task.due_on) if task.due_on else task.text
        )
        title = msg("我们答应") if one.side is Side.OURS else msg("对方答应")
        yield Entry(task.created_at, EntryKind.PROMISES, title, one.who, (line,), visit=one.visit)
        for at, by, words in one.moved:
            yield Entry(at, EntryKind.PROMISES, msg("承诺改期"), by, (task.text, words))
        if task.closed_at and task.state is TaskState.DONE:
            yield Entry(task.closed_at, EntryKind.PROMISES, msg("承诺做到了"), "", (task.text,))
        elif task.closed_at:
            lines = (task.text, one.reason or "")
            yield Entry(task.closed_at, EntryKind.PROMISES, msg("承诺收回"), "", lines)


def readable_promise(public_id: str, actor: Actor) -> Promised:
    """One promise with its days. Raises NotFound."""
    query = _promised().where(
        Task.public_id == public_id, Task.kind == TaskKind.PROMISE, visible_promises(actor)
    )
    found = _read_whole(query, (Task.id,), actor)
    if not found:
        raise NotFound
    return found[0]


def _conditions(actor: Actor, wanted: BookFilter, today: date) -> list[Condition]:
    """As conditions of a query over tasks, promises and leads."""
    state = {
        Standing.KEPT: TaskState.DONE,
        Standing.WITHDRAWN: TaskState.CANCELLED,
    }.get(wanted.standing, TaskState.OPEN)
    found: list[Condition] = [
        Task.kind == TaskKind.PROMISE,
        Task.state == state,
        Promise.side == wanted.side,
        visible_promises(actor),
    ]
    found.append(
        Task.due_on.is_not(None) if state is TaskState.OPEN else Task.closed_at.is_not(None)
    )
    if wanted.standing is Standing.OVERDUE:
        found.append(Task.due_on < today)
    if wanted.scope is Scope.MINE:
        found.append(Task.assignee_id == actor.id)
    elif wanted.scope and wanted.scope in scopes(actor):
        found.append(in_scope(actor, wanted.scope))
    named = (
        (Lead.team_id, Team, Team.code, wanted.team),
        (Lead.park_id, Park, Park.code, wanted.park),
    )
    for column, noun, code, value in named:
        if value:
            found.append(column == sa.select(noun.id).where(code == value).scalar_subquery())
    if wanted.person:
        who = sa.select(User.id).where(User.public_id == wanted.person).scalar_subquery()
        found.append(Task.assignee_id == who)
    return found


def _promised() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Task,
            Promise.side,
            Promise.reason,
            Lead.public_id,
            Company.short_name,
            Team.short_zh,
            Team.short_en,
            User.name,
            Contact.name,
            Visit.public_id,
            Lead.team_id,
            Lead.owner_id,
        )
        .join(Promise, Promise.task_id == Task.id)
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(Team, Team.id == Lead.team_id)
        .outerjoin(User, User.id == Task.assignee_id)
        .outerjoin(Contact, Contact.id == Promise.contact_id)
        .outerjoin(Visit, sa.and_(Visit.id == Promise.visit_id, present(Visit)))
    )


def _read(query: sa.Select[*tuple[Any, ...]], actor: Actor) -> list[Promised]:
    return [_one(row, actor) for row in db.session.execute(query)]


def _one(row: Any, actor: Actor) -> Promised:
    task, side, reason, lead, company, zh, en, name, contact, visit, team_id, owner_id = row[:12]
    ours = side is Side.OURS
    return Promised(
        task,
        side,
        reason,
        lead,
        company,
        Name(zh, en),
        (name or "") if ours else (contact or company),
        None if ours else name,
        visit,
        task.assignee_id == actor.id or may_write_held(team_id, owner_id, actor),
    )


def _read_whole(
    query: sa.Select[*tuple[Any, ...]], order: Iterable[Any], actor: Actor
) -> list[Promised]:
    """The same with the days that each was given since."""
    setter = aliased(User)
    rows = db.session.execute(
        query.outerjoin(PromiseDay, PromiseDay.task_id == Task.id)
        .outerjoin(setter, setter.id == PromiseDay.set_by_id)
        .add_columns(PromiseDay, setter.name)
        .order_by(*order, PromiseDay.id)
    )
    found = []
    for _id, group in groupby(rows, key=lambda row: row[0].id):
        of_one = list(group)
        days = tuple(
            Moved(day.set_at, by, moved(day.was_on, day.due_on, day.reason))
            for *_, day, by in of_one
            if day is not None
        )
        found.append(replace(_one(of_one[0], actor), moved=days))
    return found
