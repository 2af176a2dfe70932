"""Writes many rows of many tables: plain inserts on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from json.encoder import encode_basestring_ascii
from typing import Any

import sqlalchemy as sa

from crm.audit.recorder import plain
from models.base import UTCDateTime
from models.every import TABLES

ROWS_HELD = 20_000
Row = tuple[Any, ...]
Column = Sequence[Any]
Convert = Callable[[Column], Column]
_encoded = json.JSONEncoder(default=plain).encode


class Sheet:
    """The rows of one table that wait to be written; ids are counted here."""

    def __init__(self, table: sa.Table, last_id: int) -> None:
        self.table = table
        self.columns = [column.name for column in table.columns]
        self.rows: list[Row] = []
        self.last_id = last_id

    def next_id(self) -> int:
        """The id of a coming row."""
        self.last_id += 1
        return self.last_id


class Bulk:
    """Collects rows and writes them in the order in which tables refer to one another."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.postgresql = connection.dialect.name == "postgresql"
        self.sheets = {
            table.name: Sheet(table, self._last_id(table)) for table in TABLES.sorted_tables
        }
        self.held = 0

    def _last_id(self, table: sa.Table) -> int:
        if "id" not in table.columns:
            return 0
        return self.connection.scalar(sa.select(sa.func.max(table.c.id))) or 0

    def next_id(self, table: str) -> int:
        """Count on in a table's ids."""
        return self.sheets[table].next_id()

    def add(self, table: str, values: dict[str, Any]) -> None:
        """Hold a row by its columns; those left out are null."""
        sheet = self.sheets[table]
        sheet.rows.append(tuple(map(values.get, sheet.columns)))
        self.held += 1

    def add_row(self, table: str, row: Row) -> None:
        """Hold a row whose values stand in the table's own order."""
        self.sheets[table].rows.append(row)
        self.held += 1

    def room(self) -> None:
        """Write what is held when it is much. Call where no record is half told."""
        if self.held >= ROWS_HELD:
            self.flush()

    def flush(self) -> None:
        """Write all that is held."""
        for sheet in self.sheets.values():
            if sheet.rows:
                self._write(sheet)
                sheet.rows = []
        self.held = 0

    def finish(self) -> None:
        """Write the rest, and let PostgreSQL count on after our ids."""
        self.flush()
        if not self.postgresql:
            return
        for sheet in self.sheets.values():
            if sheet.last_id and "id" in sheet.columns:
                self.connection.execute(
                    sa.select(
                        sa.func.setval(
                            sa.func.pg_get_serial_sequence(sheet.table.name, "id"), sheet.last_id
                        )
                    )
                )

    def update(self, table: str, names: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
        """Set these columns of the rows with these ids."""
        target = self.sheets[table].table
        columns = [target.columns[name] for name in (*names, "id")]
        changed = self._converted(columns, [tuple(map(row.get, (*names, "id"))) for row in rows])
        if not self.postgresql:
            new = ", ".join(f'"{name}" = ?' for name in names)
            self._driver.executemany(f"UPDATE {table} SET {new} WHERE id = ?", changed)  # noqa: S608 (our own names)
            return
        # One statement for all: the new values go into a table of their own first.
        beside = f"{table}_changed"
        listed = ", ".join(f'"{column.name}"' for column in columns)
        new = ", ".join(f'"{name}" = {beside}."{name}"' for name in names)
        run = self.connection.exec_driver_sql
        run(f"CREATE TEMPORARY TABLE {beside} AS SELECT {listed} FROM {table} WITH NO DATA")  # noqa: S608
        self._copy(beside, columns, changed)
        run(f"UPDATE {table} SET {new} FROM {beside} WHERE {table}.id = {beside}.id")  # noqa: S608
        run(f"DROP TABLE {beside}")

    @property
    def _driver(self) -> Any:
        return self.connection.connection.driver_connection

    def _write(self, sheet: Sheet) -> None:
        columns = list(sheet.table.columns)
        rows = self._converted(columns, sheet.rows)
        if self.postgresql:
            self._copy(sheet.table.name, columns, rows)
            return
        names = ", ".join(f'"{name}"' for name in sheet.columns)
        marks = ", ".join("?" * len(columns))
        self._driver.executemany(
            f"INSERT INTO {sheet.table.name} ({names}) VALUES ({marks})",  # noqa: S608 (our own names)
            rows,
        )

    def _copy(self, table: str, columns: Sequence[sa.Column[Any]], rows: Iterable[Row]) -> None:
        names = ", ".join(f'"{column.name}"' for column in columns)
        with (
            self._driver.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _converted(self, columns: Sequence[sa.Column[Any]], rows: list[Row]) -> Iterator[Row]:
        """What the driver gets of the rows: converted column by column, which is quickest."""
        values: list[Column] = list(zip(*rows, strict=True))
        for place, column in enumerate(columns):
            if values and (convert := self._converter(column.type)):
                values[place] = convert(values[place])
        return zip(*values, strict=True)

    def _converter(self, kind: sa.types.TypeEngine[Any]) -> Convert | None:
        if isinstance(kind, UTCDateTime):
            return _moments_with_zone if self.postgresql else _moments
        if isinstance(kind, sa.Date):
            return _dates
        if isinstance(kind, sa.JSON):
            return _as_json
        if isinstance(kind, sa.Enum):
            return _codes
        return None


def _as_json(values: Column) -> Column:
    # Without a value a JSON column holds JSON's own null, as SQLAlchemy writes it.
    return ["null" if value is None else _json(value) for value in values]


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return _encoded(value)
    flat = plain(value)
    return encode_basestring_ascii(flat) if isinstance(flat, str) else _encoded(flat)


def _codes(values: Column) -> Column:
    return [None if value is None else str(value) for value in values]


def _dates(values: Column) -> Column:
    return _texts(values, date.isoformat)


def _moments(values: Column) -> Column:
    return _texts(values, lambda moment: moment.isoformat(" ", "microseconds")[:26])


def _moments_with_zone(values: Column) -> Column:
    return _texts(values, lambda moment: moment.isoformat(" "))


def _texts(values: Column, text: Callable[[Any], str]) -> Column:
    """The same moment stands in many rows, and is written out once."""
    known = {value: text(value) for value in set(values) if value is not None}
    return list(map(known.get, values))
