"""What the reminder rules look at, and what they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from crm.leads.time_words import Clear
from crm.messages import Message, Name
from crm.reminders.rulebook import Tier, To
from models.enums import RuleKind, Stage, Status, TaskKind


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
    since: date | None = None
    """The day on which it was written down."""
    by_id: int | None = None

    def asked_of_others_by(self, person_id: int) -> bool:
        """Whether it is this person's directive to somebody else."""
        mine = self.kind is TaskKind.DIRECTIVE and self.by_id == person_id
        return mine and self.assignee_id != person_id


@dataclass(frozen=True)
class Mentioned:
    """A comment that names somebody who has not opened it yet."""

    comment_id: int
    person_id: int
    by: str
    on: date


@dataclass(frozen=True)
class Waiting:
    """An offer that waits for somebody else's decision."""

    id: int
    proposer_id: int
    by: str
    on: date
    public_id: str = ""


@dataclass(frozen=True)
class Decided:
    """An offer that was approved or sent back, which ``person_id`` has not answered yet."""

    id: int
    person_id: int
    by: str
    on: date
    public_id: str = ""
    approved: bool = False


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
class LastStep:
    """The next step that was closed last, and the day: since then there is none."""

    id: int
    on: date


@dataclass(frozen=True)
class Listed:
    """A list on which the company stands: its badge, and the rank in its latest edition there."""

    code: str
    badge: Name
    name: Name
    rank: int | None = None


@dataclass(frozen=True)
class LeadClock:
    """What the rules look at in one lead. ``stalls_on`` as ``crm.leads.clock`` says it.

    ``lists`` are those of the company, the rewarded ones first. ``tasks`` are open promises,
    directives, tasks and matters to be coordinated, ``mentions`` those that nobody has looked at.
    ``last_step`` is known while there is no next step. ``snoozes`` are in the order in which they
    were made.
    """

    lead_id: int
    owner_id: int
    company: str
    stage: Stage
    status: Status
    registered_on: date
    rewarded: bool = False
    lists: tuple[Listed, ...] = ()
    owner: str = ""
    team_id: int | None = None
    team: str = ""
    district_id: int | None = None
    park_id: int | None = None
    liaison_id: int | None = None
    days_in_stage: int = 0
    stalls_on: date | None = None
    last_touch: Touch | None = None
    next_step: OpenTask | None = None
    last_step: LastStep | None = None
    tasks: tuple[OpenTask, ...] = ()
    mentions: tuple[Mentioned, ...] = ()
    offer: Waiting | None = None
    decided: Decided | None = None
    snoozes: tuple[Snoozed, ...] = ()
    protected_until: date | None = None
    hold_until: date | None = None
    expected_signing_on: date | None = None
    expected_landing_on: date | None = None
    landed_on: date | None = None
    public_id: str = ""
    contact_id: int | None = None
    contact: str = ""
    contact_title: str = ""

    def without_wishes_of(self, person_id: int) -> LeadClock:
        """The same lead for somebody whose own directives to others stand elsewhere."""
        kept = tuple(one for one in self.tasks if not one.asked_of_others_by(person_id))
        return self if len(kept) == len(self.tasks) else replace(self, tasks=kept)

    @property
    def badges(self) -> tuple[Name, ...]:
        """The short names of its lists."""
        return tuple(one.badge for one in self.lists)

    @property
    def tier(self) -> Tier:
        """Where the lists put it."""
        return tier_of(rewarded=self.rewarded, lists=self.lists)


def tier_of(*, rewarded: bool, lists: Iterable[object]) -> Tier:
    """Where its lists put a company."""
    if rewarded:
        return Tier.REWARDED
    return Tier.LISTED if any(True for _ in lists) else Tier.UNLISTED


@dataclass(frozen=True)
class Cause:
    """Something that a rule counts days from, and what it says of it today.

    ``name`` and ``anchor`` stay the same until the cause changes. ``since`` is the day that it is
    about, where that is not the day of the step. ``person_id`` was asked, where somebody was;
    ``not_to`` hears nothing of it. Steps reached on ``answered_on`` or before have been heeded.
    """

    name: str
    anchor: date
    tone: str
    headline: Message
    reason: Message
    rank: int
    since: date | None = None
    person_id: int | None = None
    not_to: int | None = None
    answered_on: date | None = None
    clears: tuple[Clear, ...] = ()


SortKey = tuple[int, int, date, int, str]


@dataclass(frozen=True)
class Due:
    """One reason to act on a lead now, for one person.

    ``occurrence`` names the cause and the step that it reached, and stays the same until either
    changes; ``since`` is the day from which it is due (it may lie ahead for a date that is near);
    ``tone`` is red, amber or ink.
    """

    rule: str
    kind: RuleKind
    occurrence: str
    since: date
    tone: str
    headline: Message
    reason: Message
    """Why, and whose the lead is where that is somebody else."""
    sort_key: SortKey
    person_id: int
    to: To = To.OWNER
    plainly: Message | None = field(default=None, compare=False)
    """Why alone, for where whose it is stands above it."""
    cause: str = field(default="", compare=False)
    clears: tuple[Clear, ...] = ()
    """What makes it go."""


DECISIONS = frozenset({RuleKind.OFFER_APPROVED, RuleKind.OFFER_REFUSED})
TOLD = DECISIONS | {RuleKind.MENTION}
# What is done about an offer is done on its page: nobody has to be called.
ABOUT_OFFERS = DECISIONS | {RuleKind.OFFER}


@dataclass(frozen=True)
class AgendaItem:
    """One lead of the agenda: its most urgent reason, and what else is true."""

    lead: LeadClock
    first: Due
    also: tuple[Due, ...]

    @property
    def dues(self) -> tuple[Due, ...]:
        """Every reason, the most urgent first."""
        return (self.first, *self.also)

    @property
    def told(self) -> RuleKind | None:
        """What somebody was told, the most urgent: they may say that they have seen it."""
        return next((due.kind for due in self.dues if due.kind in TOLD), None)

    @property
    def decided(self) -> Decided | None:
        """The offer that was approved or sent back, where that stands first."""
        return self.lead.decided if self.first.kind in DECISIONS else None


@dataclass(frozen=True)
class Later:
    """A lead on which everything is set aside: what comes back first, when, and why it waits."""

    lead: LeadClock
    due: Due
    until: date
    why: str = ""
