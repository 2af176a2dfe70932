"""What leads, companies and people were called at a moment, and how its tables are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm.reports.pipeline import Names, Record, Row, named
from models.base import NAMING, UTCDateTime


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


def cursor_of(connection: sa.Connection, statement: sa.Executable) -> Any:
    """The driver's own cursor with the rows of a statement."""
    return connection.execute(statement).cursor


def bare(connection: sa.Connection, statement: sa.Executable) -> list[Any]:
    """All rows as the driver gives them: half the time of rows that know their columns."""
    rows: list[Any] = cursor_of(connection, statement).fetchall()
    return rows


def by_key(connection: sa.Connection, source: sa.TableClause) -> dict[int, str]:
    """What names each row for ever: the public id of a lead, the code of all else."""
    return dict(bare(connection, sa.select(*source.c)))


class Called:
    """Who was called what at a moment: those that are there now, and the others when asked for."""

    def __init__(self, connection: sa.Connection, known_at: datetime) -> None:
        """Read the names of all that is there."""
        self._leads = by_key(connection, _LEAD)
        self._companies = _Kind(
            connection, known_at, "company", _COMPANY, _COMPANY.c.merged_into_id
        )
        self._owners = _Kind(connection, known_at, "owner", _PERSON, sa.null())
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
    earliest later change. ``called`` is what each is named by.
    """

    def __init__(
        self,
        connection: sa.Connection,
        known_at: datetime,
        kind: str,
        source: sa.TableClause,
        merged_into: sa.ColumnElement[Any],
    ) -> None:
        self._asked = connection, known_at, _SUBJECTS[source]
        self._kind = kind
        columns = source.c
        rows = bare(connection, sa.select(columns.id, columns.public_id, columns.name, merged_into))
        self._known: dict[int, Record] = {row[0]: row for row in rows}
        born = sa.select(columns.id).where(columns.created_at > known_at)
        # SQLite may have given the key of another, which is gone, to one that came later.
        self._later = {key: self._known.pop(key) for (key,) in bare(connection, born)}
        self._changed = _changed(*self._asked)
        for key in self._changed.keys() & self._known.keys():
            self._known[key] = self._before(self._known[key])
        self.called = {key: named(kind, record) for key, record in self._known.items()}
        for key in [key for key, record in self._known.items() if record[3] is not None]:
            self.called[key] = named(kind, self._became(key))

    def find(self, keys: set[int]) -> None:
        """Have a name for each of these."""
        missing = keys.difference(self.called)
        deleted = _deleted(*self._asked, missing)
        for key in missing:
            if key in deleted:
                seq, had = deleted[key]
                record = Record(key, had["public_id"], had["name"], had.get("merged_into_id"))
                self._known[key] = self._before(record, seq)
            else:
                self._known[key] = self._before(self._later[key])
        self.called |= {key: named(self._kind, self._became(key)) for key in missing}

    def _before(self, record: Record, until: int | None = None) -> Record:
        """The record as it was before its changes; those from ``until`` on are another's."""
        changes = self._changed.get(record[0], {}).items()
        former = {field: was for field, (seq, was) in changes if until is None or seq < until}
        return Record(*record)._replace(**former)

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
    found: dict[int, tuple[int, dict[str, Any]]] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        rows = connection.execute(query.where(_CHANGE.subject_id.in_(part)))
        found |= {key: (seq, before) for key, seq, before in rows if before is not None}
    return found
