"""The reminder rules as values: which leads they speak of, after how many days, to whom. Pure."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm.messages import Name
from crm.working_days import WorkingCalendar
from models.enums import RuleKind, Stage

_DAY = timedelta(days=1)


class To(enum.StrEnum):
    """Whom a step reminds."""

    ASKED = "asked"
    """Who was asked, of a task or a mention; the lead's owner where nobody is named."""
    OWNER = "owner"
    TEAM_LEAD = "team_lead"
    TEAM_LEAD_ELSE_MANAGER = "team_lead_else_manager"
    MANAGER = "manager"
    PARK_OFFICER = "park_officer"
    """The officers of the lead's park or district, once they hear of the lead."""
    LIAISON_LEADER = "liaison_leader"


OWN = frozenset({To.ASKED, To.OWNER})
"""Who works on the matter; the others hear of it because it went on for long."""


class Tier(enum.StrEnum):
    """Where the lists put a company: each has exactly one."""

    REWARDED = "rewarded"
    LISTED = "listed"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Step:
    """So many days after the rule's day (before it when negative), this person is reminded."""

    days: int
    to: To


@dataclass(frozen=True)
class Conditions:
    """Of which leads a rule speaks; an empty field asks nothing. Lists and teams by their code."""

    tiers: frozenset[Tier] = frozenset()
    lists: frozenset[str] = frozenset()
    except_lists: frozenset[str] = frozenset()
    stages: frozenset[Stage] = frozenset()
    teams: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether it speaks of all."""
        return self == _ALL

    def admit(self, tier: Tier, lists: Collection[str], stage: Stage | None, team: str) -> bool:
        """Whether a subject with these is spoken of."""
        return (
            (not self.tiers or tier in self.tiers)
            and (not self.lists or not self.lists.isdisjoint(lists))
            and self.except_lists.isdisjoint(lists)
            and (not self.stages or stage in self.stages)
            and (not self.teams or team in self.teams)
        )


_ALL = Conditions()


@dataclass(frozen=True)
class Rule:
    """A reminder rule; ``working`` days are China's, with shifted weekends.

    ``at_once``: what it says goes by a mail of its own, not with the day's.
    """

    code: str
    kind: RuleKind
    name: Name
    steps: tuple[Step, ...]
    conditions: Conditions = Conditions()
    working: bool = False
    at_once: bool = False


@dataclass(frozen=True)
class People:
    """Who holds which office: team leads by team, park officers by park and by district."""

    team_leads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    managers: tuple[int, ...] = ()
    parks: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    districts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def leading(self, team: int | None) -> tuple[int, ...]:
        """Who leads the team."""
        return self.team_leads.get(team, ()) if team is not None else ()

    def leading_or_managing(self, team: int | None) -> tuple[int, ...]:
        """Who leads the team; where nobody does, the managers."""
        return self.leading(team) or self.managers


@dataclass(frozen=True)
class Book:
    """The rules that speak, in their order, the calendar they count by, and who holds an office."""

    rules: tuple[Rule, ...]
    calendar: WorkingCalendar = field(default_factory=lambda: WorkingCalendar({}))
    people: People = People()
    _limits: dict[date, list[tuple[Rule, date]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _shifted: dict[tuple[date, int], date] = field(default_factory=dict, compare=False, repr=False)

    def limits(self, today: date) -> list[tuple[Rule, date]]:
        """Each rule with the latest day of it of which any step is reached today."""
        if today not in self._limits:
            self._limits[today] = [
                (rule, max(self.last_anchor(rule, step, today) for step in rule.steps))
                for rule in self.rules
            ]
        return self._limits[today]

    def of(self, kind: RuleKind) -> list[Rule]:
        """The rules of a kind."""
        return [rule for rule in self.rules if rule.kind is kind]

    def day_of(self, rule: Rule, anchor: date, step: Step) -> date:
        """The day on which a step is reached, counted from the rule's day."""
        if not step.days:
            return anchor
        if not rule.working:
            return anchor + timedelta(days=step.days)
        # Counted day by day, and asked again for every lead that begins there.
        key = (anchor, step.days)
        if key not in self._shifted:
            self._shifted[key] = shifted(anchor, step.days, self.calendar)
        return self._shifted[key]

    def last_anchor(self, rule: Rule, step: Step, today: date) -> date:
        """The latest day of a rule of which the step is reached today: what a query asks for."""
        if not rule.working:
            return today - timedelta(days=step.days)
        # Working days are fewer, so the day searched lies between this one and the plain count.
        anchor = today + timedelta(days=3 * max(0, -step.days) + 15)
        while shifted(anchor, step.days, self.calendar) > today:
            anchor -= _DAY
        return anchor


def shifted(day: date, days: int, calendar: WorkingCalendar | None = None) -> date:
    """So many days on, or back when negative; working days where a calendar is given."""
    if calendar is None:
        return day + timedelta(days=days)
    for _ in range(abs(days)):
        day += _DAY if days > 0 else -_DAY
        while not calendar.is_working_day(day):
            day += _DAY if days > 0 else -_DAY
    return day
