"""A lead's reminders: what was sent, to whom, when; what was not, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import Actor
from crm.access.conditions import may_see_offers
from crm.messages import Message as Sentence
from crm.messages import Name, msg
from crm.reminders.clocks import lead_clocks
from crm.reminders.envelopes import todays
from crm.reminders.facts import Due, LeadClock
from crm.reminders.later import until_of
from crm.reminders.leaves.queries import away_on
from crm.reminders.leaves.rules import Away
from crm.reminders.personal.queries import personal_of_all
from crm.reminders.personal.rules import Personal
from crm.reminders.personal.words import WAY_WORDS
from crm.reminders.rulebook import Book, Rule
from crm.reminders.rules import OFFERED, dues
from crm.reminders.store import book_and_off
from crm.reminders.wording import unpack
from crm.reminders.words import CALLED_OFF_WORDS
from models import db
from models.enums import MessageState, ReminderState, Way
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
    """The newest first; ``untold`` in Today's order."""

    told: list[Told]
    untold: list[Untold]


@dataclass(frozen=True)
class Fate:
    """What decides what became of a reminder.

    ``absent_until`` and ``stand_in`` are of its person today, ``deputy`` is who was told instead.
    """

    state: ReminderState
    snoozed_until: date | None = None
    active: bool = True
    working_day: bool = True
    mailed_today: bool = False
    mail_state: MessageState | None = None
    sent_at: datetime | None = None
    way: Way = Way.MAIL
    deputy: str = ""
    absent_until: date | None = None
    stand_in: str = ""
    paused_until: date | None = None
    chosen: Way = Way.MAIL
    time: time | None = None


def outcome(fate: Fate) -> Sentence:
    """What became of a reminder that was not called off. Pure."""
    match fate.state:
        case ReminderState.QUEUED:
            said = _sent(fate)
        case ReminderState.SHOWN:
            said = msg("本人选了只在这里看，没有发")
        case _:
            return _waiting(fate)
    if fate.deputy:
        return msg("%(said)s，本人休假，由%(deputy)s代收", said=said, deputy=fate.deputy)
    return said


def _sent(fate: Fate) -> Sentence:
    by_mail = fate.way is Way.MAIL
    if fate.sent_at and by_mail:
        return msg("%(moment)s 发出", moment=fate.sent_at)
    if fate.sent_at:
        return msg("%(moment)s 发到%(way)s", moment=fate.sent_at, way=WAY_WORDS[fate.way])
    if fate.mail_state in {MessageState.FAILED, MessageState.DEAD}:
        if by_mail:
            return msg("邮件没有送到，管理员可以在发件箱里重发")
        return msg("%(way)s不收，写进下一封邮件", way=WAY_WORDS[fate.way])
    return msg("已写好，还没有发出")


def _waiting(fate: Fate) -> Sentence:
    if not fate.active:
        return msg("账号停用了，不发")
    if fate.snoozed_until:
        return msg("本人放到 %(day)s 再提醒", day=fate.snoozed_until)
    return _not_there(fate) or _of_the_day(fate)


def _not_there(fate: Fate) -> Sentence | None:
    """That its person is on leave or has paused."""
    if fate.absent_until and fate.stand_in:
        return msg(
            "本人休假到 %(day)s，写进代理人%(who)s的下一封（看不到的发给队长）",
            day=fate.absent_until,
            who=fate.stand_in,
        )
    if fate.absent_until:
        return msg("本人休假到 %(day)s，没有人代收，发给队长", day=fate.absent_until)
    if fate.paused_until:
        return msg("本人暂停了提醒，%(day)s 恢复", day=fate.paused_until)
    return None


def _of_the_day(fate: Fate) -> Sentence:
    """For which message of a day it waits."""
    if not fate.working_day:
        return msg("今天不上班，下一个工作日发")
    if fate.mailed_today:
        return msg("今天的提醒已经发过，写进下一个工作日的")
    if fate.chosen is Way.APP:
        return msg("本人选了只在这里看，不发")
    if fate.time:
        return msg("等下一封提醒，本人选了 %(time)s 发", time=format(fate.time, "%H:%M"))
    return msg("等下一封提醒")


def history_of(lead: Lead, actor: Actor, today: date) -> History:
    """Of a lead that the actor can read."""
    book, off = book_and_off(today)
    names = {rule.code: rule for rule in (*book.rules, *off)}
    hidden = set() if may_see_offers(lead, actor) else OFFERED
    clock = next(iter(lead_clocks([lead.id], today)))
    rows = _rows(lead.id, today)
    people = _People.of([row[0] for row in rows], today)
    told = [
        Told(
            rule=names[one.rule].name if one.rule in names else Name(one.rule, one.rule),
            person=person,
            reason=unpack(one.reason["reason"]),
            found_at=one.planned_at,
            outcome=CALLED_OFF_WORDS[one.called_off]
            if one.called_off
            else outcome(
                Fate(
                    state=one.state,
                    snoozed_until=_snoozed(one, clock, today),
                    active=active,
                    working_day=book.calendar.is_working_day(today),
                    mailed_today=bool(mailed),
                    mail_state=mail_state,
                    sent_at=sent_at,
                    way=way or Way.MAIL,
                    deputy=people.names.get(one.deputy_id or 0, ""),
                    **people.of_person(one.person_id, names.get(one.rule), today),
                )
            ),
            sent=sent_at is not None,
        )
        for one, person, active, mail_state, sent_at, way, mailed in rows
        if one.person_id == actor.id or one.rule not in names or names[one.rule].kind not in hidden
    ]
    written = {(row[0].rule, row[0].person_id, row[0].occurrence) for row in rows}
    due = [
        (one, why)
        for one, why in _untold(clock, book, off, today, written)
        if one.person_id == actor.id or one.kind not in hidden
    ]
    called = _names({one.person_id for one, _why in due})
    untold = [
        Untold(names[one.rule].name, called.get(one.person_id, ""), one.reason, why)
        for one, why in due
    ]
    return History(told, untold)


@dataclass(frozen=True)
class _People:
    """What people chose, who is away and who stands in, as far as these reminders need it."""

    personal: Mapping[int, Personal]
    away: Away
    names: Mapping[int, str]

    @classmethod
    def of(cls, reminders: Sequence[Reminder], today: date) -> _People:
        """Read it (three statements, none without reminders)."""
        if not reminders:
            return cls({}, Away(), {})
        whose = {one.person_id for one in reminders}
        away = away_on(today)
        others = {one.deputy_id for one in reminders} | {away.stand_in(one) for one in whose}
        named = _names({one for one in others if one is not None})
        return cls(personal_of_all(whose), away, named)

    def of_person(self, person_id: int, rule: Rule | None, today: date) -> dict[str, Any]:
        """The part of a fate that follows from whose it is."""
        chosen = self.personal.get(person_id, Personal())
        absence = self.away.absences.get(person_id)
        return {
            "absent_until": absence.until if absence else None,
            "stand_in": self.names.get(self.away.stand_in(person_id) or 0, "") if absence else "",
            "paused_until": chosen.paused_until if chosen.paused(today) else None,
            "chosen": chosen.way_of_kind(rule.kind) if rule else Way.MAIL,
            "time": chosen.time_on(today),
        }


def _untold(
    clock: LeadClock,
    book: Book,
    off: tuple[Rule, ...],
    today: date,
    written: set[tuple[str, int, str]],
) -> Iterator[tuple[Due, Sentence]]:
    for one in dues(clock, today, book):
        if (one.rule, one.person_id, one.occurrence) in written:
            continue
        until = until_of(one, clock, one.person_id)
        if until and until > today:
            yield one, msg("本人放到 %(day)s 再提醒", day=until)
        else:
            yield one, msg("刚发现，下一次排提醒时写下")
    for one in dues(clock, today, Book(off, book.calendar, book.people)):
        yield one, msg("规则停用了")


def _snoozed(reminder: Reminder, clock: LeadClock, today: date) -> date | None:
    days = [
        one.until
        for one in clock.snoozes
        if one.person_id == reminder.person_id and one.occurrence == reminder.occurrence
    ]
    return days[-1] if days and days[-1] > today else None


def _rows(
    lead_id: int, today: date
) -> list[tuple[Reminder, str, bool, MessageState | None, datetime | None, Way | None, int]]:
    mailed = (
        sa.select(sa.func.count())
        .where(
            Message.recipient_id == Reminder.person_id,
            todays(today),
        )
        .correlate(Reminder)
        .scalar_subquery()
    )
    own = aliased(Message)
    query = (
        sa.select(Reminder, User.name, User.active, own.state, own.sent_at, own.way, mailed)
        .join(User, User.id == Reminder.person_id)
        .outerjoin(own, own.id == Reminder.message_id)
        .where(Reminder.lead_id == lead_id)
        .order_by(Reminder.id.desc())
        .limit(MOST)
    )
    return [tuple(row) for row in db.session.execute(query)]


def _names(people: set[int]) -> dict[int, str]:
    if not people:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name).where(User.id.in_(sorted(people))))
    return {row.id: row.name for row in rows}
