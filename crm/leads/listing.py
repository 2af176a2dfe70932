"""The list of leads: any filter, any order, a page at a time by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import ExecutableOption

from crm import paging
from crm.access import Actor, visible_leads
from crm.leads.cards import LeadCard, card_options, cards
from crm.leads.columns import LeadColumn
from crm.leads.counting import MANY, all_conditions, first_words, own_conditions, parts
from crm.leads.filters import LeadFilter
from crm.leads.orders import order_of
from models import db
from models.lead import Lead
from models.sets import one_of_chunk

PAGE = 50

# Whose clock a hold has stopped; of all others the longest are those that came first.
_WAS_HELD = sa.or_(
    Lead.held_days > sa.literal(0, literal_execute=True), Lead.held_since.is_not(None)
)
_SOON = ("updated", "days", "company")
# Of these SQLite finds the index only where it is offered no other.
_BY_THAT = ("days", "company")


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
    order = order_of(sort, today)
    found = order.among(sa.select(Lead.id)).where(*which)
    for part in paging.chunks(found.order_by(*paging.order_by(order.keys))):
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
    order = order_of(sort, today)
    behind = order.behind(cursor)
    lost = paging.lost(cursor, behind)
    rest = [paging.after(order.keys, behind)] if behind else []
    # In the order of an index very many are found soon.
    soon = n > MANY and sort in _SOON
    among = first_words(actor, wanted)
    # Found first and loaded then: what has to be sorted are numbers, not whole rows. Each part of
    # what somebody may see is read in order by its own index.
    arms: list[sa.Select[Any]] = []
    for by_row, part in zip(chain([soon], repeat(True)), parts(actor, wanted), strict=False):
        asked = [*own_conditions(wanted, today, by_row=by_row, among=among), *rest]
        at = [column.label(f"at_{place}") for place, column in enumerate(order.columns)]
        first = soon and not arms
        query = order.among(sa.select(*at, Lead.id), soon=first).limit(PAGE + 1)
        in_order = query.order_by(*paging.order_by(order.keys))
        # No index may be offered but the one in whose order they are read.
        whose = sa.func.coalesce(part, sa.false())
        if not (first and sort in _BY_THAT):
            arms.append(in_order.where(part, *asked))
        elif order.by_name:
            begun = [order.columns[0] >= behind[0]] if behind else []
            arms.append(in_order.where(whose, *asked, *begun))
        else:
            since = [Lead.stage_since >= today - timedelta(days=behind[0])] if behind else []
            straight = query.where(whose, *asked, *since, ~_WAS_HELD)
            arms += [
                straight.order_by(Lead.stage_since, Lead.id.desc()),
                in_order.where(whose, *asked, _WAS_HELD),
            ]
    found = sa.union_all(*(sa.select(arm.subquery()) for arm in arms)).subquery()
    keys = [paging.Key(column, order.descending) for column in found.c]
    rows = db.session.execute(
        sa.select(Lead, *found.c)
        .join(found, found.c.id == Lead.id)
        .options(*_loads(columns))
        .order_by(*paging.order_by(keys))
        .limit(PAGE + 1)
    ).all()
    shown = rows[:PAGE]
    after = order.cursor(shown[-1][1:]) if len(rows) > PAGE else None
    return paging.Page(_cards([row[0] for row in shown], columns, today), after, lost)
