"""What the page of a change of many leads shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, present
from crm.leads.bulk import own_batch
from crm.leads.bulk_values import words_of
from crm.messages import Value
from crm.packing import unpack_value
from models import db
from models.bulk_edit import BulkEdit, BulkEditLine, LineState
from models.lead import Lead


@dataclass(frozen=True)
class BulkRow:
    """One lead: what stood there, what stands or would stand there, or why not."""

    lead: Lead
    state: LineState
    before: Value
    after: Value
    why: Value


@dataclass(frozen=True)
class BulkPage:
    """A batch and its rows, those that are refused first."""

    batch: BulkEdit
    rows: Sequence[BulkRow]

    def count(self, state: LineState) -> int:
        """How many of its leads are in that state."""
        return sum(row.state is state for row in self.rows)


_FIRST = (LineState.REFUSED, LineState.KEPT)


def bulk_page(public_id: str, actor: Actor) -> BulkPage:
    """The batch of that id for who prepared it (two statements); NotFound for everybody else."""
    batch = own_batch(public_id, actor)
    lines = db.session.scalars(
        sa.select(BulkEditLine)
        .join(Lead, Lead.id == BulkEditLine.lead_id)
        .where(BulkEditLine.bulk_edit_id == batch.id, present())
        .options(joinedload(BulkEditLine.lead).joinedload(Lead.company))
        .order_by(BulkEditLine.state.not_in(_FIRST), BulkEditLine.lead_id)
    )
    return BulkPage(batch, [_row(batch, line) for line in lines])


def _row(batch: BulkEdit, line: BulkEditLine) -> BulkRow:
    return BulkRow(
        lead=line.lead,
        state=line.state,
        before=words_of(batch.kind, line.before),
        after=words_of(batch.kind, line.after),
        why=unpack_value(line.why) if line.why else "",
    )
