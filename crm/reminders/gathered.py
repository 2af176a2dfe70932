"""Targets that nobody follows, said in dozens: what one rule said of them on one day is one row.

A row stands where the last of its reminders does. Each stays a record of its own, which the row's
page shows; whoever opens the row has seen them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm import clock
from crm.access import Actor
from crm.errors import NotFound
from crm.local_day import day_number, local_day
from crm.messages import Message, Name
from crm.paging import Key, Page, after, decode, encode, lost, order_by, row_key
from crm.reminders.store import STANDS
from crm.reminders.uncovered import nobody_follows, standing, week_of
from models import db
from models.company import Company
from models.reminder import Reminder
from models.target import ListEdition, ListEntry, TargetList

_AS_FOUND = (Key(Reminder.__table__.c.id),)


def told(actor: Actor) -> sa.ColumnElement[bool]:
    """What this person was told, also in place of a colleague on leave."""
    return sa.or_(Reminder.person_id == actor.id, Reminder.deputy_id == actor.id)


def heads(actor: Actor) -> sa.Subquery:
    """The last reminder of each row (``last``), how many it is of, and how many are unread."""
    is_new = sa.case(
        (Reminder.deputy_id == actor.id, Reminder.deputy_read_at.is_(None)),
        else_=Reminder.read_at.is_(None),
    )
    return (
        sa.select(
            sa.func.max(Reminder.id).label("last"),
            sa.func.count().label("together"),
            sa.func.count(sa.case((is_new, 1))).label("unread"),
        )
        .where(_of_targets(actor))
        .group_by(Reminder.person_id, Reminder.rule, local_day(Reminder.planned_at))
        .subquery()
    )


def row_of(number: int, actor: Actor) -> tuple[Reminder, list[sa.ColumnElement[bool]]]:
    """The reminder of that number, and which are in one row with it. Raises NotFound."""
    one = db.session.scalar(
        sa.select(Reminder)
        .where(Reminder.id == number, _of_targets(actor))
        .options(joinedload(Reminder.person))
    )
    if one is None:
        raise NotFound
    day = day_number(clock.local_date(one.planned_at))
    same_day = local_day(Reminder.planned_at) == day
    same = [_of_targets(actor), Reminder.person_id == one.person_id, Reminder.rule == one.rule]
    return one, [*same, same_day]


def targets_page(
    which: Sequence[sa.ColumnElement[bool]], cursor: str | None, limit: int
) -> tuple[Page[Reminder], int]:
    """The reminders of one row, the first found first, and how many they are."""
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Reminder).where(*which))
    start = decode(cursor, [row_key])
    query = sa.select(Reminder).where(*which)
    if start is not None:
        query = query.where(after(_AS_FOUND, start))
    rows = db.session.scalars(
        query.options(joinedload(Reminder.entry).joinedload(ListEntry.company))
        .order_by(*order_by(_AS_FOUND))
        .limit(limit + 1)
    ).all()
    more = encode([rows[limit - 1].id]) if len(rows) > limit else None
    return Page(rows[:limit], more, lost(cursor, start)), total or 0


@dataclass(frozen=True)
class TargetTold:
    """A company of which somebody was told, and where it stands on its list."""

    company: Company
    standing: Message


@dataclass(frozen=True)
class ThisWeek:
    """The targets of which somebody was told this week and that still nobody follows."""

    page: Page[TargetTold]
    total: int


def told_this_week(actor: Actor, today: date, cursor: str | None, limit: int) -> ThisWeek:
    """Each of these companies once, the rewarded and highest ranked first (one statement)."""
    each = (
        sa.select(sa.func.min(Reminder.id).label("id"))
        .select_from(Reminder)
        .join(ListEntry, ListEntry.id == Reminder.entry_id)
        .join(Company, Company.id == ListEntry.company_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(_of_targets(actor), Reminder.occurrence == week_of(today), nobody_follows())
        .group_by(Company.id)
        .cte()
    )
    total = sa.select(sa.func.count()).select_from(each).scalar_subquery()
    query = (
        sa.select(Reminder.id, Company, TargetList, ListEntry.rank, total.label("total"))
        .select_from(each)
        .join(Reminder, Reminder.id == each.c.id)
        .join(ListEntry, ListEntry.id == Reminder.entry_id)
        .join(Company, Company.id == ListEntry.company_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
    )
    start = decode(cursor, [row_key])
    if start is not None:
        query = query.where(after(_AS_FOUND, start))
    # The planner finds them in the order of their lists.
    rows = db.session.execute(query.order_by(*order_by(_AS_FOUND)).limit(limit + 1)).all()
    shown = [
        TargetTold(
            row.Company,
            standing(Name(row.TargetList.zh, row.TargetList.en), row.rank),
        )
        for row in rows[:limit]
    ]
    more = encode([rows[limit - 1].id]) if len(rows) > limit else None
    return ThisWeek(Page(shown, more, lost(cursor, start)), rows[0].total if rows else 0)


def _of_targets(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(told(actor), Reminder.entry_id.is_not(None), Reminder.state.in_(STANDS))
