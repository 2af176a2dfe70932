"""Which companies the city is after: those on a list that it wants."""

from __future__ import annotations

import sqlalchemy as sa

from models.target import ListEdition, ListEntry, TargetList


def target_ids() -> sa.Select[int | None]:
    """The keys of the targets: companies that stand on a list the city wants, in any year."""
    return (
        sa.select(ListEntry.company_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.wanted, ListEntry.company_id.is_not(None))
    )
