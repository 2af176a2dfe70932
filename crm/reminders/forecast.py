"""Who will be reminded of what in the days ahead, if nothing is done until then.

Reckoned from the rules and the records as they stand; on days off nobody is written to, so what
falls on one stands on the next working day. What falls into somebody's leave is their deputy's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import sqlalchemy as sa

from crm.access import Actor, present, visible_leads
from crm.access.conditions import in_scope
from crm.access.scopes import Scope
from crm.messages import Message, Name, enumerated, msg
from crm.reminders.leaves.queries import leaves_between
from crm.reminders.leaves.rules import Absence, Away, Leaves
from crm.reminders.leaves.sharing import Sight, sight_of
from crm.reminders.personal.queries import personal_of_all
from crm.reminders.personal.rules import Personal, Topic
from crm.reminders.personal.words import WAY_WORDS
from crm.reminders.reach import Reached, reached
from crm.reminders.rulebook import OWN, Book, Rule
from crm.reminders.rules import OFFERED
from crm.reminders.store import book_of
from crm.reminders.uncovered import reminders_of, targets
from crm.reminders.weekly import is_weekly, said_from
from crm.reminders.words import when_words
from models import db
from models.company import Company
from models.enums import Role, RuleKind, TaskState, Way
from models.lead import Lead
from models.sets import one_of
from models.task import Task
from models.user import User

DAYS = 30
MOST = 200


@dataclass(frozen=True)
class Item:
    """A lead of which somebody will be reminded; without ``lead`` some targets, counted."""

    rule: Name
    when: Message
    company: str = ""
    lead: str = ""
    """The public id."""
    why: Message | None = None
    """In whose place it is said, or that it waits until they are back."""


@dataclass(frozen=True)
class Day:
    """What somebody will be reminded of on a day."""

    day: date
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class PersonAhead:
    """How much somebody will be reminded of, by rule, the most first; ``how`` they chose to be."""

    public_id: str
    name: str
    total: int
    by_rule: list[tuple[Name, int]]
    how: Message


@dataclass(frozen=True)
class Forecast:
    """``days`` of one person, ``people`` of everybody in sight; ``left_out`` found no room, and
    ``passed_on`` is said to others because this person is away then.
    """

    days: list[Day]
    people: list[PersonAhead]
    total: int
    left_out: int = 0
    passed_on: int = 0


@dataclass(frozen=True)
class _Ahead:
    """A reminder of a day ahead; ``lead_id`` is None for the targets of a week, ``n`` of them."""

    rule: Rule
    when: Message
    person_id: int
    day: date
    lead_id: int | None
    n: int = 1
    team_id: int | None = None
    of: int | None = None
    """Whose it is, where somebody else is told."""
    why: Message | None = None


def forecast(actor: Actor, scope: Scope | None, today: date, person: str | None = None) -> Forecast:
    """The days ahead of the actor, or of the people who have leads in the scope.

    ``person`` is the public id of whose days are shown; with MINE the actor's own are. Without a
    scope (an administrator) numbers alone.
    """
    book = book_of(today)
    leaves = leaves_between(today, today + timedelta(days=DAYS))
    rows = _rows(actor, scope, today, book, leaves)
    found = _passed_on(_ahead(book, today, rows), leaves, book, today)
    away = sum(one.n for one in found if one.of == actor.id and one.person_id != actor.id)
    if scope is Scope.MINE:
        found = [one for one in found if one.person_id == actor.id]
    elif scope is not None and scope is not Scope.CITY:
        # Targets of other teams are told to others.
        found = [one for one in found if one.lead_id is not None or one.person_id == actor.id]
    if actor.role is Role.SCOUT:
        # Promises and offers of colleagues are not theirs to read.
        found = [one for one in found if one.person_id == actor.id or one.rule.kind not in OFFERED]
    people = _people(found, today, leaves.on(today))
    chosen = actor.id if scope is Scope.MINE else people.ids.get(person or "")
    if scope is None or chosen is None:
        return Forecast([], people.counted, sum(one.n for one in found))
    theirs = sorted(
        (one for one in found if one.person_id == chosen),
        key=lambda one: (one.day, one.rule.code, one.lead_id or 0),
    )
    return Forecast(
        _days(theirs[:MOST]),
        people.counted,
        sum(one.n for one in found),
        max(0, len(theirs) - MOST),
        away if chosen == actor.id else 0,
    )


def _rows(
    actor: Actor, scope: Scope | None, today: date, book: Book, leaves: Leaves
) -> Iterator[Reached]:
    """The steps that are reached in those days, of the leads that the actor may look at."""
    last = today + timedelta(days=DAYS)
    if scope is not Scope.MINE:
        whose = present() if scope is None else in_scope(actor, scope)
        yield from reached(book.rules, last, book, after=today, whose=whose)
        return
    # And what waits for colleagues who are away then: it may fall to this person.
    people = sorted({actor.id, *(one.person_id for one in leaves.spans)})
    given = sa.select(Task.lead_id).where(
        Task.assignee_id.in_(people), Task.state == TaskState.OPEN
    )
    mine = sa.and_(sa.or_(Lead.owner_id.in_(people), Lead.id.in_(given)), visible_leads(actor))
    own = _with_steps(book.rules, own=True)
    yield from reached(own, last, book, after=today, whose=mine)
    if actor.role is not Role.SCOUT:
        # What this person hears of others' leads is theirs as well.
        others = _with_steps(book.rules, own=False)
        yield from reached(others, last, book, after=today, whose=visible_leads(actor))


def _with_steps(rules: Iterable[Rule], *, own: bool) -> list[Rule]:
    """The rules with those of their steps alone that remind who works on it, or the others."""
    found = [
        replace(rule, steps=tuple(step for step in rule.steps if (step.to in OWN) is own))
        for rule in rules
    ]
    return [rule for rule in found if rule.steps]


def _ahead(book: Book, today: date, rows: Iterable[Reached]) -> list[_Ahead]:
    last = today + timedelta(days=DAYS)
    latest: dict[tuple[str, int, int, date], _Ahead] = {}
    for one in sorted(rows, key=lambda one: one.on):
        # Of what falls on one morning the last step speaks.
        made = _of(one, book)
        latest[one.rule.code, one.lead_id, one.person_id, made.day] = made
    return [*latest.values(), *_targets(book, today, last)]


def _of(one: Reached, book: Book) -> _Ahead:
    when = when_words(one.rule, one.step.days)
    day = _written_on(one.on, book)
    manages = one.person_id in book.people.managers
    if manages and is_weekly(one.step.to, one.rule.kind, Role.MANAGER):
        day = said_from(day, book.calendar)
    return _Ahead(one.rule, when, one.person_id, day, one.lead_id, team_id=one.team_id)


def _passed_on(found: list[_Ahead], leaves: Leaves, book: Book, today: date) -> list[_Ahead]:
    """The same, with what falls into a leave where it is said then, and why there."""
    away = [one for one in found if one.person_id in leaves.on(one.day)]
    if not away:
        return found
    asked: dict[int, set[int]] = defaultdict(set)
    for one in away:
        deputy = leaves.on(one.day).stand_in(one.person_id)
        if deputy is not None and one.lead_id is not None:
            asked[deputy].add(one.lead_id)
    sight = sight_of(asked, today)
    there = [one for one in found if one.person_id not in leaves.on(one.day)]
    return [*there, *(told for one in away for told in _instead(one, leaves, sight, book))]


def _instead(one: _Ahead, leaves: Leaves, sight: Sight, book: Book) -> Iterator[_Ahead]:
    away = leaves.on(one.day)
    absence, deputy = away.absences[one.person_id], away.stand_in(one.person_id)
    may = one.lead_id is None or sight.of(deputy or 0, one.lead_id, one.rule.kind)
    if deputy is not None and may:
        why = msg("代%(who)s，休假到 %(day)s", who=absence.person, day=absence.until)
        yield replace(one, person_id=deputy, of=one.person_id, why=why)
        return
    others = away.instead(one.person_id, one.team_id, book.people)
    for person in others:
        why = msg("代%(who)s，休假到 %(day)s，代理人看不到", who=absence.person, day=absence.until)
        yield replace(one, person_id=person, of=one.person_id, why=why)
    if not others:
        back = _written_on(absence.until + timedelta(days=1), book)
        why = msg("休假到 %(day)s，回来再提醒", day=absence.until)
        yield replace(one, day=back, why=why)


def _written_on(day: date, book: Book) -> date:
    calendar = book.calendar
    return day if calendar.is_working_day(day) else calendar.next_working_day(day)


def _targets(book: Book, today: date, last: date) -> list[_Ahead]:
    rules = book.of(RuleKind.UNCOVERED)
    unfollowed = targets() if rules else []
    monday = today - timedelta(days=today.weekday())
    found = []
    for rule in rules:
        for week in range(1, DAYS // 7 + 2):
            start = monday + timedelta(weeks=week)
            first = book.day_of(rule, start, rule.steps[0])
            if first > last:
                continue
            counts = Counter(
                one.due.person_id
                for target in unfollowed
                for one in reminders_of(target, rule, start + timedelta(days=6), book)
            )
            when = when_words(rule, rule.steps[0].days)
            found += [
                _Ahead(rule, when, person, _written_on(first, book), None, n)
                for person, n in counts.items()
            ]
    return found


@dataclass(frozen=True)
class _People:
    counted: list[PersonAhead]
    ids: dict[str, int]


def _people(found: list[_Ahead], today: date, away: Away) -> _People:
    by_person: dict[int, Counter[str]] = {}
    names: dict[str, Name] = {}
    for one in found:
        by_person.setdefault(one.person_id, Counter())[one.rule.code] += one.n
        names[one.rule.code] = one.rule.name
    if not by_person:
        return _People([], {})
    rows = db.session.execute(
        sa.select(User.id, User.public_id, User.name).where(one_of(User.id, by_person), User.active)
    ).all()
    personal = personal_of_all(by_person)
    counted = [
        PersonAhead(
            row.public_id,
            row.name,
            by_person[row.id].total(),
            [(names[code], n) for code, n in by_person[row.id].most_common()],
            how_words(personal.get(row.id, Personal()), away.absences.get(row.id), today),
        )
        for row in rows
    ]
    counted.sort(key=lambda one: (-one.total, one.name))
    return _People(counted, {row.public_id: row.id for row in rows})


def _days(theirs: list[_Ahead]) -> list[Day]:
    keys = {one.lead_id for one in theirs if one.lead_id is not None}
    leads = {}
    if keys:
        rows = db.session.execute(
            sa.select(Lead.id, Lead.public_id, Company.short_name)
            .join(Company, Company.id == Lead.company_id)
            .where(one_of(Lead.id, keys))
        )
        leads = {row.id: (row.public_id, row.short_name) for row in rows}
    days: dict[date, Day] = {}
    for one in theirs:
        shown = days.setdefault(one.day, Day(one.day))
        if one.lead_id is None:
            shown.items.append(Item(one.rule.name, msg("%(n)s 家", n=one.n), why=one.why))
        elif one.lead_id in leads:
            public_id, company = leads[one.lead_id]
            shown.items.append(Item(one.rule.name, one.when, company, public_id, one.why))
    return list(days.values())


def how_words(personal: Personal, absence: Absence | None, today: date) -> Message:
    """When and by what ways somebody is reminded. Pure."""
    if absence is not None:
        return msg("休假到 %(day)s，由代理人代收", day=absence.until)
    if personal.paused_until is not None and personal.paused(today):
        return msg("暂停到 %(day)s", day=personal.paused_until)
    chosen = {personal.way_of(topic) for topic in Topic}
    ways = enumerated([WAY_WORDS[way] for way in Way if way in chosen])
    at = format(personal.time_on(today), "%H:%M")
    return msg("%(time)s，%(ways)s", time=at, ways=ways)
