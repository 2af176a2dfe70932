"""Reads the reminder rules as they stand, with the calendar and the offices that they count by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from crm.access import Actor
from crm.access.actor import held_on
from crm.messages import Name
from crm.reminders.rulebook import Book, People, Rule
from crm.reminders.shapes import rule_of
from crm.working_days import WorkingCalendar
from models import db
from models.calendar_day import CalendarDay
from models.enums import ReminderState, Role
from models.reminder_rule import ReminderRule
from models.user import Membership, User

# Beyond it a working day is any weekday: nobody knows the holidays of so far a year.
_YEAR = timedelta(days=366)
# What was not called off: whoever reads some reminders here alone was told as well.
STANDS = (ReminderState.PLANNED, ReminderState.QUEUED, ReminderState.SHOWN)
_OFFICES = (Role.TEAM_LEAD, Role.MANAGER, Role.PARK_OFFICER)


def book_of(today: date) -> Book:
    """The rules for everybody (two statements)."""
    return book_and_off(today)[0]


def book_for(actor: Actor, today: date) -> Book:
    """The rules as far as this person hears of them (one statement)."""
    return kept_of(today).book_for(actor)


def book_and_off(today: date) -> tuple[Book, tuple[Rule, ...]]:
    """The rules for everybody, and those that are switched off (two statements)."""
    kept = kept_of(today)
    return Book(kept.on, kept.calendar, people_of(today)), kept.off


def as_rule(record: ReminderRule | sa.Row[*tuple[Any, ...]]) -> Rule:
    """The rule of a record, or of a row with its columns."""
    return rule_of(
        record.code,
        record.kind,
        Name(record.zh, record.en),
        record.conditions,
        record.steps,
        working=record.working,
        at_once=record.at_once,
    )


def names_of(codes: Iterable[str]) -> dict[str, Name]:
    """What the rules of these codes are called, also those that were taken away."""
    rows = db.session.execute(
        sa.select(ReminderRule.code, ReminderRule.zh, ReminderRule.en).where(
            ReminderRule.code.in_(sorted(set(codes)))
        )
    )
    return {row.code: Name(row.zh, row.en) for row in rows}


def people_of(today: date) -> People:
    """Who holds which office on that day (one statement)."""
    rows = db.session.execute(
        sa.select(
            User.id, User.role, Membership.team_id, Membership.park_id, Membership.district_id
        )
        .outerjoin(Membership, sa.and_(Membership.user_id == User.id, held_on(today)))
        .where(User.active, User.role.in_(_OFFICES))
        .order_by(User.id)
    )
    leads, parks, districts = defaultdict(list), defaultdict(list), defaultdict(list)
    managers: list[int] = []
    for person, role, team, park, district in rows:
        if role is Role.MANAGER:
            managers.append(person)
        elif role is Role.TEAM_LEAD and team:
            leads[team].append(person)
        elif role is Role.PARK_OFFICER and park:
            parks[park].append(person)
        elif role is Role.PARK_OFFICER and district:
            districts[district].append(person)
    return People(
        team_leads=_each(leads),
        managers=tuple(dict.fromkeys(managers)),
        parks=_each(parks),
        districts=_each(districts),
    )


def alone(actor: Actor) -> People:
    """The offices of one person: enough to say what that person hears."""
    me = (actor.id,)
    officer = actor.role is Role.PARK_OFFICER
    return People(
        team_leads=dict.fromkeys(actor.teams, me) if actor.role is Role.TEAM_LEAD else {},
        managers=me if actor.role is Role.MANAGER else (),
        parks=dict.fromkeys(actor.parks, me) if officer else {},
        districts=dict.fromkeys(actor.districts, me) if officer else {},
    )


def _each(found: dict[int, list[int]]) -> dict[int, tuple[int, ...]]:
    return {key: tuple(people) for key, people in found.items()}


@dataclass(frozen=True)
class Kept:
    """The records: rules that are on and off, in Today's order, and days that are exceptions."""

    on: tuple[Rule, ...]
    off: tuple[Rule, ...]
    calendar: WorkingCalendar

    @cached_property
    def book(self) -> Book:
        """The rules that speak, to nobody yet."""
        return Book(self.on, self.calendar)

    def book_for(self, actor: Actor) -> Book:
        """The rules as far as that person hears of them; what is reckoned is so for all."""
        return replace(self.book, people=alone(actor))


def kept_of(today: date) -> Kept:
    """The rules and the days around that one (one statement)."""
    first, last = date((today - _YEAR).year, 1, 1), date((today + _YEAR).year, 12, 31)
    no_day = sa.cast(sa.null(), sa.Date)
    rules = sa.select(
        *(ReminderRule.sort, ReminderRule.id, ReminderRule.code, ReminderRule.kind),
        *(ReminderRule.zh, ReminderRule.en, ReminderRule.conditions, ReminderRule.steps),
        *(ReminderRule.working, ReminderRule.at_once, ReminderRule.enabled, no_day.label("day")),
    ).where(ReminderRule.removed_at.is_(None))
    nothing = (sa.cast(sa.null(), column.type) for column in list(rules.selected_columns)[:8])
    flags = (CalendarDay.working, sa.cast(sa.null(), sa.Boolean), sa.null())
    days = sa.select(*nothing, *flags, CalendarDay.day).where(CalendarDay.day.between(first, last))
    rows = db.session.execute(sa.union_all(rules, days)).all()
    found = sorted((row for row in rows if row.day is None), key=lambda row: (row.sort, row.id))
    on, off = (
        tuple(as_rule(row) for row in found if row.enabled is wanted) for wanted in (True, False)
    )
    return Kept(on, off, WorkingCalendar({row.day: row.working for row in rows if row.day}))
