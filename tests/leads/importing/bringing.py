"""Imports a ledger the way the command does, and reads what the database then holds."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, NamedTuple

import sqlalchemy as sa

from crm.imports.outcomes import Outcome
from crm.leads.importing import batches, service
from crm.leads.importing.matching import Mode, Result
from crm.leads.importing.preview import open_table
from crm.leads.importing.staging import StageChoice
from models import db
from models.base import Model
from models.import_batch import ImportBatch

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=timezone.utc)
# What is history, or the import's own book-keeping: an undo leaves it standing.
TRAIL = frozenset(
    {"change", "change_set", "lead_version", "stage_change", "import_batch", "import_change"}
)

# What sums leave behind when what they were of is gone.
NUMBERS = {
    "lead_total": ("n",),
    "lead_month": ("n",),
    "segment_total": ("companies",),
    "segment_leads": ("ongoing", "signed", "landed"),
}


class Brought(NamedTuple):
    """The rows' results and the batch that was made."""

    results: tuple[Result, ...]
    batch: ImportBatch | None

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of each row."""
        return [result.outcome for result in self.results]

    def said(self, row: int = 0) -> str:
        """What a row says of itself."""
        result = self.results[row]
        return "；".join(str(x) for x in (*result.reasons, *(p.message for p in result.problems)))


def bring(
    data: bytes,
    *,
    team: int | None = None,
    allowed: frozenset[int] | None = None,
    mode: Mode = Mode.ADD,
    stages: StageChoice = StageChoice.GATES,
) -> Brought:
    """Import a ledger; committed."""
    table = open_table("ledger.csv", data)
    ledger = batches.new_ledger(table, team=team, allowed=allowed, mode=mode, stages=stages)
    found, batch = service.import_now(table, data, "ledger.csv", ledger, now=NOW)
    db.session.commit()
    return Brought(found.results, batch)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the trail; sums of nothing are no rows."""
    db.session.flush()
    found = {}
    for table in Model.metadata.sorted_tables:
        if table.name not in TRAIL:
            query = sa.select(table).order_by(*table.primary_key.columns)
            numbers = NUMBERS.get(table.name)
            if numbers:
                query = query.where(sa.or_(*(table.c[name] != 0 for name in numbers)))
            found[table.name] = [_without_moments(row) for row in db.session.execute(query)]
    return found


def _without_moments(row: Any) -> tuple[Any, ...]:
    """A lead that was changed and changed back has another version and moment, no other value."""
    left_out = {"updated_at", "version"}
    return tuple(str(v) for k, v in row._mapping.items() if k not in left_out)


def count(model: type[Model], *where: sa.ColumnElement[bool]) -> int:
    """How many rows there are."""
    query = sa.select(sa.func.count()).select_from(model).where(*where)
    return int(db.session.scalar(query) or 0)
