"""Keeps ``segment_leads``, a team's leads on each segment of the chain, in each lead's flush."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.chain.rules import IN_TALKS, LANDED, SIGNED_ONLY
from models.creating import Created
from models.enums import Status
from models.flushed import follow, records_of, was
from models.lead import Lead
from models.segment import SegmentLeads
from models.sets import add_up


class Cell(NamedTuple):
    """One number of the summary, by its column; in which order the rows are written."""

    team_id: int
    segment_id: int
    column: str


_STAGES = {"ongoing": IN_TALKS, "signed": SIGNED_ONLY, "landed": LANDED}
_COLUMNS = tuple(_STAGES)
_COLUMN_OF = {stage: column for column, stages in _STAGES.items() for stage in stages}


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _count_created)


def rebuild(session: Session) -> None:
    """Count all leads anew (a command, and after a bulk load)."""
    connection = session.connection()
    connection.execute(sa.delete(SegmentLeads))
    _write(session, _counted(connection))


def wrong(session: Session) -> int:
    """How many numbers differ from a count: none, unless leads were written past a session."""
    connection = session.connection()
    kept: Counter[Cell] = Counter()
    for row in connection.execute(sa.select(SegmentLeads.__table__)).mappings():
        for column in _COLUMNS:
            kept[Cell(row["team_id"], row["segment_id"], column)] = row[column]
    right = _counted(connection)
    return sum(kept[cell] != right[cell] for cell in kept.keys() | right.keys())


def _counted(connection: sa.Connection) -> Counter[Cell]:
    cell = (Lead.team_id, Lead.segment_id, Lead.stage)
    query = sa.select(*cell, sa.func.count()).where(
        Lead.status != Status.LOST, Lead.archived_at.is_(None)
    )
    numbers: Counter[Cell] = Counter()
    for team_id, segment_id, stage, n in connection.execute(query.group_by(*cell)):
        numbers[Cell(team_id, segment_id, _COLUMN_OF[stage])] += n
    return numbers


def _keep(session: Session, _flush: Any) -> None:
    deltas: Counter[Cell] = Counter()
    for lead in records_of(Lead, (*session.new, *session.dirty)):
        deltas.update(
            _cell(lead.team_id, lead.segment_id, lead.stage, lead.status, lead.archived_at)
        )
    for lead in records_of(Lead, (*session.dirty, *session.deleted)):
        deltas.subtract(_cell(*(was(lead, name) for name in _NAMES)))
    _write(session, deltas)


def _count_created(session: Session, created: Created) -> None:
    deltas: Counter[Cell] = Counter()
    for row in created.get(Lead, ()):
        deltas.update(_cell(*(row.get(name) for name in _NAMES)))
    _write(session, deltas)


_NAMES = ("team_id", "segment_id", "stage", "status", "archived_at")


def _cell(
    team_id: Any, segment_id: Any, stage: Any, status: Any, archived_at: Any
) -> tuple[Cell, ...]:
    """Where a lead counts; nowhere while it is lost or in the trash."""
    if status is Status.LOST or archived_at is not None:
        return ()
    return (Cell(team_id, segment_id, _COLUMN_OF[stage]),)


def _write(session: Session, deltas: Counter[Cell]) -> None:
    """Add the differences, rows in one order, so that two writers never lock crosswise."""
    rows: dict[tuple[int, int], dict[str, int]] = {}
    for cell in sorted(cell for cell, n in deltas.items() if n):
        key = {"team_id": cell.team_id, "segment_id": cell.segment_id}
        row = rows.setdefault(
            (cell.team_id, cell.segment_id), {**key, **dict.fromkeys(_COLUMNS, 0)}
        )
        row[cell.column] = deltas[cell]
    add_up(session, SegmentLeads.__table__, list(rows.values()))
