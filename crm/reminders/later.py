"""What a person has set aside until a day, and what may be. Pure.

A snooze names the reminder's cause. While it lasts the cause is not said to that person, on the
page or by mail; from its day on it is, as an occurrence of its own, so that the mail says it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from crm.messages import Message, msg
from crm.reminders.facts import AgendaItem, Due, Later, LeadClock
from crm.reminders.rulebook import OWN
from models.enums import RuleKind

FURTHEST = timedelta(days=90)
# What others wait for from us rests a while, and does not go out of sight.
SOON = timedelta(days=7)
LONGEST_REASON = 200

# A directive's day is its manager's, who asks for an answer by it; an offer waits for a decision,
# and whoever is mentioned says that they have seen it. These are settled, not set aside.
_SET_ASIDE = frozenset(
    {
        RuleKind.PROMISE_OURS,
        RuleKind.PROMISE_THEIRS,
        RuleKind.TASK,
        RuleKind.MATTER,
        RuleKind.NEXT_STEP,
        RuleKind.NO_STEP,
        RuleKind.PROTECTION,
        RuleKind.SIGNING,
        RuleKind.LANDING,
        RuleKind.CADENCE,
        RuleKind.STALLED,
        RuleKind.WAKING,
        RuleKind.AFTERCARE,
    }
)

# Their own day stays what it is, and so does what the ledger of promises says of them.
_WAITED_FOR = frozenset({RuleKind.PROMISE_OURS, RuleKind.TASK, RuleKind.MATTER})

_AGAIN = " later "


def awake(due: Due, lead: LeadClock, person: int, today: date) -> Due | None:
    """The reason as that person hears it on that day; None while they have set it aside."""
    until = until_of(due, lead, person)
    if until is None:
        return due
    if until > today:
        return None
    return replace(due, occurrence=f"{due.occurrence}{_AGAIN}{until}")


def until_of(due: Due, lead: LeadClock, person: int) -> date | None:
    """The day to which that person last set this cause aside."""
    days = [
        one.until
        for one in lead.snoozes
        if one.person_id == person and _cause(one.occurrence) == due.occurrence
    ]
    return days[-1] if days else None


def _cause(occurrence: str) -> str:
    """What was set aside before keeps the cause that it had at first."""
    return occurrence.split(_AGAIN, maxsplit=1)[0]


def heard(dues: Iterable[Due], lead: LeadClock, person: int | None, today: date) -> list[Due]:
    """The reasons that are left for that person, in the same order; None hears everything."""
    if person is None:
        return list(dues)
    return [due for one in dues if (due := awake(one, lead, person, today))]


def later(dues: Iterable[Due], lead: LeadClock, person: int) -> Later | None:
    """A lead on which that person has set everything aside, and the day the first comes back."""
    hidden = [(until_of(due, lead, person), due) for due in dues]
    days = [(until, due) for until, due in hidden if until]
    if not days:
        return None
    until, due = min(days, key=lambda one: one[0])
    return Later(lead, due, until)


def may_wait(item: AgendaItem, today: date) -> bool:
    """Whether 稍后 puts off what stands first, and leaves any day to choose."""
    return why_not(item, today) is None


def why_not(item: AgendaItem, today: date) -> Message | None:
    """Why what stands first must not be put off; None where it may be."""
    if item.first.kind not in _SET_ASIDE:
        return msg("对方或领导在等这件事，不能放到以后。请先办好或回复。")
    ends = item.lead.protected_until
    if ends and last_day(item, today) <= today:
        return msg("保护期 %(day)s 就满了，不能放到以后。请先联系。", day=ends)
    return None


def moves(due: Due) -> bool:
    """Whether another day is chosen instead: the day of a next step is its owner's own word."""
    return due.kind is RuleKind.NEXT_STEP and due.to in OWN


def to_move(item: AgendaItem) -> bool:
    """Whether the lead's next step is due, and so gets another day."""
    return any(moves(due) for due in item.dues)


def to_set_aside(item: AgendaItem) -> list[Due]:
    """The reasons that wait until the day that is chosen."""
    return [due for due in item.dues if due.kind in _SET_ASIDE and not moves(due)]


def last_day(item: AgendaItem, today: date) -> date:
    """The last day to which this may be put off: no protection runs out unseen.

    One that has run out already, and whose lead is still held, bounds nothing any more.
    """
    ends = [
        item.lead.protected_until - timedelta(days=1)
        for due in item.dues
        if due.kind is RuleKind.PROTECTION
        and item.lead.protected_until
        and item.lead.protected_until > today
    ]
    return min([today + _furthest(item), *ends])


def _furthest(item: AgendaItem) -> timedelta:
    waited_for = any(due.kind in _WAITED_FOR for due in item.dues)
    return SOON if waited_for else FURTHEST


def wrong_day(item: AgendaItem, until: date | None, today: date) -> Message | None:
    """What is wrong with the day that was chosen; None when it will do."""
    if until is None:
        return msg("请选哪一天再提醒。")
    if until <= today:
        return msg("请选明天或以后。")
    if until <= last_day(item, today):
        return None
    if _furthest(item) is SOON and until > today + SOON:
        return msg("有人在等这件事，最多放 %(n)s 天。要改它的日期，请在线索里改。", n=SOON.days)
    if until > today + FURTHEST:
        return msg("最多放 %(n)s 天。要停更久，请把线索设为暂缓。", n=FURTHEST.days)
    ends = item.lead.protected_until
    assert ends  # noqa: S101 (nothing else bounds it)
    return msg("保护期 %(day)s 就满了，请选在它之前的日期。", day=ends)
