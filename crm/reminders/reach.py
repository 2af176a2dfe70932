"""Whom rules reach by which step, as plain rows: for a preview and for the days ahead.

One statement a set of rules, however many leads there are; no lead's content is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from crm.access import present
from crm.access.conditions import Condition
from crm.local_day import EPOCH, day_number
from crm.reminders.candidates import Look, Reason, reasons
from crm.reminders.rulebook import Book, Rule, Step
from crm.reminders.rules import Stands, recipients
from models import db
from models.lead import Lead


@dataclass(frozen=True)
class Reached:
    """A step that a rule reaches on a day, of one lead and for one person."""

    rule: Rule
    step: Step
    lead_id: int
    team_id: int
    person_id: int
    on: date
    anchor: date
    key: int | None = None
    """Of which task, comment or offer of the lead, where the rule speaks of such."""


def reached(
    rules: Iterable[Rule],
    today: date,
    book: Book,
    *,
    after: date | None = None,
    whose: Condition | None = None,
) -> Iterator[Reached]:
    """Every step that the rules reach on that day or before; ``after``: only on later days.

    Earlier steps of a cause are there beside the later ones.
    """
    whose = present() if whose is None else sa.and_(whose, present())
    look = Look(book, today, whose)
    numbered = [(rule, step) for rule in rules for step in rule.steps]
    parts = [
        _rows(one, number, rule, step, book, after)
        for number, (rule, step) in enumerate(numbered)
        for one in reasons(replace(rule, steps=(step,)), look)
    ]
    if not parts:
        return
    for row in db.session.execute(sa.union_all(*parts)):
        rule, step = numbered[row.number]
        anchor = EPOCH + timedelta(days=row.anchor) if row.by_number else row.day
        on = book.day_of(rule, anchor, step)
        if after is not None and on <= after:
            continue
        stands = Stands(
            row.owner_id, row.team_id, row.park_id, row.district_id, row.liaison_id, row.stage
        )
        for person in recipients(step.to, stands, row.person, row.not_to, book):
            yield Reached(rule, step, row.id, row.team_id, person, on, anchor, row.key)


def _rows(
    reason: Reason, number: int, rule: Rule, step: Step, book: Book, after: date | None
) -> sa.Select[*tuple[Any, ...]]:
    by_number = isinstance(reason.anchor.type, sa.Integer)
    nothing, no_day = sa.cast(sa.null(), sa.Integer), sa.cast(sa.null(), sa.Date)
    found: sa.Select[*tuple[Any, ...]] = reason.found.with_only_columns(
        Lead.id,
        Lead.owner_id,
        Lead.team_id,
        Lead.park_id,
        Lead.district_id,
        Lead.liaison_id,
        Lead.stage,
        sa.literal(number).label("number"),
        sa.literal(int(by_number)).label("by_number"),
        (reason.anchor if by_number else nothing).label("anchor"),
        (no_day if by_number else reason.anchor).label("day"),
        (nothing if reason.person is None else reason.person).label("person"),
        (nothing if reason.not_to is None else reason.not_to).label("not_to"),
        (nothing if reason.key is None else reason.key).label("key"),
    )
    if after is None:
        return found
    last = book.last_anchor(rule, step, after)
    return found.where(reason.anchor > (day_number(last) if by_number else last))
