"""Keeps ``lead_total``, the counts and sums of the board, in each lead's own flush."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.creating import Created, on_created
from models.enums import Stage, Status
from models.lead import Lead, LeadTotal

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
    if not event.contains(Session, "after_flush", _keep):
        event.listen(Session, "after_flush", _keep)
        on_created(_count_created)


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
    for lead in _leads(session.new):
        _add(deltas, lead, 1, before=False)
    for lead in _leads(session.dirty):
        _add(deltas, lead, -1, before=True)
        _add(deltas, lead, 1, before=False)
    for lead in _leads(session.deleted):
        _add(deltas, lead, -1, before=True)
    _write(session, {cell: delta for cell, delta in deltas.items() if any(delta)})


def _count_created(session: Session, created: Created) -> None:
    deltas: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in created.get(Lead, ()):
        cell = Cell(*(row[name] for name in Cell._fields))
        _count(deltas[cell], 1, (row.get(column) for column in SUMS.values()))
    _write(session, deltas)


def _leads(records: Iterable[Any]) -> Iterable[Lead]:
    return (record for record in records if isinstance(record, Lead))


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
    history = sa.inspect(lead).attrs[name].history
    return history.deleted[0] if before and history.deleted else getattr(lead, name)


def _write(session: Session, deltas: dict[Cell, list[int]]) -> None:
    """Add the differences, rows in stage order, so that two moves never lock crosswise."""
    if not deltas:
        return
    connection = session.connection()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    for cell in sorted(deltas, key=lambda c: (_STAGE_ORDER.index(c.stage), *map(str, c))):
        added = dict(zip(("n", *SUMS), deltas[cell], strict=True))
        statement = dialect.insert(LeadTotal).values(**cell._asdict(), **added)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(Cell._fields),
                set_={name: getattr(LeadTotal, name) + statement.excluded[name] for name in added},
            )
        )
