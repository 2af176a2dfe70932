"""What leads, companies and people were called at a moment, and how that is read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.reports.pipeline import Names, Record, Row, named
from models.plain import NAMING, Connection

# What the trail calls the records of each kind, their table, and whom a record was merged into.
_KINDS = {
    "company": ("company", "company", "merged_into_id"),
    "owner": ("user", "user_account", "NULL"),
}
_LEADS = "SELECT id, public_id FROM lead WHERE id {among}"
_ROWS = """
    SELECT id, public_id, name, {merged_into}, created_at > :known_at
    FROM {table} WHERE id {among}
"""
_TEXTS = "SELECT r.id, {named} FROM {table} AS r WHERE r.created_at <= :known_at"
# The fields stand in the statement, not beside it, or SQLite would not see that the index fits.
_CHANGED = f"""
    SELECT c.subject_id, c.seq, c.field, CAST(c.before AS TEXT)
    FROM change AS c JOIN change_set AS s ON s.id = c.change_set_id
    WHERE c.subject = :subject AND c.field IN {NAMING} AND s.known_at > :known_at
"""  # noqa: S608 (of constants)
_DELETED = """
    SELECT c.subject_id, c.seq, CAST(c.before AS TEXT)
    FROM change AS c JOIN change_set AS s ON s.id = c.change_set_id
    WHERE c.subject = :subject AND c.field = '*' AND s.known_at > :known_at
    AND c.subject_id {among}
    ORDER BY c.subject_id, c.seq DESC
"""
# All that was told of these records.
_TOLD = """
    SELECT c.subject_id, c.seq, c.field, CAST(c.after AS TEXT) FROM change AS c
    WHERE c.subject = :subject AND c.subject_id {among}
    ORDER BY c.subject_id, c.seq
"""


class Called:
    """Who was called what at a moment, beside what a lead's row says of its lead and company."""

    def __init__(self, connection: Connection, known_at: datetime) -> None:
        """Read the names of people, and of the companies that had another one then."""
        self._asked = connection, known_at
        self._companies = _Kind(connection, known_at, "company")
        self._owners = _Kind(connection, known_at, "owner")
        self._companies.correct()
        self._owners.read_all()
        self.names = Names({}, self._companies.called, self._owners.called)

    def find(self, rows: Sequence[Row]) -> None:
        """Give names to those of these leads, companies and owners that have none yet."""
        asked = list(map(Row._make, rows))
        leads = {row.lead_id for row in asked if row.lead is None}
        connection, _known_at = self._asked
        there = connection.rows(_LEADS.format(among=connection.among), keys=connection.keys(leads))
        self.names.lead.update(there)
        # A lead is gone by the undoing of an import, or purged.
        deleted = _deleted(*self._asked, "lead", leads.difference(self.names.lead))
        self.names.lead.update({key: had["public_id"] for key, (_seq, had) in deleted.items()})
        self._companies.find({row.company_id for row in asked if row.company is None})
        self._owners.find({row.owner_id for row in asked})


class _Kind:
    """Companies or people as they were known.

    They have the name of now, unless it changed later: then it is what stood there before the
    earliest later change. ``called`` is what each is named by; the database writes that for those
    of whom nothing changed, and the few others are read one by one.
    """

    def __init__(self, connection: Connection, known_at: datetime, kind: str) -> None:
        subject, self._table, self._merged_into = _KINDS[kind]
        self._asked = connection, known_at, subject
        self._connection, self._kind = connection, kind
        self._known_at = connection.told(known_at)
        self._sought: set[int] = set()
        self._known: dict[int, Record] = {}
        # SQLite may have given the key of another, which is gone, to one that came later.
        self._later: dict[int, Record] = {}
        self._changed = _changed(*self._asked)
        self.called: dict[int, str] = {}

    def read_all(self) -> None:
        """Have a name for all that were there then and are there now."""
        texts = _TEXTS.format(named=naming(self._connection, self._kind, "r"), table=self._table)
        self.called |= self._connection.rows(texts, known_at=self._known_at)
        self.correct()

    def correct(self) -> None:
        """Have a name for those that changed it."""
        self._read(self._changed)
        self._name(self._known.keys() & self._changed)

    def find(self, keys: set[int]) -> None:
        """Have a name for each of these."""
        missing = keys.difference(self.called)
        self._read(missing)
        gone = missing.difference(self._known)
        deleted = _deleted(*self._asked, gone)
        for key in gone:
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
        asked = _ROWS.format(
            merged_into=self._merged_into, table=self._table, among=self._connection.among
        )
        while wanted := wanted.difference(self._sought):
            self._sought |= wanted
            into: set[int | None] = set()
            given = self._connection.keys(wanted)
            for row in self._connection.rows(asked, known_at=self._known_at, keys=given):
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


def naming(connection: Connection, kind: str, row: str) -> str:
    """What ``pipeline.named`` makes of a record, made by the database; ``row``: of what."""
    quoted = connection.quoted(f"{row}.name")
    return f"""'"{kind}": "' || {row}.public_id || '", "{kind}_name": ' || {quoted}"""


def _changed(
    connection: Connection, known_at: datetime, subject: str
) -> dict[int, dict[str, tuple[int, Any]]]:
    """The earliest change of each name after the moment, by key and field: number, and before."""
    changes = connection.rows(_CHANGED, subject=subject, known_at=connection.told(known_at))
    found: defaultdict[int, dict[str, tuple[int, Any]]] = defaultdict(dict)
    # Ordered here; the order of an index would lead SQLite astray.
    for key, seq, field, before in sorted(changes, key=lambda row: row[:2]):
        found[key].setdefault(field, (seq, _read_json(before)))
    return found


def _deleted(
    connection: Connection, known_at: datetime, subject: str, keys: Collection[int]
) -> Mapping[int, tuple[int, dict[str, Any]]]:
    """The first deletion of each of these records after the moment: its number and what it had."""
    rows = connection.rows(
        _DELETED.format(among=connection.among),
        subject=subject,
        known_at=connection.told(known_at),
        keys=connection.keys(keys),
    )
    read = ((key, seq, _read_json(before)) for key, seq, before in rows)
    found = {key: (seq, had) for key, seq, had in read if had is not None}
    purged = {key: seq for key, (seq, had) in found.items() if "public_id" not in had}
    return found | _purged(connection, subject, purged) if purged else found


def _purged(
    connection: Connection, subject: str, ended: Mapping[int, int]
) -> dict[int, tuple[int, dict[str, Any]]]:
    """What records had of which the last word does not say it: replayed from all that was told of
    them before; ``ended``: the number of that word by key."""
    asked = _TOLD.format(among=connection.among)
    found: dict[int, tuple[int, dict[str, Any]]] = {}
    for key, seq, field, after in connection.rows(
        asked, subject=subject, keys=connection.keys(ended)
    ):
        if seq >= ended[key]:
            continue
        _seq, had = found.get(key, (ended[key], {}))
        said = _read_json(after)
        found[key] = ended[key], (said or {}) if field == "*" else {**had, field: said}
    return found


def _read_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
