"""Targets that nobody follows: said weekly to the lead of the team whose city they sit in.

A week is the cause: an entry that still nobody follows is said once in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm.access import present
from crm.messages import Message, Name, msg
from crm.reminders.facts import Due, Listed, tier_of
from crm.reminders.reasons import Rank
from crm.reminders.rulebook import Book, People, Rule, To
from crm.reminders.subjects import Found, Subject
from models import db
from models.company import Company
from models.enums import Role, RuleKind, Status
from models.lead import Lead
from models.place import Place
from models.target import ListEdition, ListEntry, TargetList
from models.team import Team

TOLD = frozenset({Role.TEAM_LEAD, Role.MANAGER})


@dataclass(frozen=True)
class Target:
    """A company of a list with no open lead: its entry on the list that counts most."""

    entry_id: int
    company: str
    company_id: str
    """The public one."""
    rewarded: bool
    listed: Listed
    others: tuple[str, ...] = ()
    """The codes of the other lists on which it stands."""
    team_id: int | None = None
    team: str = ""

    @property
    def standing(self) -> Message:
        """Where it stands on that list."""
        return standing(self.listed.name, self.listed.rank)


@dataclass(frozen=True)
class Uncovered(Found):
    """A reminder that nobody follows a target."""

    target: Target


def uncovered(today: date, book: Book) -> Iterator[Uncovered]:
    """Whom the rules remind of which target in the week of that day."""
    rules = book.of(RuleKind.UNCOVERED)
    if rules:
        for target in targets():
            for rule in rules:
                yield from reminders_of(target, rule, today, book)


def standing(of: Name, rank: int | None) -> Message:
    """Where something stands on the list of that name."""
    if rank is None:
        return msg("%(list)s企业", list=of)
    return msg("%(list)s第 %(rank)s 位", list=of, rank=rank)


def week_of(today: date) -> str:
    """The week of that day, as what is said in it has it for its cause."""
    year, week, _day = today.isocalendar()
    return f"week {year}-W{week:02d}"


def reminders_of(target: Target, rule: Rule, today: date, book: Book) -> Iterator[Uncovered]:
    """Whom one rule reminds of one target."""
    lists = (target.listed.code, *target.others)
    tier = tier_of(rewarded=target.rewarded, lists=(target.listed,))
    if not rule.conditions.admit(tier, lists, None, target.team):
        return
    monday = today - timedelta(days=today.weekday())
    week = week_of(today)
    told = {
        person: step.to
        for step in rule.steps
        if book.day_of(rule, monday, step) <= today
        for person in _people(step.to, target, book.people)
    }
    about = Subject(entry_id=target.entry_id, company=target.company)
    rank = target.listed.rank or 0
    for person, to in told.items():
        yield Uncovered(
            about,
            Due(
                rule=rule.code,
                kind=rule.kind,
                occurrence=week,
                since=monday,
                tone="ink",
                headline=msg("没有人跟"),
                reason=msg("%(standing)s，还没有线索，没有人跟。", standing=target.standing),
                sort_key=(Rank.REST, not target.rewarded, date.max, rank, rule.code),
                person_id=person,
                to=to,
                cause=week,
            ),
            target,
        )


def nobody_follows() -> sa.ColumnElement[bool]:
    """That a company on a list that is wanted has no open lead, of a query that joins both."""
    held = sa.select(Lead.id).where(
        Lead.company_id == Company.id, Lead.status != Status.LOST, present()
    )
    return sa.and_(TargetList.wanted, ~held.exists(), present(Company))


def targets() -> list[Target]:
    """Every target without an open lead, the rewarded and highest ranked first (one statement)."""
    found: dict[int, Target] = {}
    assigned: set[int] = set()
    lists: dict[int, list[str]] = {}
    for row in db.session.execute(_entries()):
        lists.setdefault(row.company_id, []).append(row.code)
        if row.company_id not in found:
            found[row.company_id] = Target(
                entry_id=row.id,
                company=row.short_name,
                company_id=row.public_id,
                rewarded=row.rewarded,
                listed=Listed(
                    row.code, Name(row.short_zh, row.short_en), Name(row.zh, row.en), row.rank
                ),
                team_id=row.team_id,
                team=row.team or "",
            )
        # Of a company that stands on several lists, the first that somebody assigned decides.
        if row.assigned and row.company_id not in assigned:
            assigned.add(row.company_id)
            target = found[row.company_id]
            found[row.company_id] = replace(target, team_id=row.team_id, team=row.team)
    return [_beside(target, lists[company]) for company, target in found.items()]


def _entries() -> sa.Select[*tuple[Any, ...]]:
    """The rows of lists that name such targets, once for each team that may have them."""
    return (
        sa.select(
            ListEntry.id,
            Company.id.label("company_id"),
            Company.short_name,
            Company.public_id,
            Company.rewarded,
            TargetList.code,
            TargetList.short_zh,
            TargetList.short_en,
            TargetList.zh,
            TargetList.en,
            ListEntry.rank,
            Team.id.label("team_id"),
            Team.code.label("team"),
            ListEntry.team_id.is_not(None).label("assigned"),
        )
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .join(Company, Company.id == ListEntry.company_id)
        .outerjoin(Place, Place.id == Company.place_id)
        .outerjoin(
            Team,
            sa.or_(
                Team.id == ListEntry.team_id,
                sa.and_(ListEntry.team_id.is_(None), Team.city == Place.city),
            ),
        )
        .where(nobody_follows())
        .order_by(
            TargetList.rewarded.desc(),
            TargetList.sort,
            ListEdition.year.desc(),
            ListEntry.rank.asc().nulls_last(),
            ListEntry.id,
            Team.id,
        )
    )


def _beside(target: Target, lists: list[str]) -> Target:
    others = tuple(sorted(set(lists) - {target.listed.code}))
    return replace(target, others=others) if others else target


def _people(to: To, target: Target, people: People) -> tuple[int, ...]:
    match to:
        case To.TEAM_LEAD:
            return people.leading(target.team_id)
        case To.TEAM_LEAD_ELSE_MANAGER:
            return people.leading_or_managing(target.team_id)
        case To.MANAGER:
            return people.managers
        case _:
            return ()
