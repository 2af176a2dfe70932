"""What an import made and changed, record by record, and the way back."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from models import db
from models.base import Model
from models.import_batch import ImportBatch, ImportChange
from models.sets import insert_rows, one_of

R = TypeVar("R", bound=Model)


class ChangeLog:
    """Collects each record's before and after; ``write`` keeps them with the batch."""

    def __init__(self, batch: ImportBatch, first: int = 1) -> None:
        self.batch_id = batch.id
        self.first = first
        self.rows: list[dict[str, Any]] = []

    def note(
        self, subject: str, key: int, before: dict[str, Any] | None, after: dict[str, Any]
    ) -> None:
        """A record was made (no ``before``) or changed."""
        self.rows.append(
            {
                "batch_id": self.batch_id,
                "seq": self.first + len(self.rows),
                "subject": subject,
                "subject_id": key,
                "before": before,
                "after": after,
            }
        )

    def write(self) -> None:
        """Keep what was collected."""
        insert_rows(db.session.connection(), ImportChange.__table__, self.rows)


@contextmanager
def many_records() -> Iterator[None]:
    """Some hundred thousand records live until the commit: to look for cycles among them again and
    again costs a quarter of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def last_number(batch: ImportBatch) -> int:
    """The number of the batch's newest change; 0 without one."""
    query = sa.select(sa.func.max(ImportChange.seq)).where(ImportChange.batch_id == batch.id)
    return db.session.scalar(query) or 0


def changes_of(batch: ImportBatch) -> dict[str, list[ImportChange]]:
    """What a batch changed by subject, the last first."""
    found: dict[str, list[ImportChange]] = {}
    query = sa.select(ImportChange).where(ImportChange.batch_id == batch.id)
    for change in db.session.scalars(query.order_by(ImportChange.seq.desc())):
        found.setdefault(change.subject, []).append(change)
    return found


def records_of(model: type[R], changes: Sequence[ImportChange]) -> dict[int, R]:
    """The records that changes are of, as far as they are still there, each of them locked."""
    keys = {change.subject_id for change in changes}
    if not keys:
        return {}
    key: Any = model.id  # type: ignore[attr-defined]
    query = sa.select(model).where(one_of(key, keys)).order_by(key).with_for_update()
    return {record.id: record for record in db.session.scalars(query)}  # type: ignore[attr-defined]


def referred_to(model: type[Model], ids: Iterable[int], its_own: frozenset[str]) -> set[int]:
    """Those records that any row refers to, in whatever table but ``its_own``."""
    wanted = set(ids)
    if not wanted:
        return set()
    columns = [
        column
        for table in Model.metadata.sorted_tables
        if table.name not in its_own
        for column in table.columns
        if any(key.references(model.__table__) for key in column.foreign_keys)  # type: ignore[arg-type]
    ]
    queries = [sa.select(column).where(one_of(column, wanted)) for column in columns]
    return set(db.session.scalars(sa.union(*queries)))
