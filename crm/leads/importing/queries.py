"""What the pages of an import read: a page of rows, one row, the way through the doubtful ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.formats import say
from crm.imports.outcomes import Outcome
from crm.imports.returning import returned
from crm.leads.importing import batches
from crm.leads.importing.columns import LEAD_COLUMNS, REASON_HEADER
from crm.messages import msg
from crm.packing import sentence
from models import db
from models.import_batch import ImportBatch, ImportRow

PAGE_SIZE = 200
_SAMPLED = 10


@dataclass(frozen=True)
class Doubts:
    """Where a doubtful row stands among the others, and the next one, going round."""

    place: int
    total: int
    next: int | None


def rows_page(
    batch: ImportBatch, outcome: str, after: int
) -> tuple[Sequence[ImportRow], int | None]:
    """Rows of an outcome ("": all) past a number, and the number after which more stand."""
    query = sa.select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.outcome.is_not(None), ImportRow.number > after
    )
    if outcome:
        query = query.where(ImportRow.outcome == outcome)
    rows = db.session.scalars(query.order_by(ImportRow.number).limit(PAGE_SIZE + 1)).all()
    more = rows[PAGE_SIZE - 1].number if len(rows) > PAGE_SIZE else None
    return rows[:PAGE_SIZE], more


def row_of(batch: ImportBatch, number: int) -> ImportRow | None:
    """One row; without a number the first doubtful one."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id)
    if number:
        query = query.where(ImportRow.number == number)
    else:
        query = query.where(ImportRow.outcome == Outcome.DOUBTFUL).order_by(ImportRow.number)
    return db.session.scalar(query.limit(1))


def doubts(batch: ImportBatch, row: ImportRow) -> Doubts:
    """The row among the doubtful ones (one statement)."""
    others = sa.select(
        sa.func.count(),
        sa.func.count().filter(ImportRow.number <= row.number),
        sa.func.min(sa.case((ImportRow.number > row.number, ImportRow.number))),
        sa.func.min(sa.case((ImportRow.number != row.number, ImportRow.number))),
    ).where(ImportRow.batch_id == batch.id, ImportRow.outcome == Outcome.DOUBTFUL)
    total, before, following, first = db.session.execute(others).one()
    place = before if row.outcome == Outcome.DOUBTFUL else 0
    return Doubts(place, total, following or first)


def samples(batch: ImportBatch) -> list[list[str]]:
    """The first rows' cells, to show what stands in each column."""
    query = sa.select(ImportRow.cells).where(ImportRow.batch_id == batch.id)
    return list(db.session.scalars(query.order_by(ImportRow.number).limit(_SAMPLED)))


def rejected_workbook(batch: ImportBatch) -> bytes:
    """The workbook that came in, of its table the rows in error with the reason beside each."""
    query = sa.select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.outcome == Outcome.ERROR
    )
    reasons = {
        row.number: " ".join(_reason(batch, problem) for problem in row.said["problems"])
        for row in db.session.scalars(query.order_by(ImportRow.number))
    }
    header, sheet = batches.header_row_of(batch), batch.mapping["sheet"]
    return returned(batches.pages_of(batch), sheet, header, reasons, REASON_HEADER)


def _reason(batch: ImportBatch, problem: dict[str, Any]) -> str:
    """What is wrong and where: under the file's own header, or as the column it lacks is called."""
    key = problem["column"]
    place = batch.mapping["columns"].get(key)
    column = batch.mapping["headers"][place] if place is not None else LEAD_COLUMNS.label(key)
    message = msg("%(column)s：%(sentence)s", column=column, sentence=sentence(problem["message"]))
    return say(message)
