"""The tables as the database describes them: a backup may be older than the code that reads it."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from models.append_only import FIXED_CODES

# Which migration a database stands at is not a row of the city's.
_NOT_OURS = "alembic_version"
# Where a person's first work shows: a database without any of it is empty.
_SHOW_WORK = ("user_account", "company", "lead")


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
    return _without_rows(connection, _SHOW_WORK)


def is_bare(connection: sa.Connection) -> bool:
    """Whether none of the facts are here whose rows are made to stay."""
    return _without_rows(connection, FIXED_CODES)


def _without_rows(connection: sa.Connection, names: Iterable[str]) -> bool:
    there = set(sa.inspect(connection).get_table_names())
    return not any(
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
        for name in names
        if name in there
    )
