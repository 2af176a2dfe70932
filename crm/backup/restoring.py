"""Puts a backup into an empty place: all of it or nothing."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa

from crm.backup import cells, form, tables
from crm.backup.form import Contents, NoBackup, Sheet, content_of, lines_of
from crm.files import FileStore
from models.engine import writing
from models.filling import Orphans, in_any_order
from models.sets import write_rows

_PIECE = 1024 * 1024
# To migrations/env.py: no facts of ours, the backup has the city's own.
WITHOUT_FACTS = "facts=none"
Told = Callable[[str], None]


def restore(engine: sa.Engine, files: FileStore, path: Path, told: Told) -> Contents:
    """Fill an empty database from a backup of this or an older version, made on either engine.

    The tables are made as they were then, filled in one transaction, and brought up to date.
    ``told`` hears the name of each part that is begun. Raises NoBackup: no backup, not whole, of a
    newer version, or the place is not empty; then no row of it is there.
    """
    with form.opened(path) as archive:
        contents = form.contents(archive)
        if not tables.knows(contents.revision):
            raise NoBackup("This backup was made by a newer version; restore it with that one.")
        with engine.connect() as connection:
            if not tables.is_empty(connection):
                raise NoBackup("This database holds records; restore into an empty one.")
            stands = tables.revision_of(connection)
            # So a restore that was refused in the middle leaves them.
            ready = stands == contents.revision and tables.is_bare(connection)
        told("files")
        for sha256 in contents.files:
            _file(archive, files, sha256)
        # The delivered facts may be there already, and their rows are made to stay.
        if stands and not ready:
            flask_migrate.downgrade(revision="base")
        if not ready:
            flask_migrate.upgrade(revision=contents.revision, x_arg=WITHOUT_FACTS)
        _fill(engine, archive, contents, told)
    flask_migrate.upgrade()
    return contents


def _file(archive: zipfile.ZipFile, files: FileStore, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        with archive.open(content_of(sha256)) as content, files.placing(sha256) as into:
            while piece := content.read(_PIECE):
                digest.update(piece)
                into.write(piece)
            _same(digest.hexdigest(), sha256, "an attachment")
    except (KeyError, zipfile.BadZipFile) as error:
        raise NoBackup("This backup is damaged: an attachment is not whole.") from error


def _same(found: str, wanted: str, what: str) -> None:
    if found != wanted:
        raise NoBackup(f"This backup is damaged: {what} is not what was written.")


def _fill(engine: sa.Engine, archive: zipfile.ZipFile, contents: Contents, told: Told) -> None:
    try:
        with writing(), engine.connect() as connection, in_any_order(connection):
            _tables(connection, archive, contents, told)
            if connection.dialect.name == "postgresql":
                _count_on(connection)
    except Orphans as orphans:
        raise NoBackup(
            "This backup is damaged: a row refers to one that is not there."
        ) from orphans


def _tables(
    connection: sa.Connection, archive: zipfile.ZipFile, contents: Contents, told: Told
) -> None:
    known = tables.all_tables(connection)
    if {table.name for table in known} != set(contents.tables):
        raise NoBackup("This backup is damaged: its tables are not those of its version.")
    # What migrations wrote of themselves stands in the backup as it was then.
    for table in reversed(known):
        connection.execute(table.delete())
    for table in known:
        told(table.name)
        _rows(connection, table, archive, contents.tables[table.name])


def _rows(
    connection: sa.Connection, table: sa.Table, archive: zipfile.ZipFile, sheet: Sheet
) -> None:
    digest = hashlib.sha256()
    try:
        with archive.open(lines_of(table.name)) as lines:
            told = _digested(lines, digest)
            columns = _columns(table, next(told))
            kinds = [cells.kind_of(column) for column in columns]
            postgresql = connection.dialect.name == "postgresql"
            readers = [cells.read_back(kind, postgresql=postgresql) for kind in kinds]
            rows = (cells.row(text, readers) for text in told)
            write_rows(connection, table, [column.name for column in columns], rows)
    except (KeyError, ValueError, StopIteration, zipfile.BadZipFile) as error:
        raise NoBackup(f"This backup is damaged: {table.name} can not be read.") from error
    _same(digest.hexdigest(), sheet.sha256, table.name)


def _digested(lines: Any, digest: Any) -> Iterator[bytes]:
    for text in lines:
        digest.update(text)
        yield text


def _columns(table: sa.Table, head: bytes) -> list[sa.Column[Any]]:
    """The columns in the backup's order: the engines and the years may have them in another."""
    names = [name for name, _kind in cells.row(head, [None] * len(table.columns))]
    return [table.columns[name] for name in names]


def _count_on(connection: sa.Connection) -> None:
    """PostgreSQL counts on after the ids that were written."""
    for table in tables.all_tables(connection):
        for column in table.primary_key.columns:
            counter = sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            if connection.scalar(sa.select(counter)):
                last = sa.select(sa.func.max(column)).scalar_subquery()
                connection.execute(
                    sa.select(sa.func.setval(counter, sa.func.coalesce(last, 1), last.is_not(None)))
                )
