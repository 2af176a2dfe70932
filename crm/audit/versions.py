"""Every lead as it was known, version after version."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from models.audit import LeadVersion
from models.lead import Lead
from models.sets import insert_rows

# The columns that a lead and its versions share: all that a report may ask about the past.
VERSIONED = tuple(
    c.name
    for c in LeadVersion.__table__.columns
    if c.name in Lead.__table__.columns and c.name != "id"
)


def moved(lead: Lead) -> bool:
    """Whether a flush changes of a lead what its versions keep."""
    state = sa.inspect(lead)
    moving = (*VERSIONED, "archived_at")
    return state.pending or any(state.attrs[name].history.has_changes() for name in moving)


def write(
    connection: sa.Connection,
    change_set_id: int,
    known_at: datetime,
    leads: list[Lead],
    gone: list[Lead],
) -> None:
    """Close the versions that stood and open the next; a transaction has one moment."""
    known = [lead.id for lead in (*leads, *gone) if sa.inspect(lead).persistent or lead in gone]
    standing = _standing(connection, known)
    closed = [
        # Clocks of two hosts may differ; what was known never runs backwards.
        {"closing": found.id, "moment": max(known_at, found.known_from)}
        for found in standing.values()
    ]
    if closed:
        table = cast("sa.Table", LeadVersion.__table__)
        connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("closing"))
            .values(known_to=sa.bindparam("moment")),
            closed,
        )
    rows = []
    again = [lead.id for lead in leads if sa.inspect(lead).persistent and lead.id not in standing]
    last = _last_numbers(connection, again)
    for lead in leads:
        before = standing.get(lead.id)
        rows.append(
            {
                "lead_id": lead.id,
                "seq": before.seq + 1 if before else last.get(lead.id, 0) + 1,
                "change_set_id": change_set_id,
                "known_from": max(known_at, before.known_from) if before else known_at,
                **{name: plain_version(getattr(lead, name)) for name in VERSIONED},
            }
        )
    insert_rows(connection, LeadVersion.__table__, rows)


def begin(
    connection: sa.Connection,
    change_set_id: int,
    known_at: datetime,
    leads: Sequence[Mapping[str, Any]],
) -> None:
    """Open the first versions of leads that were made as rows."""
    rows = [
        {
            "lead_id": lead["id"],
            "seq": 1,
            "change_set_id": change_set_id,
            "known_from": known_at,
            **{name: plain_version(lead.get(name)) for name in VERSIONED},
        }
        for lead in leads
    ]
    insert_rows(connection, LeadVersion.__table__, rows)


def _standing(connection: sa.Connection, lead_ids: list[int]) -> dict[int, Any]:
    """The version that stands of each lead, with its number and moment."""
    found: dict[int, Any] = {}
    columns = (LeadVersion.lead_id, LeadVersion.id, LeadVersion.seq, LeadVersion.known_from)
    for start in range(0, len(lead_ids), 500):
        part = lead_ids[start : start + 500]
        query = sa.select(*columns).where(
            LeadVersion.lead_id.in_(part), LeadVersion.known_to.is_(None)
        )
        found.update({row.lead_id: row for row in connection.execute(query)})
    return found


def _last_numbers(connection: sa.Connection, lead_ids: list[int]) -> dict[int, int]:
    """The number of the last version of leads of which none stands: brought back from the trash."""
    if not lead_ids:
        return {}
    query = sa.select(LeadVersion.lead_id, sa.func.max(LeadVersion.seq))
    rows = connection.execute(
        query.where(LeadVersion.lead_id.in_(lead_ids)).group_by(LeadVersion.lead_id)
    )
    return {lead_id: seq for lead_id, seq in rows}  # noqa: C416 (rows are no pairs to mypy)


def plain_version(value: Any) -> Any:
    """A version keeps codes, not enumerations: a code that is retired later still reads."""
    return value.value if isinstance(value, enum.Enum) else value
