"""What leads, companies and people were called at a moment, and how its tables are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from crm.reports.pipeline import Names, Record, Row, named
from models.columns import NAMING, UTCDateTime


def table(name: str, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    """What is read of a table."""
    return sa.table(
        name,
        *map(sa.column, columns),
        *(sa.column(column, kind) for column, kind in typed.items()),
    )


_CHANGES = table(
    "change", "change_set_id", "subject", "subject_id", "seq", "field", before=sa.JSON()
)
_SETS = table("change_set", "id", known_at=UTCDateTime())
_CHANGE, _SET = _CHANGES.c, _SETS.c
_LEAD = table("lead", "id", "public_id")
_COMPANY = table("company", "id", "public_id", "name", "merged_into_id", created_at=UTCDateTime())
_PERSON = table("user_account", "id", "public_id", "name", created_at=UTCDateTime())
# What the trail calls the records of each.
_SUBJECTS = {_COMPANY: "company", _PERSON: "user"}
# Written into the statement, not sent beside it, or SQLite would not see that the index fits.
_NAMING = sa.text(f"change.field IN {NAMING}")
# Keys asked for in one statement.
_PART = 500


def bare(connection: sa.Connection, statement: sa.Executable) -> list[Any]:
    """All rows as the driver gives them: half the time of rows that know their columns."""
    cursor: Any = connection.execute(statement).cursor
    rows: list[Any] = cursor.fetchall()
    return rows


def streamed(
    connection: sa.Connection, statement: sa.Select[Any] | sa.CompoundSelect[Any], at_once: int
) -> Iterator[Sequence[Any]]:
    """The same, so many at a time; PostgreSQL goes on reading while these are worked on."""
    if connection.dialect.name == "sqlite":
        cursor: Any = connection.execute(statement).cursor
        yield from iter(lambda: cursor.fetchmany(at_once), [])
        return
    driver: Any = connection.connection.driver_connection
    asked = statement.compile(dialect=connection.dialect)
    found = driver.cursor().stream(str(asked), asked.params, size=at_once)
    while rows := list(islice(found, at_once)):
        yield rows


def by_key(connection: sa.Connection, source: sa.TableClause) -> dict[int, str]:
    """The code of each row, which names it for ever."""
    return dict(bare(connection, sa.select(*source.c)))


class Called:
    """Who was called what at a moment: those that are there now, and the others when asked for."""

    def __init__(
        self,
        connection: sa.Connection,
        known_at: datetime,
        has: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]],
    ) -> None:
        """Read the names of all that is there; ``has``: which leads are asked for, by key."""
        leads = sa.select(*_LEAD.c).where(has(_LEAD.c.id))
        self._leads: dict[int, str] = dict(bare(connection, leads))
        self._companies = _Kind(connection, known_at, "company", _COMPANY)
        self._owners = _Kind(connection, known_at, "owner", _PERSON)
        self._asked = connection, known_at
        self.names = Names(self._leads, self._companies.called, self._owners.called)

    def find(self, rows: Sequence[Row]) -> None:
        """Give names to those of these leads, companies and owners that are gone since."""
        leads, companies, owners = map(set, zip(*(row[:3] for row in rows), strict=True))
        # A lead is gone by the undoing of an import.
        deleted = _deleted(*self._asked, "lead", leads.difference(self._leads))
        self._leads |= {key: had["public_id"] for key, (_seq, had) in deleted.items()}
        self._companies.find(companies)
        self._owners.find(owners)


class _Kind:
    """Companies or people as they were known.

    They have the name of now, unless it changed later: then it is what stood there before the
    earliest later change. ``called`` is what each is named by; the database writes that for those
    of whom nothing changed, and the few others are read one by one.
    """

    def __init__(
        self, connection: sa.Connection, known_at: datetime, kind: str, source: sa.TableClause
    ) -> None:
        self._asked = connection, known_at, _SUBJECTS[source]
        self._connection, self._kind, self._key = connection, kind, source.c.id
        columns = source.c
        merged_into = columns.get("merged_into_id", sa.null())
        born = columns.created_at > known_at
        self._rows = sa.select(columns.id, columns.public_id, columns.name, merged_into, born)
        self._sought: set[int] = set()
        self._known: dict[int, Record] = {}
        # SQLite may have given the key of another, which is gone, to one that came later.
        self._later: dict[int, Record] = {}
        texts = sa.select(columns.id, _named(connection, kind, columns)).where(~born)
        self.called: dict[int, str] = dict(bare(connection, texts))
        self._changed = _changed(*self._asked)
        merged = sa.select(columns.id).where(merged_into.is_not(None))
        again = self._changed.keys() | {key for (key,) in bare(connection, merged)}
        again &= self.called.keys()
        self._read(again)
        self._name(again)

    def find(self, keys: set[int]) -> None:
        """Have a name for each of these."""
        missing = keys.difference(self.called)
        deleted = _deleted(*self._asked, missing)
        self._read(missing.difference(deleted))
        for key in missing:
            if key in deleted:
                seq, had = deleted[key]
                record = Record(key, had["public_id"], had["name"], had.get("merged_into_id"))
                self._known[key] = self._before(record, seq)
            else:
                self._known[key] = self._before(self._later[key])
        self._name(missing)

    def _name(self, keys: set[int]) -> None:
        self._read({self._known[key].merged_into_id for key in keys})
        self.called |= {key: named(self._kind, self._became(key)) for key in keys}

    def _read(self, keys: Collection[int | None]) -> None:
        """Know these, and whom they were merged into, as far as they are there."""
        wanted = {key for key in keys if key is not None}
        while wanted := wanted.difference(self._sought):
            self._sought |= wanted
            into: set[int | None] = set()
            for row in _of(self._connection, self._rows, self._key, wanted):
                record, later = Record(*row[:4]), row[4]
                before = self._before(record)
                if later:
                    self._later[record.id] = record
                else:
                    self._known[record.id] = before
                into |= {record.merged_into_id, before.merged_into_id}
            wanted = {key for key in into if key is not None}

    def _before(self, record: Record, until: int | None = None) -> Record:
        """The record as it was before its changes; those from ``until`` on are another's."""
        changes = self._changed.get(record[0], {}).items()
        former = {field: was for field, (seq, was) in changes if until is None or seq < until}
        return record._replace(**former)

    def _became(self, key: int) -> Record:
        """The company that this one had become by then."""
        seen = {key}
        record = self._known[key]
        while (into := record[3]) is not None and into not in seen:
            seen.add(into)
            found = self._known.get(into) or self._later.get(into)
            if found is None:
                break
            record = found
        return record


def _changed(
    connection: sa.Connection, known_at: datetime, subject: str
) -> dict[int, dict[str, tuple[int, Any]]]:
    """The earliest change of each name after the moment, by key and field: number, and before."""
    changes = connection.execute(
        sa.select(_CHANGE.subject_id, _CHANGE.seq, _CHANGE.field, _CHANGE.before)
        .join(_SETS, _SET.id == _CHANGE.change_set_id)
        .where(_CHANGE.subject == subject, _NAMING, _SET.known_at > known_at)
    )
    found: defaultdict[int, dict[str, tuple[int, Any]]] = defaultdict(dict)
    # Ordered here; the order of an index would lead SQLite astray.
    for key, seq, field, before in sorted(changes, key=lambda row: row[:2]):
        found[key].setdefault(field, (seq, before))
    return found


def _deleted(
    connection: sa.Connection, known_at: datetime, subject: str, keys: Collection[int]
) -> Mapping[int, tuple[int, dict[str, Any]]]:
    """The first deletion of each of these records after the moment: its number and what it had."""
    query = (
        sa.select(_CHANGE.subject_id, _CHANGE.seq, _CHANGE.before)
        .join(_SETS, _SET.id == _CHANGE.change_set_id)
        .where(_CHANGE.subject == subject, _CHANGE.field == "*")
        .where(_SET.known_at > known_at)
        .order_by(_CHANGE.subject_id, _CHANGE.seq.desc())
    )
    rows = _of(connection, query, _CHANGE.subject_id, keys)
    return {row[0]: (row[1], row[2]) for row in rows if row[2] is not None}


def _of(
    connection: sa.Connection,
    query: sa.Select[Any],
    column: sa.ColumnClause[Any],
    keys: Collection[int],
) -> Iterator[Any]:
    """The rows of a query that have one of these keys in a column."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _PART):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _PART])))


def _named(
    connection: sa.Connection, kind: str, columns: sa.sql.ColumnCollection[str, Any]
) -> sa.ColumnElement[str]:
    """What ``pipeline.named`` makes of a record, made by the database."""
    sqlite = connection.dialect.name == "sqlite"
    quoted = sa.func.json_quote(columns.name) if sqlite else sa.func.to_json(columns.name)
    head = sa.literal(f'"{kind}": "').concat(columns.public_id)
    return head.concat(f'", "{kind}_name": ').concat(sa.cast(quoted, sa.String))
