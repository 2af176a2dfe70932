"""What a rule would do today, and what would be different: before anybody saves it.

Whose rule it is to edit sees no lead's content: companies, teams and stages are everybody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from crm.leads.stages import stage_name
from crm.messages import Name
from crm.reminders.reach import reached
from crm.reminders.rulebook import Book, Rule
from crm.reminders.uncovered import reminders_of, targets
from models import db
from models.company import Company
from models.enums import Role, RuleKind
from models.lead import Lead
from models.sets import one_of
from models.target import ListEntry
from models.team import Team
from models.user import User

PEOPLE_SHOWN = 12
EXAMPLES = 10

Pair = tuple[str, int]
"""A subject, as a reminder's key names it, and a person."""


@dataclass(frozen=True)
class PersonCount:
    """Whom a rule reminds, of how much now and then."""

    name: str
    role: Role
    now: int
    then: int


@dataclass(frozen=True)
class Example:
    """Something of which somebody would be reminded who is not now, or no more."""

    company: str
    team: Name | None
    stage: Name | None
    added: bool


@dataclass(frozen=True)
class Preview:
    """Reminders that would be due today: now, then, new ones, and those that would go.

    ``again``: the same person hears of the same once more, because the days are others.
    """

    now: int
    then: int
    added: int
    gone: int
    again: int
    people: list[PersonCount]
    more_people: int
    examples: list[Example]


def pairs_of(rule: Rule, today: date, book: Book) -> dict[Pair, int]:
    """Whom the rule reminds today of what, and after how many days (one statement)."""
    if rule.kind is RuleKind.UNCOVERED:
        found = (one for target in targets() for one in reminders_of(target, rule, today, book))
        return {(one.key.subject, one.key.person_id): 0 for one in found}
    last: dict[Pair, int] = {}
    for one in reached([rule], today, book):
        pair = (f"lead {one.lead_id}", one.person_id)
        last[pair] = max(one.step.days, last.get(pair, one.step.days))
    return last


def preview(now: Rule | None, then: Rule | None, today: date, book: Book) -> Preview:
    """What changes when a rule becomes another; None: it is off."""
    before = pairs_of(now, today, book) if now else {}
    after = pairs_of(then, today, book) if then else {}
    added = after.keys() - before.keys()
    gone = before.keys() - after.keys()
    again = sum(before[pair] != after[pair] for pair in after.keys() & before.keys())
    people = _people(before, after)
    return Preview(
        now=len(before),
        then=len(after),
        added=len(added),
        gone=len(gone),
        again=again,
        people=people[:PEOPLE_SHOWN],
        more_people=max(0, len(people) - PEOPLE_SHOWN),
        examples=_examples(sorted(added), sorted(gone)),
    )


def _people(before: Mapping[Pair, int], after: Mapping[Pair, int]) -> list[PersonCount]:
    now = Counter(person for _subject, person in before)
    then = Counter(person for _subject, person in after)
    keys = now.keys() | then.keys()
    if not keys:
        return []
    rows = db.session.execute(sa.select(User.id, User.name, User.role).where(one_of(User.id, keys)))
    found = [PersonCount(row.name, row.role, now[row.id], then[row.id]) for row in rows]
    return sorted(found, key=lambda one: (-abs(one.then - one.now), -one.then, one.name))


def _examples(added: list[Pair], gone: list[Pair]) -> list[Example]:
    more, fewer = (list(dict.fromkeys(one for one, _person in pairs)) for pairs in (added, gone))
    # Some of both, whichever are many.
    room = EXAMPLES - min(len(fewer), EXAMPLES // 2)
    shown = dict.fromkeys(more[:room], True)
    shown |= dict.fromkeys(fewer[: EXAMPLES - len(shown)], False)
    leads = {int(name.split()[1]): add for name, add in shown.items() if name.startswith("lead")}
    entries = {int(name.split()[1]): add for name, add in shown.items() if name.startswith("entry")}
    found: list[Example] = []
    if leads:
        rows = db.session.execute(
            sa.select(Lead.id, Company.short_name, Team.short_zh, Team.short_en, Lead.stage)
            .join(Company, Company.id == Lead.company_id)
            .join(Team, Team.id == Lead.team_id)
            .where(Lead.id.in_(leads))
            .order_by(Company.short_name, Lead.id)
        )
        found += [
            Example(company, Name(zh, en), stage_name(stage), leads[key])
            for key, company, zh, en, stage in rows
        ]
    if entries:
        names = db.session.execute(
            sa.select(ListEntry.id, Company.short_name)
            .join(Company, Company.id == ListEntry.company_id)
            .where(ListEntry.id.in_(entries))
        )
        found += [Example(company, None, None, entries[key]) for key, company in names]
    return found
