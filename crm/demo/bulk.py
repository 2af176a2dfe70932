"""Writes many rows of many tables: plain inserts on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from models.base import Model, UTCDateTime

ROWS_HELD = 20_000
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


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
            table.name: Sheet(table, self._last_id(table)) for table in Model.metadata.sorted_tables
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
        sheet.rows.append(tuple([values.get(name) for name in sheet.columns]))
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
        statement = (
            sa.update(target)
            .where(target.c.id == sa.bindparam("row_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in names})
        )
        values = (
            {"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows
        )
        while chunk := list(islice(values, 5_000)):
            self.connection.execute(statement, chunk)

    def _write(self, sheet: Sheet) -> None:
        rows = self._converted(sheet)
        names = ", ".join(f'"{name}"' for name in sheet.columns)
        driver: Any = self.connection.connection.driver_connection
        if not self.postgresql:
            marks = ", ".join("?" * len(sheet.columns))
            driver.executemany(f"INSERT INTO {sheet.table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 (our own names)
            return
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {sheet.table.name} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _converted(self, sheet: Sheet) -> list[Row]:
        converters = [
            (place, convert, isinstance(column.type, sa.JSON))
            for place, column in enumerate(sheet.table.columns)
            if (convert := self._converter(column.type))
        ]
        if not converters:
            return sheet.rows
        made = []
        for row in sheet.rows:
            values = list(row)
            for place, convert, always in converters:
                # A JSON column without a value holds JSON's own null, as SQLAlchemy writes it.
                if always or values[place] is not None:
                    values[place] = convert(values[place])
            made.append(tuple(values))
        return made

    def _converter(self, kind: sa.types.TypeEngine[Any]) -> Convert | None:
        if isinstance(kind, UTCDateTime):
            return _moment_with_zone if self.postgresql else _moment
        if isinstance(kind, sa.Date):
            return date.isoformat
        if isinstance(kind, sa.JSON):
            return _as_json
        if isinstance(kind, sa.Enum):
            return str
        return None


def _as_json(value: Any) -> str:
    # Most changes have nothing before them.
    return "null" if value is None else json.dumps(value)


def _moment(value: datetime) -> str:
    return value.isoformat(" ", "microseconds")[:26]


def _moment_with_zone(value: datetime) -> str:
    return value.isoformat(" ")
