"""Pages of long lists by key: the next page starts after the last row, wherever that stands."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from models import db
from models.columns import UNKEEPABLE

T = TypeVar("T")
# So many rows of a long list are held at a time when the whole of it is wanted.
CHUNK = 500
# A key is an integer of four bytes (PostgreSQL).
LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of what follows (null at the end).

    ``lost``: the cursor that was asked for is none of this list, so these are its first rows.
    """

    items: Sequence[T]
    next: str | None
    lost: bool = False


@dataclass(frozen=True)
class Key:
    """A column of the order; the last key of an order must be unique. No nulls."""

    column: sa.ColumnElement[Any]
    descending: bool = False


def encode(values: Sequence[Any]) -> str:
    """A cursor that holds the last row's key."""
    plain = [v.isoformat() if isinstance(v, date | datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str | None, kinds: Sequence[Callable[[Any], Any]]) -> list[Any] | None:
    """The key in a cursor; a cursor that nobody gave out starts from the top."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(kinds):
            return None
        return [kind(value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


# Cursors come from anybody. What reads a part of one raises ValueError for what can be none: the
# engines raise errors of their own for a number, moment or text that they can not hold.


def whole(least: int, most: int) -> Callable[[Any], int]:
    """Reads a whole number between these."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(value)
        return value

    return read


row_key = whole(0, LARGEST_KEY)


def moment(value: Any) -> datetime:
    """Reads a moment with its offset."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found.astimezone(timezone.utc)


def day(value: Any) -> date:
    """Reads a day."""
    return date.fromisoformat(value)


def word(value: Any) -> str:
    """Reads a text."""
    if not isinstance(value, str) or UNKEEPABLE.search(value):
        raise ValueError(value)
    return value


def lost(cursor: str | None, key: Sequence[Any] | None) -> bool:
    """Whether a cursor led nowhere (``key``: what ``decode`` made of it)."""
    return bool(cursor) and key is None


def after(keys: Sequence[Key], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """The rows that stand behind the given key in this order."""
    if len({key.descending for key in keys}) == 1:
        # One direction: a row comparison, which an index serves as one range.
        left = sa.tuple_(*(key.column for key in keys))
        right = sa.tuple_(
            *(sa.literal(v, k.column.type) for k, v in zip(keys, values, strict=True))
        )
        return left < right if keys[0].descending else left > right
    behind = []
    for number, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [k.column == v for k, v in zip(keys[:number], values[:number], strict=True)]
        step = key.column < value if key.descending else key.column > value
        behind.append(sa.and_(*same, step))
    return sa.or_(*behind)


def order_by(keys: Sequence[Key]) -> list[sa.ColumnElement[Any]]:
    """The same order as SQL says it."""
    return [key.column.desc() if key.descending else key.column.asc() for key in keys]


def chunks(query: sa.Executable, size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """All rows of a query, some at a time; PostgreSQL keeps the others on its side."""
    yield from db.session.execute(query, execution_options={"yield_per": size}).partitions()
