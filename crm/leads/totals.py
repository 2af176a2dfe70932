"""Keeps ``lead_total``, the counts and sums of the board, in each lead's own flush."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.enums import Stage, Status
from models.lead import Lead, LeadTotal

_STAGE_ORDER = list(Stage)


class Cell(NamedTuple):
    """One row of the summary."""

    team_id: int
    owner_id: int
    stage: Stage
    status: Status


def install() -> None:
    """Hang the upkeep on every session of the process."""
    if not event.contains(Session, "after_flush", _keep):
        event.listen(Session, "after_flush", _keep)


def rebuild(session: Session) -> None:
    """Write the summary anew from the leads (a command, and what ``doctor`` compares with)."""
    connection = session.connection()
    connection.execute(sa.delete(LeadTotal))
    connection.execute(
        sa.insert(LeadTotal).from_select(
            ["team_id", "owner_id", "stage", "status", "n", "investment_cny"], counted()
        )
    )


def counted() -> sa.Select[int, int, Stage, Status, int, int | None]:
    """What the summary must say, worked out from the leads."""
    cell = (Lead.team_id, Lead.owner_id, Lead.stage, Lead.status)
    return sa.select(
        *cell,
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(Lead.planned_investment_cny), 0),
    ).group_by(*cell)


def _keep(session: Session, _flush: Any) -> None:
    deltas: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for lead in _leads(session.new):
        _add(deltas, _cell(lead, before=False), 1, lead.planned_investment_cny)
    for lead in _leads(session.dirty):
        before, after = _cell(lead, before=True), _cell(lead, before=False)
        had, has = _investment(lead, before=True), _investment(lead, before=False)
        if (before, had) != (after, has):
            _add(deltas, before, -1, -(had or 0))
            _add(deltas, after, 1, has)
    for lead in _leads(session.deleted):
        _add(deltas, _cell(lead, before=True), -1, -(_investment(lead, before=True) or 0))
    _write(session, {cell: delta for cell, delta in deltas.items() if any(delta)})


def _leads(records: Iterable[Any]) -> Iterable[Lead]:
    return (record for record in records if isinstance(record, Lead))


def _add(deltas: dict[Cell, list[int]], cell: Cell, n: int, investment: int | None) -> None:
    deltas[cell][0] += n
    deltas[cell][1] += investment or 0


def _cell(lead: Lead, *, before: bool) -> Cell:
    return Cell(*(_value(lead, name, before=before) for name in Cell._fields))


def _investment(lead: Lead, *, before: bool) -> int | None:
    found: int | None = _value(lead, "planned_investment_cny", before=before)
    return found


def _value(lead: Lead, name: str, *, before: bool) -> Any:
    history = sa.inspect(lead).attrs[name].history
    return history.deleted[0] if before and history.deleted else getattr(lead, name)


def _write(session: Session, deltas: dict[Cell, list[int]]) -> None:
    """Add the differences, rows in stage order, so that two moves never lock crosswise."""
    if not deltas:
        return
    connection = session.connection()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    for cell in sorted(deltas, key=lambda c: (_STAGE_ORDER.index(c.stage), *map(str, c))):
        n, investment = deltas[cell]
        statement = dialect.insert(LeadTotal).values(
            **cell._asdict(), n=n, investment_cny=investment
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(Cell._fields),
                set_={
                    "n": LeadTotal.n + statement.excluded.n,
                    "investment_cny": LeadTotal.investment_cny + statement.excluded.investment_cny,
                },
            )
        )
