"""Seals the trail, and proves that what was sealed is still what was written.

Writers never wait for it: a seal is laid over moments that are settled (``crm/audit/settled``), by
whichever worker comes first. The hash is of the values, not of an engine's bytes, so that a trail
that was moved to the other engine still proves itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.audit.settling import settle
from models import engine
from models.audit import Change, ChangeSet
from models.plain import Database
from models.seal import Seal

# Of a crowd of changes no seal covers many more: a break is found within them.
MOST = 2_000
# Whoever writes at this moment is not held up, and need not be waited for.
NOT_YET = timedelta(minutes=1)
FIRST = "0" * 64


@dataclass(frozen=True)
class Broken:
    """A seal that does not hold: what became known after ``after`` and until ``until``."""

    number: int
    after: datetime | None
    until: datetime


@dataclass(frozen=True)
class Proof:
    """What was proved: seals and change sets looked at, those that wait for a seal, what broke.

    ``head`` is the last seal's hash: written down elsewhere, it proves the whole chain.
    """

    seals: int
    change_sets: int
    waiting: int
    head: str
    broken: tuple[Broken, ...]


def seal(database: sa.Engine, now: datetime, *, most: int = 50) -> int:
    """Seal what has become known until a minute ago, at most so many seals; how many were laid.

    Commits each. Where two workers seal at once, one of them lays the seal and the other goes home.
    """
    with Database.of(database).opened() as connection:
        settle(connection, now - NOT_YET)
    for laid in range(most):
        try:
            if not _lay(database, now):
                return laid
        except IntegrityError:
            return laid
    return most


def _lay(database: sa.Engine, now: datetime) -> bool:
    with engine.reading(), database.connect() as connection:
        before = _last(connection)
        until = _until(connection, before, now - NOT_YET)
        if until is None:
            return False
        chained, after = (before.sha256, before.known_to) if before else (FIRST, None)
        digest, sets, changes = _sealed(connection, chained, after, until)
    row = {
        "number": before.number + 1 if before else 1,
        "known_to": until,
        "change_sets": sets,
        "changes": changes,
        "sha256": digest,
        "sealed_at": now,
    }
    with engine.writing(), database.begin() as connection:
        connection.execute(sa.insert(Seal).values(row))
    return True


def prove(database: sa.Engine) -> Proof:
    """Compute every seal anew from the trail and compare. Reads all of the trail once."""
    broken = []
    sets, hash_before, after = 0, FIRST, None
    if database.dialect.name == "postgresql":
        database = database.execution_options(isolation_level="REPEATABLE READ")
    with engine.reading(), database.connect() as connection:
        seals = connection.execute(sa.select(Seal.__table__).order_by(Seal.number)).all()
        for place, found in enumerate(seals, 1):
            digest, counted, changes = _sealed(connection, hash_before, after, found.known_to)
            whole = (digest, counted, changes) == (found.sha256, found.change_sets, found.changes)
            if not whole or found.number != place:
                broken.append(Broken(found.number, after, found.known_to))
            sets += counted
            # From the seal as it stands: one break is not said of all that came after.
            hash_before, after = found.sha256, found.known_to
        waiting = connection.scalar(
            sa.select(sa.func.count()).select_from(ChangeSet).where(*_between(after, None))
        )
    return Proof(len(seals), sets, waiting or 0, hash_before, tuple(broken))


def _last(connection: sa.Connection) -> Any:
    return connection.execute(
        sa.select(Seal.__table__).order_by(Seal.number.desc()).limit(1)
    ).first()


def _until(connection: sa.Connection, before: Any, settled: datetime) -> datetime | None:
    """The moment until which the next seal goes; None when nothing waits for one."""
    waiting = (
        sa.select(ChangeSet.known_at)
        .where(*_between(before.known_to if before else None, settled))
        .order_by(ChangeSet.known_at)
    )
    much: datetime | None = connection.scalar(waiting.offset(MOST).limit(1))
    if much is not None:
        return much
    last: datetime | None = connection.scalar(
        sa.select(sa.func.max(waiting.order_by(None).subquery().c.known_at))
    )
    return last


def _between(after: datetime | None, until: datetime | None) -> list[sa.ColumnElement[bool]]:
    conditions = []
    if after is not None:
        conditions.append(ChangeSet.known_at > after)
    if until is not None:
        conditions.append(ChangeSet.known_at <= until)
    return conditions


def _sealed(
    connection: sa.Connection, before: str, after: datetime | None, until: datetime
) -> tuple[str, int, int]:
    """The hash over the one before and these change sets; how many they and their changes are."""
    digest = hashlib.sha256(before.encode())
    sets = changes = 0
    for change_set, parts in _told(connection, after, until):
        digest.update(_text(change_set))
        sets += 1
        for part in parts:
            digest.update(_text(part))
            changes += 1
    return digest.hexdigest(), sets, changes


def _told(
    connection: sa.Connection, after: datetime | None, until: datetime
) -> Iterator[tuple[list[Any], list[list[Any]]]]:
    """Each change set of a time with its changes, in the order in which they became known."""
    told = (
        sa.select(ChangeSet.__table__, Change.__table__)
        .outerjoin(Change, Change.change_set_id == ChangeSet.id)
        .where(*_between(after, until))
        .order_by(ChangeSet.known_at, ChangeSet.id, Change.subject, Change.subject_id, Change.seq)
    )
    width = len(ChangeSet.__table__.columns)
    rows = connection.execution_options(yield_per=MOST).execute(told)
    for head, lines in groupby(rows, key=lambda row: tuple(row[:width])):
        yield list(head), [list(line[width:]) for line in lines if line[width] is not None]


def _text(values: list[Any]) -> bytes:
    """Values as bytes, whatever engine they came from."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
