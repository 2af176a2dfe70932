"""What was known at a moment, from the versions and the trail, as one consistent reading."""

from __future__ import annotations

import gc
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm import beside, clock
from crm.audit import settled
from crm.errors import Refusal
from crm.messages import msg
from crm.reports.names import Called, by_key, streamed, table
from crm.reports.pipeline import (
    VALUES,
    Codes,
    Entered,
    Pipeline,
    Row,
    Version,
    Writer,
    Written,
    joined,
    rebuilt,
)
from models import engine
from models.columns import UTCDateTime

# Tables rather than models: a command that asks nothing else starts without them.
_VERSION = table(
    "lead_version",
    *("seq", "change_set_id", *Version._fields),
    known_from=UTCDateTime(),
    known_to=UTCDateTime(),
).c
_SETS = table("change_set", "id", known_at=UTCDateTime(), effective_at=UTCDateTime())
_SET = _SETS.c
_MOVE = table(
    "stage_change",
    *("lead_id", "seq", "to_stage", "to_status"),
    occurred_at=UTCDateTime(),
    recorded_at=UTCDateTime(),
).c
# Versions read and written at a time: few enough to stay in the processor's cache.
_ROWS = 256
_LATE_SET = sa.text("change_set.effective_at < change_set.known_at")
_LATE_MOVE = sa.text("stage_change.occurred_at < stage_change.recorded_at")


def pipeline_at(
    database: sa.Engine, known_at: datetime, effective_at: datetime | None = None, *, parts: int = 1
) -> Pipeline:
    """The pipeline that had come about by ``effective_at`` as it was known at ``known_at``.

    Whatever is done afterwards, the same two moments give the same pipeline: the moment is settled
    before it is read. Commits nothing of the session. In ``parts`` it is read by as many processes,
    each with its share of the leads (``beside.in_parts`` says when that may be). Raises Refusal for
    a moment to come.
    """
    if known_at > clock.now():
        raise Refusal(
            {"known_at": [msg("还没到这个时刻，谁也不知道那时会怎样。请给一个过去的时刻。")]}
        )
    by = known_at if effective_at is None else effective_at
    settled.settle(database, known_at)
    if parts > 1:
        # Each opens its own.
        database.dispose()
    read = beside.in_parts(
        lambda number: _read(database, known_at, by, Share(number, parts)), parts
    )
    return joined(known_at, by, read)


class Share(NamedTuple):
    """Which of the leads: of so many shares the one with this number."""

    number: int
    of: int

    def has(self, key: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a lead is in it, by its key."""
        return key % self.of == self.number if self.of > 1 else sa.true()


def _read(database: sa.Engine, known_at: datetime, by: datetime, share: Share) -> Written:
    """A share of the pipeline. What is settled is the same in each state of the database."""
    with _snapshot(database) as connection, uncollected():
        called = Called(connection, known_at, share.has)
        separator = "," if connection.dialect.name == "sqlite" else ", "
        writer = Writer(_codes(connection), called.names, clock.local_date(by), separator)
        late = _late(connection, known_at, by, share) if by < known_at else {}
        nameless: list[Row] = []
        for rows in _standing(connection, min(known_at, by), late, share):
            nameless += writer.write(rows)
        anew = (rebuilt(entered, by) for entered in late.values())
        nameless += writer.write([writer.row(version) for version in anew if version])
        if nameless:
            called.find(nameless)
            writer.write(nameless)
        return writer.written()


@contextmanager
def _snapshot(database: sa.Engine) -> Iterator[sa.Connection]:
    """All statements inside see one state of the database."""
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


def _values(connection: sa.Connection) -> sa.ColumnElement[str]:
    """Most columns of a version as one JSON array: a tenth of a second less than one by one."""
    columns = [_VERSION[name] for name in VALUES]
    if connection.dialect.name == "sqlite":
        return sa.func.json_array(*columns, type_=sa.String)
    return sa.cast(sa.func.json_build_array(*columns), sa.String)


def _standing(
    connection: sa.Connection, at: datetime, late: Container[int], share: Share
) -> Iterator[Sequence[Row]]:
    """Each lead as it stood, some at a time, but those of which something came in late."""
    whose = (_VERSION[name] for name in Row._fields[:-1])
    begun = sa.select(*whose, _values(connection)).where(
        _VERSION.known_from <= at, share.has(_VERSION.lead_id)
    )
    both = sa.union_all(
        begun.where(_VERSION.known_to.is_(None)), begun.where(_VERSION.known_to > at)
    )
    for rows in streamed(connection, both, _ROWS):
        yield [row for row in rows if row[0] not in late] if late else rows


def _late(
    connection: sa.Connection, known_at: datetime, by: datetime, share: Share
) -> dict[int, list[Entered]]:
    """All versions known then of the leads of which something came in after it had happened."""
    of_sets = (
        sa.select(_VERSION.lead_id)
        .join(_SETS, _SET.id == _VERSION.change_set_id)
        .where(_LATE_SET, _SET.known_at > by, _SET.effective_at <= by)
        .where(_VERSION.known_from <= known_at, share.has(_VERSION.lead_id))
    )
    of_moves = (
        sa.select(_MOVE.lead_id)
        .where(_LATE_MOVE, _MOVE.recorded_at > by, _MOVE.recorded_at <= known_at)
        .where(_MOVE.occurred_at <= by, share.has(_MOVE.lead_id))
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
        segment=by_key(connection, table("segment", "id", "code")),
        channel=by_key(connection, table("channel", "id", "code")),
        team=by_key(connection, table("team", "id", "code")),
        district=by_key(connection, table("district", "id", "code")),
        park=by_key(connection, table("park", "id", "code")),
    )
