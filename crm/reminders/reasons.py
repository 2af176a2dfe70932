"""Where a reason to act on a lead stands in Today's order, and how its days are said. Pure."""

from __future__ import annotations

from enum import IntEnum

from crm.leads.time_words import TimeWord
from crm.messages import Message, msg, nmsg


class Rank(IntEnum):
    """Today's order. Reasons of one rank stand by how long they are due."""

    PROMISE_BROKEN = 0
    DIRECTIVE = 1
    STEP_OVERDUE = 2
    STEP_DUE = 3
    MATTER = 4
    ASKED = 5
    PROTECTION = 6
    NEAR = 7
    REWARDED_CADENCE = 8
    REST = 9
    AHEAD = 10
    """Said in good time: nothing has to be done today."""


def late_by(days: int) -> Message:
    """How late, in days."""
    return nmsg("已逾期 %(n)s 天", days)


def days_ahead(days: int) -> Message:
    """How far ahead, in days."""
    return nmsg("还有 %(n)s 天", days) if days else msg("就在今天")


def late_or_ahead(days: int) -> Message:
    """The same of a day that may have passed: days left, below 0 when it has."""
    return late_by(-days) if days < 0 else days_ahead(days)


def reason_of(word: TimeWord) -> Message:
    """A clock's reason; one that has a rule always has one."""
    assert word.why  # noqa: S101
    return word.why
