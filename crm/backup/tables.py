"""The tables as the database describes them: a backup may be older than the code that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

# Which migration a database stands at is not a row of the city's.
_NOT_OURS = "alembic_version"
# Where a person's first work shows: a database without any of it is empty.
_SHOW_WORK = ("user_account", "company", "lead")

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
    ORDER BY 1, 2
"""


def all_tables(connection: sa.Connection) -> list[sa.Table]:
    """Every table, those first that others refer to."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _NOT_OURS]


def revision_of(connection: sa.Connection) -> str | None:
    """The migration the database stands at; None when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The migration that this code wants."""
    return str(_migrations().get_current_head())


def knows(revision: str) -> bool:
    """Whether this code has that migration: what is newer it can not read."""
    return revision in {script.revision for script in _migrations().walk_revisions()}


def _migrations() -> ScriptDirectory:
    return ScriptDirectory(current_app.extensions["migrate"].directory)


def is_empty(connection: sa.Connection) -> bool:
    """Whether nobody has worked here yet; the city's delivered facts are nobody's work."""
    there = set(sa.inspect(connection).get_table_names())
    return not any(
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
        for name in _SHOW_WORK
        if name in there
    )


@contextmanager
def foreign_keys_after(connection: sa.Connection) -> Iterator[None]:
    """Rows written inside may come before the rows they refer to; leaving proves every one.

    On SQLite it must be entered outside of a transaction, which begins inside.
    """
    if connection.dialect.name == "postgresql":
        back = []
        for table, name, clause in connection.exec_driver_sql(_FOREIGN_KEYS).all():
            connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {clause}')
        yield
        for statement in back:
            connection.exec_driver_sql(statement)
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
