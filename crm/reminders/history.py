"""A lead's reminders: what was sent, to whom, when; what was not, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from crm import clock
from crm.access import Actor
from crm.access.conditions import may_see_offers
from crm.config import Config
from crm.messages import Message as Sentence
from crm.messages import Name, msg
from crm.packing import unpack
from crm.reminders.clocks import lead_clocks
from crm.reminders.envelopes import todays
from crm.reminders.facts import Due, LeadClock
from crm.reminders.fates import Fate, asleep, outcome
from crm.reminders.later import until_of
from crm.reminders.leaves.queries import away_on
from crm.reminders.leaves.rules import Away
from crm.reminders.personal.queries import personal_of_all, quiet_of
from crm.reminders.personal.rules import Personal
from crm.reminders.rulebook import Book, Rule
from crm.reminders.rules import OFFERED, dues
from crm.reminders.store import book_and_off
from crm.reminders.urgent import sent_lately
from crm.reminders.words import CALLED_OFF_WORDS
from models import db
from models.enums import MessageState, Way
from models.lead import Lead
from models.message import Message
from models.reminder import Reminder
from models.user import User

MOST = 200


@dataclass(frozen=True)
class Told:
    """A reminder that was written down: for whom, why, and what became of it."""

    rule: Name
    person: str
    reason: Sentence
    found_at: datetime
    outcome: Sentence
    sent: bool


@dataclass(frozen=True)
class Untold:
    """What is so today and was not said to somebody, and why not."""

    rule: Name
    person: str
    reason: Sentence
    why: Sentence


@dataclass(frozen=True)
class History:
    """The newest first; ``untold`` in Today's order. ``asleep``: why most rules are silent."""

    told: list[Told]
    untold: list[Untold]
    asleep: Sentence | None = None


def history_of(lead: Lead, actor: Actor, now: datetime) -> History:
    """Of a lead that the actor can read."""
    today = clock.local_date(now)
    book, off = book_and_off(today)
    names = {rule.code: rule for rule in (*book.rules, *off)}
    hidden = set() if may_see_offers(lead, actor) else OFFERED
    reckoned = next(iter(lead_clocks([lead.id], today)))
    rows = _rows(lead.id, today)
    people = _People.of([row.Reminder for row in rows], now)
    told = [
        Told(
            rule=names[one.rule].name if one.rule in names else Name(one.rule, one.rule),
            person=row.name,
            reason=unpack(one.reason["reason"]),
            found_at=one.planned_at,
            outcome=CALLED_OFF_WORDS[one.called_off]
            if one.called_off
            else outcome(
                _fate(
                    row,
                    people,
                    names.get(one.rule),
                    snoozed_until=_snoozed(one, reckoned, today),
                    working_day=book.calendar.is_working_day(today),
                )
            ),
            sent=row.sent_at is not None,
        )
        for row in rows
        if (one := row.Reminder).person_id == actor.id
        or one.rule not in names
        or names[one.rule].kind not in hidden
    ]
    keys = (row.Reminder for row in rows)
    written = {(one.rule, one.person_id, one.occurrence) for one in keys}
    due = [
        (one, why)
        for one, why in _untold(reckoned, book, off, today, written)
        if one.person_id == actor.id or one.kind not in hidden
    ]
    called = _names({one.person_id for one, _why in due})
    untold = [
        Untold(names[one.rule].name, called.get(one.person_id, ""), one.reason, why)
        for one, why in due
    ]
    return History(told, untold, asleep(reckoned))


@dataclass(frozen=True)
class _People:
    """What people chose, who is away and who stands in, as far as these reminders need it."""

    now: datetime
    mail_goes: bool
    personal: Mapping[int, Personal] = field(default_factory=dict)
    away: Away = field(default_factory=Away)
    names: Mapping[int, str] = field(default_factory=dict)
    lately: Mapping[int, Sequence[datetime]] = field(default_factory=dict)

    @classmethod
    def of(cls, reminders: Sequence[Reminder], now: datetime) -> _People:
        """Read it (four statements, none without reminders)."""
        config: Config = current_app.extensions["crm.config"]
        goes = config.mail_url is not None
        if not reminders:
            return cls(now, goes)
        whose = {one.person_id for one in reminders}
        away = away_on(clock.local_date(now))
        others = {one.deputy_id for one in reminders} | {away.stand_in(one) for one in whose}
        named = _names({one for one in others if one is not None})
        return cls(now, goes, personal_of_all(whose), away, named, sent_lately(whose, now))

    def of_person(self, person_id: int, rule: Rule | None) -> dict[str, Any]:
        """The part of a fate that follows from whose it is."""
        today, time_now = clock.local_date(self.now), self.now.astimezone(clock.ZONE).time()
        chosen = self.personal.get(person_id, Personal())
        quiet = quiet_of(chosen)
        absence = self.away.absences.get(person_id)
        return {
            "absent_until": absence.until if absence else None,
            "stand_in": self.names.get(self.away.stand_in(person_id) or 0, "") if absence else "",
            "paused_until": chosen.paused_until if chosen.paused(today) else None,
            "chosen": chosen.way_of_kind(rule.kind) if rule else Way.MAIL,
            "hour": chosen.time_on(today),
            "at_once": rule is not None and rule.at_once,
            "quiet_until": quiet.ends if quiet.holds(time_now) else None,
            "sent_lately": len(self.lately.get(person_id, ())),
        }


def _fate(
    row: sa.Row[*tuple[Any, ...]],
    people: _People,
    rule: Rule | None,
    *,
    snoozed_until: date | None,
    working_day: bool,
) -> Fate:
    one = row.Reminder
    return Fate(
        state=one.state,
        snoozed_until=snoozed_until,
        active=row.active,
        working_day=working_day,
        mailed_today=bool(row.mailed),
        unwritten=bool(row.unwritten),
        mail_state=row.state,
        mail_goes=people.mail_goes,
        sent_at=row.sent_at,
        again_at=row.due_at if row.attempts else None,
        overtook=bool(row.overtook),
        way=row.way or Way.MAIL,
        deputy=people.names.get(one.deputy_id or 0, ""),
        **people.of_person(one.person_id, rule),
    )


def _untold(
    lead: LeadClock,
    book: Book,
    off: tuple[Rule, ...],
    today: date,
    written: set[tuple[str, int, str]],
) -> Iterator[tuple[Due, Sentence]]:
    for one in dues(lead, today, book):
        if (one.rule, one.person_id, one.occurrence) in written:
            continue
        until = until_of(one, lead, one.person_id)
        if until and until > today:
            yield one, msg("本人放到 %(day)s 再提醒", day=until)
        else:
            yield one, msg("刚发现，下一次排提醒时写下")
    for one in dues(lead, today, Book(off, book.calendar, book.people)):
        yield one, msg("规则停用了")


def _snoozed(reminder: Reminder, lead: LeadClock, today: date) -> date | None:
    days = [
        one.until
        for one in lead.snoozes
        if one.person_id == reminder.person_id and one.occurrence == reminder.occurrence
    ]
    return days[-1] if days and days[-1] > today else None


def _rows(lead_id: int, today: date) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    def has(*wanted: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        of_person = sa.select(sa.func.count()).where(
            Message.recipient_id == Reminder.person_id, *wanted
        )
        return of_person.correlate(Reminder).scalar_subquery()

    mailed = has(todays(today)).label("mailed")
    unwritten = has(Message.state == MessageState.UNWRITTEN).label("unwritten")
    own, earlier = aliased(Message), aliased(Message)
    overtook = (
        sa.select(sa.func.count())
        .where(earlier.merged_into_id == own.id, earlier.created_at >= Reminder.planned_at)
        .scalar_subquery()
        .label("overtook")
    )
    query = (
        sa.select(
            *(Reminder, User.name, User.active, mailed, unwritten, overtook),
            *(own.state, own.sent_at, own.way, own.attempts, own.due_at),
        )
        .join(User, User.id == Reminder.person_id)
        .outerjoin(own, own.id == Reminder.message_id)
        .where(Reminder.lead_id == lead_id)
        .order_by(Reminder.id.desc())
        .limit(MOST)
    )
    return db.session.execute(query).all()


def _names(people: set[int]) -> dict[int, str]:
    if not people:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(sorted(people))))
    return {row.id: row.name for row in rows}
