"""Tables without what makes a million inserts slow, while they are filled: made anew in one go.

An index grows by sorting once instead of by a million searches, and PostgreSQL proves a foreign
key by one join instead of by a query a row. All is part of the one transaction: whoever sees the
rows sees every index and every constraint, and none of them was let off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

# What may be used to sort: KiB.
_SORTING = 262_144

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
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""


@contextmanager
def bare(connection: sa.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Fill these tables inside: their indexes that are neither unique nor partial come after.

    On PostgreSQL their foreign keys come after, too; it locks the tables.
    """
    back = []
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{_SORTING}kB'")
        for table, name, clause in connection.exec_driver_sql(_FOREIGN_KEYS).all():
            if table.strip('"') in tables:
                connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {clause}')
    else:
        # So many may help to sort.
        connection.exec_driver_sql("PRAGMA threads = 2")
    indexes = connection.exec_driver_sql(_POSTGRESQL_INDEXES if postgresql else _SQLITE_INDEXES)
    for table, name, made_by in indexes.all():
        if table in tables:
            connection.exec_driver_sql(f'DROP INDEX "{name}"')
            back.append(made_by)
    yield
    for statement in back:
        connection.exec_driver_sql(statement)
