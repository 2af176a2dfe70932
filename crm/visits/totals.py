"""Keeps ``visit_total``, the visits by day that reports read, in each visit's own flush."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.access import present
from crm.clock import local_date
from crm.leads.facts import met
from crm.visits.rules import is_visit
from models.archive import ArchiveEntry
from models.enums import VisitMode
from models.flushed import follow, records_of, was
from models.sets import add_up, insert_rows
from models.visit import Visit, VisitTotal

_READ_AT_ONCE = 5000


class Cell(NamedTuple):
    """One row of the summary."""

    day: date
    author_id: int
    mode: VisitMode


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep)


def rebuild(session: Session) -> None:
    """Write the summary anew from the visits."""
    connection = session.connection()
    connection.execute(sa.delete(VisitTotal))
    rows = [{**cell._asdict(), "n": n} for cell, n in counted(session).items()]
    insert_rows(connection, VisitTotal.__table__, rows)


def counted(session: Session) -> Counter[Cell]:
    """What the summary must say, worked out from the visits."""
    made = sa.select(Visit.occurred_at, Visit.author_id, Visit.mode).where(met(), present(Visit))
    rows = session.execute(made.execution_options(yield_per=_READ_AT_ONCE))
    return Counter(Cell(local_date(at), author_id, mode) for at, author_id, mode in rows)


def _keep(session: Session, _flush: Any) -> None:
    deltas: Counter[Cell] = Counter()
    for visit in records_of(Visit, session.new):
        deltas.update(_cell(visit, before=False))
    for visit in records_of(Visit, session.dirty):
        deltas.subtract(_cell(visit, before=True))
        deltas.update(_cell(visit, before=False))
    for visit in records_of(Visit, session.deleted):
        deltas.subtract(_cell(visit, before=True))
    # What lies in the trash counts nowhere.
    for visit in _put_away(session.new):
        deltas.subtract(_cell(visit, before=False))
    for visit in _put_away(session.deleted):
        deltas.update(_cell(visit, before=False))
    _write(session, {cell: n for cell, n in deltas.items() if n})


def _put_away(records: Iterable[Any]) -> Iterable[Visit]:
    return (
        record.visit
        for record in records
        if isinstance(record, ArchiveEntry) and record.visit is not None
    )


def _cell(visit: Visit, *, before: bool) -> list[Cell]:
    """Where the visit counts; nowhere when nobody was met."""

    def value(name: str) -> Any:
        return was(visit, name) if before else getattr(visit, name)

    arranged = value("arranged") is not False
    if not value("reached") or not is_visit(value("mode"), arranged=arranged):
        return []
    return [Cell(local_date(value("occurred_at")), value("author_id"), value("mode"))]


def _write(session: Session, deltas: dict[Cell, int]) -> None:
    """Add the differences, rows in one order, so that two writers never lock crosswise."""
    rows = [{**cell._asdict(), "n": deltas[cell]} for cell in sorted(deltas)]
    add_up(session, VisitTotal.__table__, rows)
