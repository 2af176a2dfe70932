"""What was known at a moment, from the versions and the trail, as one consistent reading."""

from __future__ import annotations

import gc
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from crm import beside, clock
from crm.audit.settling import settle
from crm.errors import Refusal
from crm.messages import msg
from crm.reports.names import Called, naming
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
from models.plain import Connection, Database

# Versions read and written at a time: few enough to stay in the processor's cache.
_ROWS = 256
# So many leads say where the others are.
_SAMPLE = 500

_SHARE = "{column} >= {first} AND {column} < {until}"
# One name is enough to tell a version's lead and company, unless something happened to them since.
_BEGUN = """
    SELECT v.lead_id, v.company_id, v.owner_id, l.public_id, {company}, v.project, {values}
    FROM lead_version AS v {order}
    LEFT JOIN lead AS l ON l.id = v.lead_id
    LEFT JOIN company AS c ON c.id = v.company_id
        AND c.created_at <= :known_at AND c.merged_into_id IS NULL
    WHERE v.known_from <= :at AND {share}
"""
_STILL = f"{_BEGUN} AND v.known_to IS NULL"
_SINCE = f"{_BEGUN} AND v.known_to > :at"
# What still stands is read lead by lead, where its lead and company are neighbours; or, when most
# of it came later than the moment, by that. SQLite would never do the former by itself.
_BY_LEAD = "INDEXED BY uq_lead_version_current"
_BY_MOMENT = "INDEXED BY ix_lead_version_known"
_WERE = "SELECT id FROM lead WHERE id {among} AND created_at <= :at ORDER BY id"
_STANDS = """
    SELECT count(*) FROM lead_version
    WHERE lead_id {among} AND known_to IS NULL AND known_from <= :at
"""
_LATE_SETS = """
    SELECT id FROM change_set
    WHERE effective_at < known_at AND known_at > :by AND effective_at <= :by
"""
_OF_SETS = """
    SELECT DISTINCT lead_id FROM lead_version
    WHERE change_set_id {among} AND known_from <= :known_at AND {share}
"""
_OF_MOVES = """
    SELECT DISTINCT lead_id FROM stage_change
    WHERE occurred_at < recorded_at AND recorded_at > :by AND recorded_at <= :known_at
    AND occurred_at <= :by AND {share}
"""
_MOVES = """
    SELECT to_stage, to_status, recorded_at, occurred_at FROM stage_change
    WHERE occurred_at < recorded_at AND lead_id = :lead AND recorded_at <= :known_at
    ORDER BY seq
"""
_VERSIONS = """
    SELECT {columns}, v.known_from, s.effective_at
    FROM lead_version AS v JOIN change_set AS s ON s.id = v.change_set_id
    WHERE v.lead_id = :lead AND v.known_from <= :known_at
    ORDER BY v.seq
"""


def pipeline_at(
    database: Database, known_at: datetime, effective_at: datetime | None = None, *, parts: int = 1
) -> Pipeline:
    """The pipeline that had come about by ``effective_at`` as it was known at ``known_at``.

    Whatever is done afterwards, the same two moments give the same pipeline: the moment is settled
    before it is read. In ``parts`` it is read by as many processes, each with its share of the
    leads (``beside.in_parts`` says when that may be). Raises Refusal for a moment to come.
    """
    if known_at > clock.now():
        raise Refusal(
            {"known_at": [msg("还没到这个时刻，谁也不知道那时会怎样。请给一个过去的时刻。")]}
        )
    by = known_at if effective_at is None else effective_at
    with database.opened() as connection:
        settle(connection, known_at)
        shares = _shares(connection, known_at, parts)
    read = beside.in_parts(lambda number: _read(database, known_at, by, shares[number]), parts)
    return joined(known_at, by, read)


class Share(NamedTuple):
    """Some of the leads: from one key on, and until before another."""

    first: int
    until: int
    some: Sequence[int]
    """A few of those that were there at the moment."""

    def of(self, column: str) -> str:
        """Whether a lead is in it, by its key."""
        return _SHARE.format(column=column, first=self.first, until=self.until)


_AFTER_ALL = 2**31


def _shares(connection: Connection, known_at: datetime, parts: int) -> list[Share]:
    """All leads in shares that are about as large, by when some of them came."""
    [(first, last)] = connection.rows("SELECT min(id), max(id) FROM lead")
    asked = range(first or 0, (last or 0) + 1, 1 + ((last or 0) - (first or 0)) // _SAMPLE)
    were = _WERE.format(among=connection.among)
    told = connection.told(known_at)
    found = [key for (key,) in connection.rows(were, keys=connection.keys(asked), at=told)]
    ends = [len(found) * number // parts for number in range(parts + 1)]
    bounds = [0, *(found[end] if found else 0 for end in ends[1:-1]), _AFTER_ALL]
    return [
        Share(bounds[number], bounds[number + 1], found[ends[number] : ends[number + 1]])
        for number in range(parts)
    ]


def _read(database: Database, known_at: datetime, by: datetime, share: Share) -> Written:
    """A share of the pipeline. What is settled is the same in each state of the database."""
    with database.opened() as connection, connection.transaction(), uncollected():
        called = Called(connection, known_at)
        separator = "," if connection.sqlite else ", "
        writer = Writer(_codes(connection), called.names, clock.local_date(by), separator)
        late = _late(connection, known_at, by, share) if by < known_at else {}
        nameless: list[Row] = []
        for rows in _standing(connection, known_at, min(known_at, by), late, share):
            nameless += writer.write(rows)
        anew = (rebuilt(entered, by) for entered in late.values())
        nameless += writer.write([writer.row(version) for version in anew if version])
        if nameless:
            called.find(nameless)
            writer.write(nameless)
        return writer.written()


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


def _standing(
    connection: Connection, known_at: datetime, at: datetime, late: Container[int], share: Share
) -> Iterator[Sequence[Row]]:
    """Each lead as it stood, some at a time, but those of which something came in late."""
    told = connection.told(at)
    begun = partial(
        str.format,
        company=naming(connection, "company", "c"),
        # Most columns as one text: a tenth of a second less than one by one.
        values=connection.array(", ".join(f"v.{name}" for name in VALUES)),
        share=share.of("v.lead_id"),
    )
    still = begun(_STILL, order=_order(connection, told, share))
    since = begun(_SINCE, order=_BY_MOMENT if connection.sqlite else "")
    asked = f"{still} UNION ALL {since}"
    moments = {"known_at": connection.told(known_at), "at": told}
    for rows in connection.streamed(asked, _ROWS, **moments):
        yield [row for row in rows if row[0] not in late] if late else rows


def _order(connection: Connection, told: Any, share: Share) -> str:
    """How SQLite is to find what still stands; PostgreSQL knows by itself."""
    if not connection.sqlite:
        return ""
    keys, asked = connection.keys(share.some), _STANDS.format(among=connection.among)
    [(standing,)] = connection.rows(asked, keys=keys, at=told)
    return _BY_LEAD if standing * 2 > len(share.some) else _BY_MOMENT


def _late(
    connection: Connection, known_at: datetime, by: datetime, share: Share
) -> dict[int, list[Entered]]:
    """All versions known then of the leads of which something came in after it had happened."""
    moments = {"by": connection.told(by), "known_at": connection.told(known_at)}
    part = share.of("+lead_id")  # the plus keeps SQLite from reading all that was of so many leads
    leads = set(connection.rows(_OF_MOVES.format(share=part), **moments))
    # Seldom any, and to find theirs all versions are read.
    if sets := {key for (key,) in connection.rows(_LATE_SETS, **moments)}:
        of_sets = _OF_SETS.format(among=connection.among, share=part)
        leads.update(connection.rows(of_sets, keys=connection.keys(sets), **moments))
    return {lead: _entered(connection, lead, known_at) for (lead,) in sorted(leads)}


def _entered(connection: Connection, lead: int, known_at: datetime) -> list[Entered]:
    """The versions of one lead known then, in order, each with when its changes held from."""
    told, moment = connection.told(known_at), connection.moment
    moves = connection.rows(_MOVES, lead=lead, known_at=told)
    columns = ", ".join(
        f"CAST(v.{name} AS TEXT)" if _dated(name) else f"v.{name}" for name in Version._fields
    )
    found = []
    for *values, known_from, effective_at in connection.rows(
        _VERSIONS.format(columns=columns), lead=lead, known_at=told
    ):
        version = Version._make(values)
        moved_at = effective_at
        # A move is written just before the version it leads to.
        if moves and moves[0][2] <= known_from and moves[0][:2] == (version.stage, version.status):
            moved_at = moves.pop(0)[3]
        found.append(Entered(version, moment(effective_at), moment(moved_at)))
    return found


def _dated(column: str) -> bool:
    return column.endswith(("_on", "_since", "_until"))


def _codes(connection: Connection) -> Codes:
    """What each row is called for ever, by its key."""
    return Codes(
        segment=dict(connection.rows("SELECT id, code FROM segment")),
        channel=dict(connection.rows("SELECT id, code FROM channel")),
        team=dict(connection.rows("SELECT id, code FROM team")),
        district=dict(connection.rows("SELECT id, code FROM district")),
        park=dict(connection.rows("SELECT id, code FROM park")),
    )
