"""What the reminder rules look at and what they say; the delivered rules as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from crm.leads.time_words import Clear
from crm.messages import Message, Name
from models.enums import Stage, Status, TaskKind

_FILE = Path(__file__).parents[1] / "data" / "reminder_rules.json"


@dataclass(frozen=True)
class Rule:
    """A delivered reminder rule; ``days`` is how long before a date it speaks."""

    code: str
    name: Name
    enabled: bool
    days: int


@dataclass(frozen=True)
class OpenTask:
    """An open task of the lead."""

    id: int
    kind: TaskKind
    text: str
    due_on: date | None
    assignee_id: int | None = None
    theirs: bool = False
    """Whether it is the company that promised it."""


@dataclass(frozen=True)
class Mentioned:
    """A comment that names somebody who has not opened it yet."""

    comment_id: int
    person_id: int
    by: str
    on: date


@dataclass(frozen=True)
class Snoozed:
    """A cause that a person set aside until a day."""

    person_id: int
    occurrence: str
    until: date


@dataclass(frozen=True)
class Touch:
    """The last touch of the company: the visit's id and its day."""

    id: int
    on: date


@dataclass(frozen=True)
class LeadClock:
    """What the rules look at in one lead. ``stalls_on`` as ``crm.leads.clock`` says it.

    ``badges`` are the short names of the company's lists, the rewarded ones first; ``cadence_days``
    is the shortest cadence among them. ``tasks`` are open promises, directives, tasks and
    matters to be coordinated, ``mentions`` those that nobody has looked at. ``snoozes`` are in the
    order in which they were made.
    """

    lead_id: int
    owner_id: int
    company: str
    stage: Stage
    status: Status
    registered_on: date
    cadence_days: int
    rewarded: bool = False
    badges: tuple[Name, ...] = ()
    days_in_stage: int = 0
    stalls_on: date | None = None
    last_touch: Touch | None = None
    next_step: OpenTask | None = None
    tasks: tuple[OpenTask, ...] = ()
    mentions: tuple[Mentioned, ...] = ()
    snoozes: tuple[Snoozed, ...] = ()
    protected_until: date | None = None
    hold_until: date | None = None
    expected_signing_on: date | None = None
    expected_landing_on: date | None = None
    contact_id: int | None = None
    contact: str = ""
    contact_title: str = ""


SortKey = tuple[int, int, date, int, str]


@dataclass(frozen=True)
class Due:
    """One reason to act on a lead now.

    ``occurrence`` names the cause and stays the same until the cause changes; ``since`` is the day
    from which it is due (it may lie ahead for a date that is near); ``tone`` is red, amber or ink.
    """

    rule: str
    occurrence: str
    since: date
    tone: str
    headline: Message
    reason: Message
    sort_key: SortKey
    person_id: int | None = None
    """Who is asked, where it is not the lead's owner as such."""
    clears: tuple[Clear, ...] = ()
    """What makes it go."""


@dataclass(frozen=True)
class AgendaItem:
    """One lead of the agenda: its most urgent reason, and what else is true."""

    lead: LeadClock
    first: Due
    also: tuple[Due, ...]

    @property
    def mentions(self) -> bool:
        """Whether somebody was mentioned: they may say that they have seen it."""
        return any(due.rule == "mention" for due in (self.first, *self.also))


@dataclass(frozen=True)
class Later:
    """A lead on which everything is set aside: what comes back first, when, and why it waits."""

    lead: LeadClock
    due: Due
    until: date
    why: str = ""


@lru_cache(maxsize=1)
def delivered_rules() -> dict[str, Rule]:
    """The rules of ``crm/data/reminder_rules.json`` by code."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["rules"]
    return {
        row["code"]: Rule(
            row["code"], Name(row["zh"], row["en"]), row["enabled"], row.get("days", 0)
        )
        for row in rows
    }
