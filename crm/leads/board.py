"""The board: its columns' counts, and their cards a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm import paging
from crm.access import Actor, Scope
from crm.leads.cards import LeadCard, board_options, cards
from crm.leads.counting import MANY, all_conditions, own_conditions, summed
from crm.leads.filters import Condition, LeadFilter, base_condition, is_overdue, is_stalled
from crm.leads.found import words_among
from crm.leads.lanes import COLUMNS, Group, Lane, lanes, value_of
from models import db
from models.lead import Lead, LeadTotal

PAGE = 25
_KEYS = (
    paging.Key(Lead.updated_at.expression, descending=True),
    paging.Key(Lead.id.expression, descending=True),
)


@dataclass(frozen=True)
class Heading:
    """What stands above a column; the sum is planned investment in CNY."""

    n: int = 0
    investment_cny: int = 0
    stalled: int = 0

    def __sub__(self, other: Heading) -> Heading:
        """What stands above the rest."""
        return Heading(
            self.n - other.n,
            self.investment_cny - other.investment_cny,
            self.stalled - other.stalled,
        )


@dataclass(frozen=True)
class Column:
    """A lane's heading and its first cards; ``next`` is the cursor of what follows."""

    lane: Lane
    heading: Heading
    cards: Sequence[LeadCard]
    next: str | None

    @property
    def more(self) -> int:
        """How many cards are not shown yet."""
        return max(0, self.heading.n - len(self.cards))


@dataclass(frozen=True)
class Board:
    """The columns, and how many of their leads are late, for the filters above them."""

    columns: Sequence[Column]
    overdue: int
    on_hold: int | None = None
    """How many more of the same rest, which stand on a board of their own; None: not known."""

    @property
    def n(self) -> int:
        """How many leads stand on it."""
        return sum(column.heading.n for column in self.columns)

    @property
    def investment_cny(self) -> int:
        """Their planned investment together."""
        return sum(column.heading.investment_cny for column in self.columns)

    @property
    def stalled(self) -> int:
        """How many of them are stalled."""
        return sum(column.heading.stalled for column in self.columns)


def board(actor: Actor, wanted: LeadFilter, today: date, group: Group = Group.STAGE) -> Board:
    """All columns with their first cards (eight statements at most)."""
    columns = lanes(group)
    heads, overdue = headings(actor, wanted, today, group)
    filled = [lane for lane in columns if heads.get(lane.value, Heading()).n]
    found = _first_leads(actor, wanted, today, filled, sum(heads[lane.value].n for lane in filled))
    shown = [lead for lane in columns for lead in found.get(lane.value, [])[:PAGE]]
    by_id = {card.lead.id: card for card in cards(shown, today)}
    return Board(
        [
            Column(
                lane=lane,
                heading=heads.get(lane.value, Heading()),
                cards=[by_id[lead.id] for lead in found.get(lane.value, [])[:PAGE]],
                next=_cursor(found.get(lane.value, [])),
            )
            for lane in columns
        ],
        overdue,
        _resting(actor, wanted),
    )


def _resting(actor: Actor, wanted: LeadFilter) -> int | None:
    """What the summary knows costs next to nothing, and only that is told."""
    if wanted.narrow or wanted.status != "active":
        return None
    found = summed(actor, replace(wanted, status="on_hold"))
    return None if found is None else sum(count.n for count in found.values())


def more_cards(
    actor: Actor, wanted: LeadFilter, lane: Lane, cursor: str | None, today: date
) -> paging.Page[LeadCard]:
    """The next cards of one column."""
    query = _arm(actor, wanted.scope, _own(actor, wanted, today), lane)
    if behind := paging.decode(cursor, (paging.moment, paging.row_key)):
        query = query.where(paging.after(_KEYS, behind))
    arm = query.subquery()
    leads = _load(sa.select(arm.c.id))
    return paging.Page(cards(leads[:PAGE], today), _cursor(leads))


def headings(
    actor: Actor, wanted: LeadFilter, today: date, group: Group = Group.STAGE
) -> tuple[dict[Any, Heading], int]:
    """What stands above each lane, by its value, and how many leads are overdue in all.

    Counts and sums come from the summary where it knows them, else they are counted.
    """
    known = _SUMMED.get(group)
    if known is not None and wanted.left_out:
        whole, few = (headings(actor, one, today, group) for one in wanted.left_out)
        heads = {lane: head - few[0].get(lane, Heading()) for lane, head in whole[0].items()}
        return heads, whole[1] - few[1]
    base = all_conditions(actor, wanted, today)
    summary = None if wanted.narrow or known is None else summed(actor, wanted, known)
    column = COLUMNS[group]
    few = _in_no_order(column)
    if summary is None:
        return _counted(base, few if wanted.dated or wanted.amount else column, today)
    heads = {lane: Heading(c.n, c.planned_cny) for lane, c in summary.items()}
    # Each by its own index.
    each = sa.select(sa.literal(False), few, sa.func.count()).where(*base)
    every = sa.select(sa.literal(True), sa.null(), sa.func.count()).select_from(Lead).where(*base)
    late: list[sa.Select[*tuple[Any, ...]]] = [
        each.where(is_stalled(today)).group_by(few),
        every.where(is_overdue(today)),
    ]
    overdue = 0
    for in_all, lane, n in db.session.execute(sa.union_all(*late)):
        if in_all:
            overdue = n
        else:
            heads[lane] = replace(heads.get(lane, Heading()), stalled=n)
    return heads, overdue


def _in_no_order(column: Any) -> Any:
    """The column, for what groups few leads: SQLite would rather read all leads in the order of an
    index than put those few in order."""
    return sa.func.coalesce(column, column)


# The summary knows no districts.
_SUMMED: dict[Group, Any] = {Group.STAGE: LeadTotal.stage, Group.TEAM: LeadTotal.team_id}


def _counted(conditions: list[Any], column: Any, today: date) -> tuple[dict[Any, Heading], int]:
    rows = db.session.execute(
        sa.select(
            column,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Lead.planned_investment_cny), 0),
            sa.func.sum(sa.case((is_stalled(today), 1), else_=0)),
            sa.func.sum(sa.case((is_overdue(today), 1), else_=0)),
        )
        .where(*conditions)
        .group_by(column)
    ).all()
    heads = {row[0]: Heading(row[1], int(row[2] or 0), int(row[3])) for row in rows}
    return heads, sum(int(row[4]) for row in rows)


def _first_leads(
    actor: Actor, wanted: LeadFilter, today: date, columns: Sequence[Lane], n: int
) -> dict[Any, list[Lead]]:
    """The first page of every column in one statement, of ``n`` leads in all."""
    if not columns:
        return {}
    group = columns[0].group
    few = wanted.narrow and n <= MANY
    keys = _numbered(actor, wanted, today, group) if few else _arms(actor, wanted, today, columns)
    found: dict[Any, list[Lead]] = {}
    for lead in _load(keys):
        found.setdefault(value_of(lead, group), []).append(lead)
    return found


def _arms(
    actor: Actor, wanted: LeadFilter, today: date, columns: Sequence[Lane]
) -> sa.CompoundSelect[tuple[int]]:
    """Very many leads, read in order until each column has its page."""
    own = _own(actor, wanted, today, by_row=True)
    arms = (_arm(actor, wanted.scope, own, lane).subquery() for lane in columns)
    return sa.union_all(*(sa.select(arm.c.id) for arm in arms))


def _numbered(actor: Actor, wanted: LeadFilter, today: date, group: Group) -> sa.Select[int]:
    """Few leads among very many, found once for all columns, as for what stands above them."""
    lane = _in_no_order(COLUMNS[group])
    place = sa.func.row_number().over(partition_by=lane, order_by=paging.order_by(_KEYS))
    each = sa.select(Lead.id.label("id"), place.label("place"))
    found = each.where(*all_conditions(actor, wanted, today)).subquery()
    return sa.select(found.c.id).where(found.c.place <= PAGE + 1)


def _own(actor: Actor, wanted: LeadFilter, today: date, *, by_row: bool = False) -> list[Condition]:
    """What is asked for, scope and lane apart; a single status keeps the index a plain range."""
    among = words_among(actor, wanted.scope) if wanted.scope else None
    return own_conditions(wanted, today, by_row=by_row, among=among)


def _arm(actor: Actor, scope: Scope | None, own: Sequence[Condition], lane: Lane) -> sa.Select[int]:
    """One more than a page of one lane."""
    return (
        sa.select(Lead.id)
        .where(base_condition(actor, scope), lane.condition, *own)
        .order_by(*paging.order_by(_KEYS))
        .limit(PAGE + 1)
    )


def _load(keys: sa.SelectBase) -> list[Lead]:
    query = (
        sa.select(Lead)
        .where(Lead.id.in_(keys))
        .options(*board_options())
        .order_by(*paging.order_by(_KEYS))
    )
    return list(db.session.scalars(query))


def _cursor(leads: Sequence[Lead]) -> str | None:
    if len(leads) <= PAGE:
        return None
    last = leads[PAGE - 1]
    return paging.encode((last.updated_at, last.id))
