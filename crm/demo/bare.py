"""Tables without what makes a million inserts slow, while they are filled (``models/filling``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from models import filling

# What may be used to sort: KiB.
_SORTING = 262_144


@contextmanager
def bare(connection: sa.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Fill these tables inside: their indexes that are neither unique nor partial come after.

    On PostgreSQL their foreign keys come after, too; it locks the tables.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{_SORTING}kB'")
    else:
        # So many may help to sort.
        connection.exec_driver_sql("PRAGMA threads = 2")
    parts = [*filling.foreign_keys(connection, tables), *filling.indexes(connection, tables)]
    with filling.without(connection, parts):
        yield
