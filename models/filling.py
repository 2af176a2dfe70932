"""What is in the way of many rows is taken off their tables, and put back in one go.

Put back means proven: PostgreSQL looks at a foreign key by one join instead of by a query a row,
SQLite at all of them at once, and an index grows by sorting instead of by a million searches. All
is part of the one transaction: whoever sees the rows sees every index and every constraint.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""
# Partial indexes stay: they are small, and PostgreSQL words their conditions anew each time.
_SQLITE_INDEXES = """
    SELECT tbl_name, name, sql FROM sqlite_master
    WHERE type = 'index' AND substr(sql, 1, 12) = 'CREATE INDEX' AND instr(sql, ' WHERE ') = 0
    ORDER BY tbl_name, name
"""
_POSTGRESQL_INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() AND substr(indexdef, 1, 12) = 'CREATE INDEX'
        AND strpos(indexdef, ' WHERE ') = 0
    ORDER BY tablename, indexname
"""


class Orphans(Exception):
    """Rows refer to rows that are not there; the text names their tables."""


class Part(NamedTuple):
    """Something that stands on a table: the statement that takes it off, and the one back."""

    off: str
    back: str


def foreign_keys(connection: sa.Connection, tables: Collection[str] | None = None) -> list[Part]:
    """The foreign keys of these tables (of all) on PostgreSQL; SQLite can not part with one."""
    if connection.dialect.name != "postgresql":
        return []
    return [
        Part(
            f'ALTER TABLE {table} DROP CONSTRAINT "{name}"',
            f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {clause}',
        )
        for table, name, clause in connection.exec_driver_sql(_FOREIGN_KEYS)
        if tables is None or table.strip('"') in tables
    ]


def indexes(connection: sa.Connection, tables: Collection[str]) -> list[Part]:
    """The indexes of these tables that are neither unique nor partial."""
    postgresql = connection.dialect.name == "postgresql"
    found = connection.exec_driver_sql(_POSTGRESQL_INDEXES if postgresql else _SQLITE_INDEXES)
    return [
        Part(f'DROP INDEX "{name}"', made_by) for table, name, made_by in found if table in tables
    ]


@contextmanager
def without(connection: sa.Connection, parts: Iterable[Part]) -> Iterator[None]:
    """Take these off; they come back when what is done inside has succeeded. Raises Orphans."""
    parts = list(parts)
    for part in parts:
        connection.exec_driver_sql(part.off)
    yield
    try:
        for part in parts:
            connection.exec_driver_sql(part.back)
    except sa.exc.IntegrityError as error:
        raise Orphans(str(error.orig)) from error


@contextmanager
def in_any_order(connection: sa.Connection) -> Iterator[None]:
    """A transaction whose rows may come before those they refer to. Raises Orphans at its end.

    PostgreSQL locks all tables for it.
    """
    with tables_made_anew(connection), without(connection, foreign_keys(connection)):
        yield


@contextmanager
def tables_made_anew(connection: sa.Connection) -> Iterator[None]:
    """A transaction in which SQLite may drop a table that others refer to, to make it anew.

    It looks at foreign keys at the end of all, and raises Orphans; PostgreSQL looks as ever. The
    switch does nothing inside a transaction, so the driver is told, before and after.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            yield
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise Orphans(", ".join(sorted({row[0] for row in broken})))
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
