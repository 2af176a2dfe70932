"""Keeps ``lead_total``, the counts and sums of the board, in each lead's own flush."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.creating import Created
from models.enums import Stage, Status
from models.flushed import follow, records_of, was
from models.lead import Lead, LeadTotal
from models.sets import add_up

_STAGE_ORDER = list(Stage)


# The summary's sums, and the columns of a lead that they are sums of.
SUMS = {"investment_cny": "planned_investment_cny", "signed_cny": "signed_investment_cny"}


class Cell(NamedTuple):
    """One row of the summary."""

    team_id: int
    owner_id: int
    stage: Stage
    status: Status


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _count_created)


def rebuild(session: Session) -> None:
    """Write the summary anew from the leads (a command, and what ``doctor`` compares with)."""
    connection = session.connection()
    connection.execute(sa.delete(LeadTotal))
    connection.execute(sa.insert(LeadTotal).from_select([*Cell._fields, "n", *SUMS], counted()))


def counted() -> sa.Select[int, int, Stage, Status, int, int | None, int | None]:
    """What the summary must say, worked out from the leads."""
    cell = (Lead.team_id, Lead.owner_id, Lead.stage, Lead.status)
    return (
        sa.select(
            *cell,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Lead.planned_investment_cny), 0),
            sa.func.coalesce(sa.func.sum(Lead.signed_investment_cny), 0),
        )
        .where(Lead.archived_at.is_(None))
        .group_by(*cell)
    )


def _keep(session: Session, _flush: Any) -> None:
    deltas: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
    for lead in records_of(Lead, session.new):
        _add(deltas, lead, 1, before=False)
    for lead in records_of(Lead, session.dirty):
        _add(deltas, lead, -1, before=True)
        _add(deltas, lead, 1, before=False)
    for lead in records_of(Lead, session.deleted):
        _add(deltas, lead, -1, before=True)
    _write(session, {cell: delta for cell, delta in deltas.items() if any(delta)})


def _count_created(session: Session, created: Created) -> None:
    deltas: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in created.get(Lead, ()):
        cell = Cell(*(row[name] for name in Cell._fields))
        _count(deltas[cell], 1, (row.get(column) for column in SUMS.values()))
    _write(session, deltas)


def _add(deltas: dict[Cell, list[int]], lead: Lead, sign: int, *, before: bool) -> None:
    """Count the lead in or out of its cell, as it was or as it is; nowhere while in the trash."""
    if _value(lead, "archived_at", before=before) is not None:
        return
    cell = Cell(*(_value(lead, name, before=before) for name in Cell._fields))
    _count(deltas[cell], sign, (_value(lead, name, before=before) for name in SUMS.values()))


def _count(delta: list[int], sign: int, amounts: Iterable[int | None]) -> None:
    for place, amount in enumerate((1, *amounts)):
        delta[place] += sign * (amount or 0)


def _value(lead: Lead, name: str, *, before: bool) -> Any:
    return was(lead, name) if before else getattr(lead, name)


def _write(session: Session, deltas: dict[Cell, list[int]]) -> None:
    """Add the differences, rows in stage order, so that two moves never lock crosswise."""
    cells = sorted(deltas, key=lambda c: (_STAGE_ORDER.index(c.stage), *map(str, c)))
    rows = [{**c._asdict(), **dict(zip(("n", *SUMS), deltas[c], strict=True))} for c in cells]
    add_up(session, LeadTotal.__table__, rows)
