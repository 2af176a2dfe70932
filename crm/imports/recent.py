"""Earlier imports, to be found again: the latest first, twenty at a time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm import paging
from crm.imports.outcomes import Outcome
from models import db
from models.import_batch import BatchKind, BatchState, ImportBatch

PAGE_SIZE = 20
_LATEST = (paging.Key(ImportBatch.id.expression, descending=True),)


def recent(
    kind: BatchKind, *where: sa.ColumnElement[bool], cursor: str = ""
) -> paging.Page[ImportBatch]:
    """Imports that ``where`` lets one see and nobody gave up (one query)."""
    behind = paging.decode(cursor, (paging.row_key,))
    query = sa.select(ImportBatch).where(
        ImportBatch.kind == kind, ImportBatch.state != BatchState.DROPPED, *where
    )
    if behind:
        query = query.where(paging.after(_LATEST, behind))
    query = query.options(joinedload(ImportBatch.created_by), joinedload(ImportBatch.target_list))
    query = query.order_by(*paging.order_by(_LATEST)).limit(PAGE_SIZE + 1)
    found = db.session.scalars(query).all()
    items = found[:PAGE_SIZE]
    following = paging.encode((items[-1].id,)) if len(found) > PAGE_SIZE else None
    return paging.Page(items, following, paging.lost(cursor, behind))


def written(batch: ImportBatch) -> int:
    """How many rows of an applied import were written; a list keeps its doubtful ones too."""
    outcomes = [Outcome.NEW, Outcome.MATCHED]
    if batch.kind is BatchKind.TARGETS:
        outcomes.append(Outcome.DOUBTFUL)
    return sum(int(batch.counts.get(outcome.value, 0)) for outcome in outcomes)
