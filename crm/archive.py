"""Put a record away, whatever it is, and find its entry again; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.errors import NotFound, Refusal
from crm.texts import too_long
from models import db
from models.archive import REASON_LENGTH, SUBJECTS, ArchiveEntry
from models.base import Model


def put_away(
    record: Model,
    actor: Actor,
    now: datetime,
    reason: str = "",
    *,
    kept: Mapping[str, Any] | None = None,
) -> ArchiveEntry:
    """Lay a record into the trash. Raises Refusal at ``reason`` for one that is too long.

    Who calls has asked whether the actor may, and holds the record's row. ``kept`` is what the
    record gave up for others to have meanwhile.
    """
    reason = reason.strip()
    if wrong := too_long(reason, REASON_LENGTH):
        raise Refusal({"reason": [wrong]})
    entry = ArchiveEntry(
        **{subject_of(type(record)): record},
        archived_at=now,
        archived_by_id=actor.id,
        reason=reason,
        kept=dict(kept) if kept else None,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def subject_of(model: type[Model]) -> str:
    """What the trash calls a record of that table."""
    return next(
        name for name in SUBJECTS if getattr(ArchiveEntry, name).property.mapper.class_ is model
    )


def entry_of(record: Model) -> ArchiveEntry | None:
    """The entry of a record, which it is loaded with; None when it does not lie in the trash."""
    name = subject_of(type(record))
    key = getattr(ArchiveEntry, f"{name}_id")
    query = (
        sa.select(ArchiveEntry)
        .where(key == record.id)  # type: ignore[attr-defined]
        .options(joinedload(getattr(ArchiveEntry, name)))
    )
    return db.session.scalars(query).one_or_none()


def take_out(record: Model) -> None:
    """Take a record out of the trash again. Raises NotFound when it does not lie there."""
    entry = entry_of(record)
    if entry is None:
        raise NotFound
    db.session.delete(entry)
    db.session.flush()
