"""Writes a backup while everybody goes on working: all rows as of one moment."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm.backup import cells, tables
from crm.backup.form import CONTENTS, FORMAT, Contents, NoBackup, Sheet, content_of, lines_of
from crm.files import FileLost, FileStore
from models.engine import reading

_ROWS_AT_ONCE = 2_000
_NOT_FINISHED = ".unfinished"
# A backup holds what only the database's owner may read.
_OWNER_ONLY = 0o600
Told = Callable[[str], None]


def back_up(engine: sa.Engine, files: FileStore, path: Path, at: datetime, told: Told) -> Contents:
    """Write all that is known into one file; it takes its name when it is whole and on the disk.

    ``told`` hears the name of each part that is begun. Raises NoBackup; OSError where the disk
    refuses, and then what stood at ``path`` still does.
    """
    with _unfinished(path) as waiting, _as_of_now(engine) as connection:
        stands = tables.revision_of(connection)
        if stands != tables.newest_revision():
            raise NoBackup("The database is not at the newest migration; run: db upgrade")
        with zipfile.ZipFile(waiting, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            sheets = {}
            for table in tables.all_tables(connection):
                told(table.name)
                sheets[table.name] = _rows(connection, table, archive)
            told("files")
            kept, lost = _files(connection, files, archive)
            contents = Contents(FORMAT, at.isoformat(), stands, sheets, kept, lost)
            archive.writestr(CONTENTS, contents.as_json())
    return contents


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A file beside the wanted one; it takes its place only when all was written."""
    waiting = path.with_name(path.name + _NOT_FINISHED)
    try:
        os.close(os.open(waiting, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWNER_ONLY))
        yield waiting
        with waiting.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(waiting, path)
    finally:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)


@contextmanager
def _as_of_now(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which every statement sees the same moment, and which stops nobody."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with reading(), engine.connect() as connection, connection.begin():
        yield connection


def _rows(connection: sa.Connection, table: sa.Table, archive: zipfile.ZipFile) -> Sheet:
    """The first line names the columns and their kinds, every other is a row."""
    kinds = [cells.kind_of(column) for column in table.columns]
    writers = [cells.written(kind) for kind in kinds]
    # JSON as it was written: a null of JSON's is not a null of the database's.
    columns = [
        sa.cast(column, sa.Text) if kind is cells.Kind.JSON else column
        for column, kind in zip(table.columns, kinds, strict=True)
    ]
    found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(
        sa.select(*columns).order_by(*table.primary_key.columns)
    )
    digest, rows = hashlib.sha256(), 0
    with archive.open(lines_of(table.name), "w", force_zip64=True) as lines:
        head = [[column.name, str(kind)] for column, kind in zip(table.columns, kinds, strict=True)]
        for text in _texts(head, found, writers):
            content = text.encode() + b"\n"
            digest.update(content)
            lines.write(content)
            rows += 1
    return Sheet(rows - 1, digest.hexdigest())


def _texts(
    head: list[list[str]],
    found: sa.CursorResult[tuple[object, ...]],
    writers: list[Callable[[object], object] | None],
) -> Iterator[str]:
    yield cells.line(head, [None] * len(head))
    for values in found:
        yield cells.line(values, writers)


def _files(
    connection: sa.Connection, files: FileStore, archive: zipfile.ZipFile
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The content of every attachment; what the store does not have is named and stops nothing."""
    kept, lost = [], []
    blob = sa.table("blob", sa.column("sha256"))
    for sha256 in connection.scalars(sa.select(blob.c.sha256).order_by(blob.c.sha256)).all():
        try:
            with (
                files.open(sha256) as content,
                # Pictures and office files are packed already.
                archive.open(zipfile.ZipInfo(content_of(sha256)), "w", force_zip64=True) as into,
            ):
                shutil.copyfileobj(content, into)
            kept.append(sha256)
        except FileLost:
            lost.append(sha256)
    return tuple(kept), tuple(lost)
