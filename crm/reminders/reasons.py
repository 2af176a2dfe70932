"""How a reason to act on a lead is made, and where it stands in Today's order. Pure."""

from __future__ import annotations

from datetime import date

from crm.leads.time_words import Clear, TimeWord
from crm.messages import Message, msg, nmsg
from crm.reminders.facts import Due, LeadClock

# Today's order. Rules of one rank stand by how long they are due.
_RANKS = {
    "promise_broken": 0,
    "directive_due": 1,
    "next_step_overdue": 2,
    "next_step_due": 3,
    "promise_due": 3,
    "task_due": 4,
    "matter_due": 4,
    "promise_awaited": 4,
    "mention": 5,
    "protection": 6,
    "signing": 7,
    "landing": 7,
}
_REWARDED_CADENCE = 8
_REST = 9


def a_due(
    lead: LeadClock,
    today: date,
    rule: str,
    *,
    cause: str,
    since: date,
    tone: str,
    headline: Message,
    reason: Message,
    person_id: int | None = None,
    clears: tuple[Clear, ...] = (),
) -> Due:
    """One reason, with its place in the order: by rank, then how long due, then the landing."""
    rank = _RANKS.get(rule, _REST)
    if rule == "cadence" and lead.rewarded:
        rank = _REWARDED_CADENCE
    landing = lead.expected_landing_on or date.max
    key = (rank, (since - today).days, landing, lead.lead_id, rule)
    return Due(rule, cause, since, tone, headline, reason, key, person_id, clears)


def late_by(days: int) -> Message:
    """How late, in days."""
    return nmsg("已逾期 %(n)s 天", days)


def days_ahead(days: int) -> Message:
    """How far ahead, in days."""
    return nmsg("还有 %(n)s 天", days) if days else msg("就在今天")


def reason_of(word: TimeWord) -> Message:
    """A clock's reason; one that has a rule always has one."""
    assert word.why  # noqa: S101
    return word.why
