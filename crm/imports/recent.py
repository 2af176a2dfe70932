"""Earlier imports, to be found again: the latest first, twenty at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.imports.outcomes import Outcome
from models import db
from models.import_batch import BatchKind, BatchState, ImportBatch

PAGE_SIZE = 20


@dataclass(frozen=True)
class Recent:
    """A page of imports, and after which one the earlier ones come (None: there are none)."""

    batches: Sequence[ImportBatch]
    older: str | None

    @staticmethod
    def written(batch: ImportBatch) -> int:
        """How many rows of an applied import were written; a list keeps its doubtful ones too."""
        outcomes = [Outcome.NEW, Outcome.MATCHED]
        if batch.kind is BatchKind.TARGETS:
            outcomes.append(Outcome.DOUBTFUL)
        return sum(int(batch.counts.get(outcome.value, 0)) for outcome in outcomes)


def recent(kind: BatchKind, *where: sa.ColumnElement[bool], before: str = "") -> Recent:
    """Imports that ``where`` lets one see and nobody gave up, before the one named (one query)."""
    query = sa.select(ImportBatch).where(
        ImportBatch.kind == kind, ImportBatch.state != BatchState.DROPPED, *where
    )
    if before:
        named = sa.select(ImportBatch.id).where(ImportBatch.public_id == before, *where)
        query = query.where(ImportBatch.id < named.scalar_subquery())
    query = query.options(joinedload(ImportBatch.created_by), joinedload(ImportBatch.target_list))
    found = db.session.scalars(query.order_by(ImportBatch.id.desc()).limit(PAGE_SIZE + 1)).all()
    more = found[PAGE_SIZE - 1].public_id if len(found) > PAGE_SIZE else None
    return Recent(found[:PAGE_SIZE], more)
