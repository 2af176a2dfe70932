"""What the trail says of some records: who changed what of them, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from crm.audit.recorder import subject_id
from models import db
from models.audit import Change, ChangeSet
from models.base import Model
from models.user import User

MOST = 200


@dataclass(frozen=True)
class Edit:
    """What one transaction changed of them, in the order it did; ``who`` is empty for a job."""

    at: datetime
    by: int | None
    who: str
    reason: str | None
    changes: tuple[Change, ...]


def of(*records: Model) -> sa.ColumnElement[bool]:
    """The changes of these records; pair by pair, or SQLite reads the whole trail."""
    return sa.or_(
        *(
            sa.and_(Change.subject == one.audit_subject, Change.subject_id == subject_id(one))
            for one in records
        )
    )


def last(*which: sa.ColumnElement[bool]) -> tuple[str, datetime] | None:
    """Who of us made the newest of these changes, and when (one statement)."""
    row = db.session.execute(
        sa.select(User.name, ChangeSet.known_at)
        .join(ChangeSet, ChangeSet.actor_id == User.id)
        .join(Change, Change.change_set_id == ChangeSet.id)
        .where(*which)
        .order_by(Change.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def edits(*which: sa.ColumnElement[bool], most: int = MOST) -> list[Edit]:
    """The edits that made the newest of these changes, the last one first (one statement)."""
    return _edits(_changes().where(*which).limit(most))


def edits_before(
    *which: sa.ColumnElement[bool], before: datetime | None, moments: int
) -> list[Edit]:
    """The edits of the newest so many moments before one, the last one first (one statement)."""
    return _edits(_changes().where(*which, _newest(which, before, moments)))


def changes_before(
    *which: sa.ColumnElement[bool], before: datetime | None, moments: int
) -> sa.Select[int]:
    """The same changes, by their keys, to be read together with others."""
    changes = sa.select(Change.id).join(ChangeSet, ChangeSet.id == Change.change_set_id)
    return changes.where(*which, _newest(which, before, moments))


def edits_among(changes: Sequence[sa.Select[int]]) -> list[Edit]:
    """The edits that made these changes, the last one first (one statement)."""
    return _edits(_changes().where(Change.id.in_(sa.union_all(*changes))))


def _newest(
    which: Sequence[sa.ColumnElement[bool]], before: datetime | None, moments: int
) -> sa.ColumnElement[bool]:
    join = sa.select(Change).join(ChangeSet, ChangeSet.id == Change.change_set_id)
    return newest_moments(join.where(*which), ChangeSet.known_at, before, moments)


def newest_moments(
    rows: sa.Select[Any], at: sa.SQLColumnExpression[Any], before: datetime | None, moments: int
) -> sa.ColumnElement[bool]:
    """A page of rows by their moment: those of the newest so many before one, none torn apart."""
    earlier = () if before is None else (at < before,)
    found: sa.Select[Any] = rows.with_only_columns(at.label("at")).where(*earlier).distinct()
    newest = found.order_by(at.desc()).limit(moments).subquery()
    return sa.and_(at >= sa.select(sa.func.min(newest.c.at)).scalar_subquery(), *earlier)


def _changes() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Change, ChangeSet.known_at, User.id, User.name, ChangeSet.reason)
        .join(ChangeSet, ChangeSet.id == Change.change_set_id)
        .outerjoin(User, User.id == ChangeSet.actor_id)
        .order_by(Change.change_set_id.desc(), Change.id.desc())
    )


def _edits(query: sa.Select[Any]) -> list[Edit]:
    rows = db.session.execute(query)
    found: list[Edit] = []
    for _number, of_set in groupby(rows, key=lambda row: row[0].change_set_id):
        group = list(of_set)
        _change, at, by, who, reason = group[0]
        changes = tuple(row[0] for row in reversed(group))
        found.append(Edit(at, by, who or "", reason, changes))
    return found
