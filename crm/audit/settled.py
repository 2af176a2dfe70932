"""Moments that are settled: what was known then is all that will ever have been known then.

Whoever writes holds a lock from before they read the clock until they commit. A report that asks
for a moment first marks it as settled and then waits for those who wrote before the mark; all who
come after become known later than it, whatever their clock says.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm import clock
from models import engine
from models.columns import UTCDateTime

# The number of our advisory lock on PostgreSQL; every process must mean the same one by it.
LOCK = 0x6B6E6F77
# The table rather than its model, so that a report of the past starts without the models.
_SETTLED = sa.table(
    "settled", sa.column("mark", UTCDateTime()), sa.column("reached", UTCDateTime())
)
TICK = timedelta(microseconds=1)
PAUSE = 0.01

_HOLDERS = sa.text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = 0 AND objid = :lock AND objsubid = 1"
)


def moment_to_write(connection: sa.Connection) -> datetime:
    """The moment at which what this transaction writes becomes known; the clock is read in here.

    On SQLite the transaction has the write lock already, for something was flushed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(LOCK)))
    # A statement of its own: it must see a mark that was set before the lock was there.
    mark = connection.scalar(sa.select(_SETTLED.c.mark))
    now = clock.now()
    return now if mark is None else max(now, mark + TICK)


def settle(database: sa.Engine, moment: datetime) -> None:
    """Return when all that is known at ``moment`` has been committed and nothing can join it.

    Writers who come meanwhile are not held up. Commits small transactions of its own, unless the
    moment was settled before.
    """
    with engine.reading(), database.connect() as connection:
        reached = connection.scalar(sa.select(_SETTLED.c.reached))
    if reached is not None and reached >= moment:
        return
    _set_to(database, _SETTLED.c.mark, moment)
    if database.dialect.name == "postgresql":
        _wait_for_writers(database)
    _set_to(database, _SETTLED.c.reached, moment)


def _set_to(database: sa.Engine, column: sa.ColumnClause[Any], moment: datetime) -> None:
    """Never back. On SQLite this waits for the write lock, and so for who had it."""
    with engine.writing(), database.begin() as connection:
        connection.execute(
            sa.update(_SETTLED)
            .where(sa.or_(column.is_(None), column < moment))
            .values({column.name: moment})
        )


def _wait_for_writers(database: sa.Engine) -> None:
    """Wait for those who hold the lock now; who takes it later has read the mark."""
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        before = set(connection.scalars(_HOLDERS, {"lock": LOCK}))
        while before:
            time.sleep(PAUSE)
            before &= set(connection.scalars(_HOLDERS, {"lock": LOCK}))
