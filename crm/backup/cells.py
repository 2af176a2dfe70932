"""How a value stands in a backup: the same on both engines, and how each engine takes it back."""

from __future__ import annotations

import base64
import enum
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timezone
from typing import Any

import sqlalchemy as sa

_MOMENT = "%Y-%m-%d %H:%M:%S.%f"
_TIME = "%H:%M:%S.%f"


class Kind(enum.StrEnum):
    """What a column holds, by the words of a backup."""

    MOMENT = "moment"
    DATE = "date"
    TIME = "time"
    FLAG = "flag"
    BYTES = "bytes"
    JSON = "json"
    PLAIN = "plain"


# A more special type stands before the one it derives from.
_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], Kind], ...] = (
    (sa.DateTime, Kind.MOMENT),
    (sa.Date, Kind.DATE),
    (sa.Time, Kind.TIME),
    (sa.Boolean, Kind.FLAG),
    (sa.LargeBinary, Kind.BYTES),
    (sa.JSON, Kind.JSON),
)


def kind_of(column: sa.Column[Any]) -> Kind:
    """The kind of a column as the database describes it."""
    return next((kind for known, kind in _KINDS if isinstance(column.type, known)), Kind.PLAIN)


def written(kind: Kind) -> Callable[[Any], Any] | None:
    """What makes a value of this kind JSON; None when it is already."""
    return _WRITTEN.get(kind)


def read_back(kind: Kind, *, postgresql: bool) -> Callable[[Any], Any] | None:
    """What makes the engine's own value of one in a backup; None when it is already."""
    if kind is Kind.BYTES:
        return base64.b64decode
    if kind is Kind.MOMENT and postgresql:
        return "{}+00:00".format
    if kind is Kind.FLAG and not postgresql:
        return int
    return None


def line(values: Sequence[Any], writers: Sequence[Callable[[Any], Any] | None]) -> str:
    """A row as one line of JSON."""
    cells = [
        value if value is None or write is None else write(value)
        for value, write in zip(values, writers, strict=True)
    ]
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def row(text: str | bytes, readers: Sequence[Callable[[Any], Any] | None]) -> tuple[Any, ...]:
    """The values of such a line; ValueError when it is none of this table."""
    cells = json.loads(text)
    return tuple(
        value if value is None or read is None else read(value)
        for value, read in zip(cells, readers, strict=True)
    )


def _moment(value: datetime) -> str:
    # SQLite has no offsets: what stands in it is UTC.
    utc = value.astimezone(timezone.utc) if value.tzinfo else value
    return utc.strftime(_MOMENT)


def _date(value: date) -> str:
    return value.isoformat()


def _time(value: time) -> str:
    return value.strftime(_TIME)


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


_WRITTEN: dict[Kind, Callable[[Any], Any]] = {
    Kind.MOMENT: _moment,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.FLAG: bool,
    Kind.BYTES: _bytes,
}
