"""The database without SQLAlchemy, for a command that must be there at once.

To load SQLAlchemy takes a quarter of a second, as long as such a command may work in all. Its
statements are text in which ``:name`` is a value, on both engines.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    # An import of ten thousand rows holds the write lock for about ten seconds.
    "PRAGMA busy_timeout = 30000",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)
# The fields of a record that a report of the past prints of it.
NAMING = ("name", "merged_into_id")
_SQLITE = "sqlite:///"
_VALUE = re.compile(r":(\w+)")


# A statement, and the milliseconds until its first rows.
Noted = Callable[[str, float], None]


@dataclass(frozen=True)
class Database:
    """Where it is, in the words of ``DATABASE_URL``; ``noted`` hears of each statement."""

    address: str
    noted: Noted | None = None

    @classmethod
    def of(cls, engine: Engine, noted: Noted | None = None) -> Database:
        """The one that an engine opens."""
        return cls(engine.url.render_as_string(hide_password=False), noted)

    @contextmanager
    def opened(self) -> Iterator[Connection]:
        """A connection, closed at the end; what it runs outside of a transaction stays at once."""
        sqlite = self.address.startswith(_SQLITE)
        with closing(self._sqlite() if sqlite else self._postgresql()) as driver:
            yield Connection(driver, sqlite, self.noted)

    def _sqlite(self) -> Any:
        import sqlite3  # noqa: PLC0415 (PostgreSQL needs none of it)

        file = self.address.removeprefix(_SQLITE)
        driver = sqlite3.connect(file, isolation_level=None, uri=file.startswith("file:"))
        for pragma in SQLITE_PRAGMAS:
            driver.execute(pragma)
        return driver

    def _postgresql(self) -> Any:
        from models import postgresql  # noqa: PLC0415 (SQLite needs none of it)

        _kind, _is, place = self.address.partition("://")
        driver = postgresql.connect(None, None, [f"postgresql://{place}"], {})
        driver.autocommit = True
        return driver


class Connection:
    """One connection to either engine."""

    def __init__(self, driver: Any, sqlite: bool, noted: Noted | None) -> None:
        self._driver, self._noted = driver, noted
        self.sqlite = sqlite
        """Whether it is SQLite."""

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[None]:
        """All statements inside see one state of the database; those that write are one change."""
        if self.sqlite:
            self._driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        else:
            self._driver.execute("BEGIN" if writes else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield
        except BaseException:
            self._driver.execute("ROLLBACK")
            raise
        self._driver.execute("COMMIT")

    def run(self, statement: str, **values: Any) -> None:
        """Do something that has no rows."""
        with self._noting(statement):
            self._driver.execute(self._put(statement), values)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """All rows, each a tuple."""
        with self._noting(statement):
            found: list[Any] = self._driver.execute(self._put(statement), values).fetchall()
        return found

    def streamed(self, statement: str, at_once: int, **values: Any) -> Iterator[Sequence[Any]]:
        """The same, so many at a time; PostgreSQL goes on reading while these are worked on."""
        cursor = self._driver.cursor()
        with self._noting(statement):
            if self.sqlite:
                found = cursor.execute(statement, values)
            else:
                found = cursor.stream(self._put(statement), values, size=at_once)
            rows = list(islice(found, at_once))
        while rows:
            yield rows
            rows = list(islice(found, at_once))

    @contextmanager
    def _noting(self, statement: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        if self._noted:
            self._noted(statement, (time.perf_counter() - started) * 1000)

    def _put(self, statement: str) -> str:
        return statement if self.sqlite else _VALUE.sub(r"%(\1)s", statement.replace("%", "%%"))

    def told(self, moment: datetime) -> Any:
        """A moment as a value of a statement."""
        utc = moment.astimezone(timezone.utc)
        return f"{utc:%Y-%m-%d %H:%M:%S.%f}" if self.sqlite else utc

    def moment(self, value: Any) -> datetime:
        """A moment out of a row."""
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=timezone.utc)
        found: datetime = value
        return found

    @property
    def among(self) -> str:
        """What follows a column: whether it is one of the ``keys`` that are given beside it."""
        return "IN (SELECT value FROM json_each(:keys))" if self.sqlite else "= ANY(:keys)"

    def keys(self, keys: Collection[int]) -> Any:
        """These keys as that value."""
        return json.dumps(sorted(keys)) if self.sqlite else sorted(keys)

    def quoted(self, column: str) -> str:
        """A text as JSON has it, made by the database."""
        return f"json_quote({column})" if self.sqlite else f"CAST(to_json({column}) AS TEXT)"

    def array(self, columns: str) -> str:
        """Columns as one JSON array in text, made by the database."""
        if self.sqlite:
            return f"json_array({columns})"
        return f"CAST(json_build_array({columns}) AS TEXT)"
