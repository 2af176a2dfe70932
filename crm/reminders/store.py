"""Reads the reminder rules as they stand, with the calendar and the offices that they count by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa

from crm.access import Actor
from crm.access.actor import held_on
from crm.calendar import working_calendar
from crm.messages import Name
from crm.reminders.rulebook import Book, People, Rule
from crm.reminders.shapes import rule_of
from crm.working_days import WorkingCalendar
from models import db
from models.enums import Role
from models.reminder_rule import ReminderRule
from models.user import Membership, User

# Beyond it a working day is any weekday: nobody knows the holidays of so far a year.
_YEAR = timedelta(days=366)
_OFFICES = (Role.TEAM_LEAD, Role.MANAGER, Role.PARK_OFFICER)


def book_of(today: date) -> Book:
    """The rules for everybody (three statements)."""
    return Book(_rules(), _calendar(today), people_of(today))


def book_for(actor: Actor, today: date) -> Book:
    """The rules as far as this person hears of them (two statements)."""
    return Book(_rules(), _calendar(today), alone(actor))


def book_and_off(today: date) -> tuple[Book, tuple[Rule, ...]]:
    """The rules for everybody, and those that are switched off (three statements)."""
    records = _records()
    rules = tuple(as_rule(one) for one in records if one.enabled)
    off = tuple(as_rule(one) for one in records if not one.enabled)
    return Book(rules, _calendar(today), people_of(today)), off


def as_rule(record: ReminderRule) -> Rule:
    """A record's rule."""
    return rule_of(
        record.code,
        record.kind,
        Name(record.zh, record.en),
        record.conditions,
        record.steps,
        working=record.working,
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


def _rules() -> tuple[Rule, ...]:
    return tuple(as_rule(one) for one in _records() if one.enabled)


def _records() -> list[ReminderRule]:
    query = sa.select(ReminderRule).where(ReminderRule.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(ReminderRule.sort, ReminderRule.id)))


def _calendar(today: date) -> WorkingCalendar:
    return working_calendar(today - _YEAR, today + _YEAR)
