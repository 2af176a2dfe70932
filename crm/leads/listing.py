"""The list of leads: any filter, any order, a page at a time by key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import ExecutableOption

from crm import paging
from crm.access import Actor, visible_leads
from crm.amounts import LARGEST_CNY
from crm.leads.cards import LeadCard, card_options, cards
from crm.leads.columns import LeadColumn
from crm.leads.counting import MANY, all_conditions, first_words, own_conditions, parts
from crm.leads.filters import LeadFilter
from models import db
from models.columns import UTCDateTime
from models.lead import Lead
from models.sets import one_of_chunk

PAGE = 50
# Nothing stands in a stage for more days.
CENTURY = 36_525
FAR = date(9999, 12, 31)  # what has no date stands behind everything that has one


class day_number(sa.sql.functions.GenericFunction[int]):  # noqa: N801 (an SQL function)
    """Days since 1970-01-01 of a date, on both engines."""

    type = sa.Integer()
    inherit_cache = True


@compiles(day_number, "sqlite")
def _day_number_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **options)}) - 2440587.5 AS INTEGER)"


@compiles(day_number, "postgresql")
def _day_number_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} - DATE '1970-01-01')"


def _days_in_stage(today: date) -> sa.ColumnElement[int]:
    """The clock of ``crm.leads.clock`` as SQL."""
    now = (today - date(1970, 1, 1)).days
    standing = sa.func.coalesce(now - day_number(Lead.held_since), 0)
    return now - day_number(Lead.stage_since) - Lead.held_days - standing


def _orders(today: date) -> dict[str, tuple[Any, bool, Callable[[Any], Any]]]:
    return {
        "updated": (Lead.updated_at.expression, True, paging.moment),
        "days": (_days_in_stage(today), True, paging.whole(-CENTURY, CENTURY)),
        "investment": (
            sa.func.coalesce(Lead.planned_investment_cny, -1),
            True,
            paging.whole(-1, LARGEST_CNY),
        ),
        "next_step": (_dated(Lead.next_step_on), False, paging.day),
        "landing": (_dated(Lead.expected_landing_on), False, paging.day),
        "touch": (sa.func.coalesce(Lead.last_touch_at, _NEVER), False, paging.moment),
    }


# Who was never touched has waited longest.
_NEVER = sa.literal(datetime(1970, 1, 1, tzinfo=UTC), UTCDateTime())


# Whose clock a hold has stopped; of all others the longest are those that came first.
_WAS_HELD = sa.or_(
    Lead.held_days > sa.literal(0, literal_execute=True), Lead.held_since.is_not(None)
)
_SOON = ("updated", "days")
SORTS = ("updated", "days", "investment", "next_step", "landing", "touch")


def sort_of(asked: str) -> str:
    """One of ``SORTS``: what was asked for, or the first."""
    return asked if asked in SORTS else SORTS[0]


def _dated(column: Any) -> sa.ColumnElement[date]:
    return sa.func.coalesce(column, sa.literal(FAR, sa.Date()))


def _cards(leads: Sequence[Lead], columns: Sequence[LeadColumn], today: date) -> list[LeadCard]:
    return cards(
        leads,
        today,
        badges=any(column.badges for column in columns),
        steps=any(column.steps for column in columns),
    )


def _loads(columns: Sequence[LeadColumn]) -> list[ExecutableOption]:
    """What these columns show of a lead, loaded with it, and nothing else."""
    return [*card_options(), *(load for column in columns for load in column.loads)]


def every_lead(
    actor: Actor,
    wanted: LeadFilter | Sequence[str],
    sort: str,
    columns: Sequence[LeadColumn],
    today: date,
) -> Iterator[LeadCard]:
    """The whole list in the same order, some hundred leads held at a time.

    Of leads that somebody chose (``wanted`` are public ids) those that they may read.
    """
    which = (
        all_conditions(actor, wanted, today)
        if isinstance(wanted, LeadFilter)
        else [visible_leads(actor), one_of_chunk(Lead.public_id, wanted)]
    )
    column, descending, _kind = _orders(today)[sort]
    keys = (paging.Key(column, descending), paging.Key(Lead.id.expression, descending))
    found = sa.select(Lead.id).where(*which)
    for part in paging.chunks(found.order_by(*paging.order_by(keys))):
        places = {row[0]: number for number, row in enumerate(part)}
        leads = db.session.scalars(
            sa.select(Lead).where(Lead.id.in_(places)).options(*_loads(columns))
        )
        yield from _cards(sorted(leads, key=lambda lead: places[lead.id]), columns, today)


def leads_page(
    actor: Actor,
    wanted: LeadFilter,
    sort: str,
    cursor: str | None,
    columns: Sequence[LeadColumn],
    today: date,
    *,
    n: int = 0,
) -> paging.Page[LeadCard]:
    """A page of the list in one of ``SORTS``; an unknown cursor starts from the top
    and says so.

    ``n``: how many leads there are on all pages, where that is known.
    """
    column, descending, kind = _orders(today)[sort]
    keys = (paging.Key(column, descending), paging.Key(Lead.id.expression, descending))
    behind = paging.decode(cursor, (kind, paging.row_key))
    lost = paging.lost(cursor, behind)
    rest = [paging.after(keys, behind)] if behind else []
    # In the order of an index very many are found soon.
    soon = n > MANY and sort in _SOON
    among = first_words(actor, wanted)
    # Found first and loaded then: what has to be sorted are numbers, not whole rows. Each part of
    # what somebody may see is read in order by its own index.
    arms: list[sa.Select[Any]] = []
    for by_row, part in zip(chain([soon], repeat(True)), parts(actor, wanted), strict=False):
        asked = [*own_conditions(wanted, today, by_row=by_row, among=among), *rest]
        query = sa.select(Lead.id, column.label("at")).limit(PAGE + 1)
        if not (soon and not arms and sort == "days"):
            arms.append(query.where(part, *asked).order_by(*paging.order_by(keys)))
            continue
        # No index may be offered but the one in whose order they are read.
        whose = sa.func.coalesce(part, sa.false())
        since = [Lead.stage_since >= today - timedelta(days=behind[0])] if behind else []
        straight = query.where(whose, *asked, *since, ~_WAS_HELD)
        arms += [
            straight.order_by(Lead.stage_since, Lead.id.desc()),
            query.where(whose, *asked, _WAS_HELD).order_by(*paging.order_by(keys)),
        ]
    found = sa.union_all(*(sa.select(arm.subquery()) for arm in arms)).subquery()
    rows = db.session.execute(
        sa.select(Lead, found.c.at)
        .join(found, found.c.id == Lead.id)
        .options(*_loads(columns))
        .order_by(*paging.order_by(keys))
        .limit(PAGE + 1)
    ).all()
    shown = rows[:PAGE]
    after = paging.encode((shown[-1][1], shown[-1][0].id)) if len(rows) > PAGE else None
    return paging.Page(_cards([row[0] for row in shown], columns, today), after, lost)
