"""What was known at a moment, from the versions and the trail, as one consistent reading."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.audit import settled
from crm.errors import Refusal
from crm.messages import msg
from crm.reports.pipeline import (
    Codes,
    Entered,
    Names,
    Pipeline,
    Record,
    Standing,
    Version,
    Writer,
    rebuilt,
)
from models import db, engine
from models.base import NAMING, UTCDateTime


def _table(name: str, *columns: str, **typed: sa.types.TypeEngine[Any]) -> sa.TableClause:
    """What is read of a table."""
    return sa.table(
        name,
        *map(sa.column, columns),
        *(sa.column(column, kind) for column, kind in typed.items()),
    )


# Tables rather than models: a command that asks nothing else starts without them.
_VERSION = _table(
    "lead_version",
    *("seq", "change_set_id", *Version._fields),
    known_from=UTCDateTime(),
    known_to=UTCDateTime(),
).c
_CHANGES = _table(
    "change", "change_set_id", "subject", "subject_id", "seq", "field", before=sa.JSON()
)
_SETS = _table("change_set", "id", known_at=UTCDateTime(), effective_at=UTCDateTime())
_CHANGE, _SET = _CHANGES.c, _SETS.c
_MOVE = _table(
    "stage_change",
    *("lead_id", "seq", "to_stage", "to_status"),
    occurred_at=UTCDateTime(),
    recorded_at=UTCDateTime(),
).c
_LEAD = _table("lead", "id", "public_id")
_COMPANY = _table("company", "id", "public_id", "name", "merged_into_id", created_at=UTCDateTime())
_PERSON = _table("user_account", "id", "public_id", "name", created_at=UTCDateTime())
# What the trail calls the records of each.
_SUBJECTS = {_LEAD: "lead", _COMPANY: "company", _PERSON: "user"}
# Written into the statement, not sent beside it, or SQLite would not see that the index fits.
_NAMING = sa.text(f"change.field IN {NAMING}")
# Keys asked for in one statement.
_PART = 500
# Versions read and written at a time: few enough to stay in the processor's cache.
_ROWS = 256
_LATE_SET = sa.text("change_set.effective_at < change_set.known_at")
_LATE_MOVE = sa.text("stage_change.occurred_at < stage_change.recorded_at")


def pipeline_at(known_at: datetime, effective_at: datetime | None = None) -> Pipeline:
    """The pipeline that had come about by ``effective_at`` as it was known at ``known_at``.

    Whatever is done afterwards, the same two moments give the same pipeline: the moment is settled
    before it is read. Commits nothing of the session. Raises Refusal for a moment to come.
    """
    if known_at > clock.now():
        raise Refusal(
            {"known_at": [msg("还没到这个时刻，谁也不知道那时会怎样。请给一个过去的时刻。")]}
        )
    by = known_at if effective_at is None else effective_at
    settled.settle(db.engine, known_at)
    with _snapshot() as connection, uncollected():
        writer = Writer(_codes(connection), clock.local_date(by))
        for versions in _versions(connection, known_at, by):
            writer.write(versions)
        names = _names(connection, known_at, writer.leads)
        return Pipeline(known_at, by, writer.totals(), writer.leads, names)


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """All statements inside see one state of the database."""
    database = db.engine
    if database.dialect.name == "postgresql":
        database = database.execution_options(isolation_level="REPEATABLE READ")
    with engine.reading(), database.connect() as connection:
        yield connection


@contextmanager
def uncollected() -> Iterator[None]:
    """Many small tuples and no circle among them: looking for circles would cost a tenth."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _columns(connection: sa.Connection) -> list[sa.ColumnElement[Any]]:
    """The columns of a version in its order; dates as text, which is what SQLite holds anyway."""
    columns = [_VERSION[name] for name in Version._fields]
    if connection.dialect.name == "sqlite":
        return list(columns)
    return [sa.cast(column, sa.String) if _dated(column) else column for column in columns]


def _dated(column: sa.ColumnClause[Any]) -> bool:
    return column.name.endswith(("_on", "_since", "_until"))


def _versions(
    connection: sa.Connection, known_at: datetime, by: datetime
) -> Iterator[Sequence[Version]]:
    """Each lead as it stood: the version of the earlier moment, unless something came in late."""
    at = min(known_at, by)
    late = _late(connection, known_at, by) if by < known_at else {}
    begun = sa.select(*_columns(connection)).where(_VERSION.known_from <= at)
    standing = sa.union_all(
        begun.where(_VERSION.known_to.is_(None)), begun.where(_VERSION.known_to > at)
    )
    cursor = _cursor(connection, standing)
    while rows := cursor.fetchmany(_ROWS):
        if stayed := [row for row in rows if row[0] not in late] if late else rows:
            yield stayed
    if anew := [version for entered in late.values() if (version := rebuilt(entered, by))]:
        yield anew


def _bare(connection: sa.Connection, statement: sa.Executable) -> list[Any]:
    """All rows as the driver gives them: half the time of rows that know their columns."""
    rows: list[Any] = _cursor(connection, statement).fetchall()
    return rows


def _cursor(connection: sa.Connection, statement: sa.Executable) -> Any:
    return connection.execute(statement).cursor


def _late(connection: sa.Connection, known_at: datetime, by: datetime) -> dict[int, list[Entered]]:
    """All versions known then of the leads of which something came in after it had happened."""
    of_sets = (
        sa.select(_VERSION.lead_id)
        .join(_SETS, _SET.id == _VERSION.change_set_id)
        .where(_LATE_SET, _SET.known_at > by, _SET.effective_at <= by)
        .where(_VERSION.known_from <= known_at)
    )
    of_moves = (
        sa.select(_MOVE.lead_id)
        .where(_LATE_MOVE, _MOVE.recorded_at > by, _MOVE.recorded_at <= known_at)
        .where(_MOVE.occurred_at <= by)
    )
    leads = sorted(set(connection.scalars(sa.union(of_sets, of_moves))))
    found: dict[int, list[Entered]] = {}
    for lead_id in leads:
        found[lead_id] = _entered(connection, lead_id, known_at)
    return found


def _entered(connection: sa.Connection, lead_id: int, known_at: datetime) -> list[Entered]:
    """The versions of one lead known then, in order, each with when its changes held from."""
    moves = [
        tuple(row)
        for row in connection.execute(
            sa.select(
                _MOVE.to_stage,
                _MOVE.to_status,
                _MOVE.recorded_at,
                _MOVE.occurred_at,
            )
            .where(_LATE_MOVE, _MOVE.lead_id == lead_id)
            .where(_MOVE.recorded_at <= known_at)
            .order_by(_MOVE.seq)
        )
    ]
    rows = connection.execute(
        sa.select(*_columns(connection), _VERSION.known_from, _SET.effective_at)
        .join(_SETS, _SET.id == _VERSION.change_set_id)
        .where(_VERSION.lead_id == lead_id, _VERSION.known_from <= known_at)
        .order_by(_VERSION.seq)
    )
    found = []
    for *values, known_from, effective_at in rows:
        version = Version._make(values)
        moved_at = effective_at
        # A move is written just before the version it leads to.
        if moves and moves[0][2] <= known_from and moves[0][:2] == (version.stage, version.status):
            moved_at = moves.pop(0)[3]
        found.append(Entered(version, effective_at, moved_at))
    return found


def _codes(connection: sa.Connection) -> Codes:
    return Codes(
        segment=_by_key(connection, _table("segment", "id", "code")),
        channel=_by_key(connection, _table("channel", "id", "code")),
        team=_by_key(connection, _table("team", "id", "code")),
        district=_by_key(connection, _table("district", "id", "code")),
        park=_by_key(connection, _table("park", "id", "code")),
    )


def _names(connection: sa.Connection, known_at: datetime, leads: Sequence[Standing]) -> Names:
    companies = _known(
        connection, _COMPANY, known_at, _COMPANY.c.merged_into_id, {lead[1] for lead in leads}
    )
    merged = [key for key, (_key, _id, _name, into) in companies.items() if into is not None]
    return Names(
        lead=_leads(connection, known_at, {lead[0] for lead in leads}),
        company={**companies, **{key: _became(key, companies) for key in merged}},
        user=_known(connection, _PERSON, known_at, sa.null(), {lead[2] for lead in leads}),
    )


def _leads(connection: sa.Connection, known_at: datetime, wanted: set[int]) -> dict[int, str]:
    """Leads by their public ids, those among them that the undoing of an import has deleted."""
    found = _by_key(connection, _LEAD)
    if gone := wanted - found.keys():
        deleted = _deleted(connection, _LEAD, known_at, gone)
        found |= {key: had["public_id"] for key, (_seq, had) in deleted.items()}
    return found


def _by_key(connection: sa.Connection, table: sa.TableClause) -> dict[int, str]:
    """What names each row for ever: the public id of a lead, the code of all else."""
    return dict(_bare(connection, sa.select(*table.c)))


def _became(key: int, companies: Mapping[int, Record]) -> Record:
    """The company that this one had become by then."""
    seen = {key}
    while (into := companies[key][3]) is not None and into in companies and into not in seen:
        seen.add(into)
        key = into
    return companies[key]


def _known(
    connection: sa.Connection,
    table: sa.TableClause,
    known_at: datetime,
    merged_into: sa.ColumnElement[Any],
    wanted: set[int],
) -> dict[int, Record]:
    """Records as they were known: what they have now, unless it changed later.

    Then it is what stood there before the earliest later change. Of ``wanted`` keys, what was
    deleted later is there with what it had then, also when SQLite gave its key to another since.
    """
    columns = table.c
    rows = _bare(connection, sa.select(columns.id, columns.public_id, columns.name, merged_into))
    known: dict[int, Record] = {row[0]: row for row in rows}
    born_later = _bare(connection, sa.select(columns.id).where(columns.created_at > known_at))
    gone = (wanted - known.keys()) | wanted.intersection(key for (key,) in born_later)
    deleted = _deleted(connection, table, known_at, gone) if gone else {}
    for key, (_seq, had) in deleted.items():
        known[key] = Record(key, had["public_id"], had["name"], had.get("merged_into_id"))
    changes = connection.execute(
        sa.select(_CHANGE.subject_id, _CHANGE.seq, _CHANGE.field, _CHANGE.before)
        .join(_SETS, _SET.id == _CHANGE.change_set_id)
        .where(_CHANGE.subject == _SUBJECTS[table], _NAMING, _SET.known_at > known_at)
    )
    # The earliest comes last and stays; the order of an index would lead SQLite astray.
    for key, seq, field, before in sorted(changes, key=lambda row: row[:2], reverse=True):
        if key in known and (key not in deleted or seq < deleted[key][0]):
            known[key] = Record(*known[key])._replace(**{field: before})
    return known


def _deleted(
    connection: sa.Connection, table: sa.TableClause, known_at: datetime, keys: set[int]
) -> dict[int, tuple[int, dict[str, Any]]]:
    """The first deletion of each of these records after the moment: its number and what it had."""
    query = (
        sa.select(_CHANGE.subject_id, _CHANGE.seq, _CHANGE.before)
        .join(_SETS, _SET.id == _CHANGE.change_set_id)
        .where(_CHANGE.subject == _SUBJECTS[table], _CHANGE.field == "*")
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
