"""What the list of leads is sorted by: columns, and how a cursor holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from crm import paging
from crm.amounts import LARGEST_CNY
from crm.local_day import day_number, plain_day
from crm.pinyin import by_sound
from models import db
from models.columns import UTCDateTime
from models.company import CompanyToken, TokenScope
from models.enums import Stage
from models.lead import Lead
from models.user import User

# Nothing stands in a stage for more days.
CENTURY = 36_525
FAR = date(9999, 12, 31)  # what has no date stands behind everything that has one

SORTS = (
    *("updated", "days", "investment", "next_step", "landing", "touch"),
    *("company", "stage", "owner"),
)
DESCENDING = {"updated", "days", "investment"}
_STAGES = list(Stage)

Read = Callable[[Any], Any]


def sort_of(asked: str) -> str:
    """One of ``SORTS``: what was asked for, or the first."""
    return asked if asked in SORTS else SORTS[0]


class leads_first(sa.sql.functions.GenericFunction[int]):  # noqa: N801 (an SQL function)
    """A lead's key of something else, by which no index finds the lead.

    SQLite would rather read all companies in order than sort a few leads; PostgreSQL knows better.
    """

    type = sa.Integer()
    inherit_cache = True


@compiles(leads_first, "sqlite")
def _leads_first_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(leads_first, "postgresql")
def _leads_first_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@dataclass(frozen=True)
class Order:
    """Columns that are never null, read from a cursor by ``read``; the lead's number comes last.

    ``told`` is what a cursor holds of the first of them.
    """

    columns: tuple[sa.ColumnElement[Any], ...]
    read: tuple[Read, ...]
    descending: bool = False
    told: Read = lambda value: value
    by_name: bool = False

    @property
    def keys(self) -> list[paging.Key]:
        """The whole key of a lead."""
        columns = (*self.columns, Lead.id.expression)
        return [paging.Key(column, self.descending) for column in columns]

    def among(self, query: sa.Select[Any], *, soon: bool = False) -> sa.Select[Any]:
        """The same leads with what they are sorted by: that a company has its name's is kept.

        ``soon``: of very many, so that some stand at any place of the order. Else the leads are
        found first (``leads_first``).
        """
        if not self.by_name:
            return query
        key = Lead.company_id if soon else leads_first(Lead.company_id)
        return query.join(CompanyToken, sa.and_(_IN_ORDER, CompanyToken.company_id == key))

    def behind(self, cursor: str | None) -> list[Any] | None:
        """The key in a cursor; None where it holds none."""
        return paging.decode(cursor, (*self.read, paging.row_key))

    def cursor(self, key: Sequence[Any]) -> str:
        """A cursor that holds the key."""
        return paging.encode((self.told(key[0]), *key[1:]))


def order_of(sort: str, today: date) -> Order:
    """One of ``SORTS`` (by owner with a statement that reads their names)."""
    match sort:
        case "company":
            return _BY_COMPANY
        case "owner":
            return _by_owner()
        case _:
            column, read = _simple(today)[sort]
            return Order((column,), (read,), sort in DESCENDING)


def days_in_stage(today: date) -> sa.ColumnElement[int]:
    """The clock of ``crm.leads.clock`` as SQL."""
    now = day_number(today)
    standing = sa.func.coalesce(now - plain_day(Lead.held_since), 0)
    return now - plain_day(Lead.stage_since) - Lead.held_days - standing


def _simple(today: date) -> dict[str, tuple[sa.ColumnElement[Any], Read]]:
    return {
        "updated": (Lead.updated_at.expression, paging.moment),
        "days": (days_in_stage(today), paging.whole(-CENTURY, CENTURY)),
        "investment": (
            sa.func.coalesce(Lead.planned_investment_cny, -1),
            paging.whole(-1, LARGEST_CNY),
        ),
        "next_step": (_dated(Lead.next_step_on), paging.day),
        "landing": (_dated(Lead.expected_landing_on), paging.day),
        "touch": (sa.func.coalesce(Lead.last_touch_at, _NEVER), paging.moment),
        "stage": (
            sa.case(*((Lead.stage == one, place) for place, one in enumerate(_STAGES)), else_=0),
            paging.whole(0, len(_STAGES)),
        ),
    }


# Who was never touched has waited longest.
_NEVER = sa.literal(datetime(1970, 1, 1, tzinfo=UTC), UTCDateTime())


def _dated(column: Any) -> sa.ColumnElement[date]:
    return sa.func.coalesce(column, sa.literal(FAR, sa.Date()))


_IN_ORDER = CompanyToken.scope == sa.literal(TokenScope.ORDER.value, literal_execute=True)
_BY_COMPANY = Order(
    (CompanyToken.token.expression, CompanyToken.company_id.expression),
    (paging.word, paging.row_key),
    by_name=True,
)


def _by_owner() -> Order:
    """Databases do not know how Chinese is read: the names are put in order here.

    A cursor holds whose lead it was, not their place, which moves when somebody joins.
    """
    rows = db.session.execute(sa.select(User.id, User.name)).all()
    keys = [key for _, key in sorted((by_sound(row.name), row.id) for row in rows)]
    places = {key: place for place, key in enumerate(keys)}

    def read(value: Any) -> int:
        if paging.row_key(value) not in places:
            raise ValueError(value)
        return places[value]

    place: sa.ColumnElement[int] = sa.literal_column(_place(sorted(places.items())), sa.Integer())
    # Of one person alone it is a number, which an ORDER BY would take for that of a column.
    return Order((sa.func.coalesce(place, 0),), (read,), told=keys.__getitem__)


def _place(places: Sequence[tuple[int, int]]) -> str:
    """Where an owner stands, found by halves: a join would be made the other way round, and a
    list of hundreds of cases be read to its middle for each lead.
    """
    if len(places) == 1:
        return str(places[0][1])
    middle = len(places) // 2
    low, high = _place(places[:middle]), _place(places[middle:])
    return f"CASE WHEN lead.owner_id < {places[middle][0]:d} THEN {low} ELSE {high} END"
