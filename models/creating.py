"""Many new records at once as rows, where a session would spend most of the time on objects.

Whatever keeps something of records in each flush (the trail, the board's counts, what people are
found by) hears of them here as it does of a flush: it listens to both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, class_mapper

from models.base import Model
from models.sets import copy_rows, keys_for

Row = dict[str, Any]
# New rows by the model they are of, in the order in which they were written.
Created = Mapping[type[Model], Sequence[Row]]
_listeners: list[Callable[[Session, Created], None]] = []


def on_created(listener: Callable[[Session, Created], None]) -> None:
    """Let it hear of all records that are made as rows, when they are written."""
    if listener not in _listeners:
        _listeners.append(listener)


def numbered(session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """These values as rows of new records: each with its key and what its columns have else.

    They are to be written before others of the model are made: SQLite reserves no key.
    """
    session.flush()
    (key,) = _table(model).primary_key
    numbers = keys_for(session, key, len(rows))
    defaults = _defaults(model)
    return [
        {key.name: number, **{name: made() for name, made in defaults if name not in row}, **row}
        for number, row in zip(numbers, rows, strict=True)
    ]


def create(session: Session, created: Created) -> None:
    """Write numbered rows, model by model: first those that others refer to.

    Raises IntegrityError as a flush does.
    """
    connection = session.connection()
    for model, rows in created.items():
        if rows:
            copy_rows(connection, _table(model), _of_one_shape(rows))
    for listener in _listeners:
        listener(session, created)


def _of_one_shape(rows: Sequence[Row]) -> Sequence[Row]:
    """These rows, each with all the columns that one of them names."""
    said: Row = {}
    for row in rows:
        if not row.keys() <= said.keys():
            said |= dict.fromkeys(row)
    return [row if len(row) == len(said) else {**said, **row} for row in rows]


def _table(model: type[Model]) -> sa.Table:
    return cast("sa.Table", model.__table__)


@cache
def _defaults(model: type[Model]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """What a new record's columns have where nothing is said."""
    return tuple(
        (column.key, _maker(column.columns[0].default))
        for column in class_mapper(model).column_attrs
        if column.columns[0].default is not None
    )


def _maker(default: Any) -> Callable[[], Any]:
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg
