"""Settles a moment (``settled`` says why), for reports of the past, which start without models."""

from __future__ import annotations

import time
from datetime import datetime

from models.plain import Connection

# The number of our advisory lock on PostgreSQL; every process must mean the same one by it.
LOCK = 0x6B6E6F77
PAUSE = 0.01

_REACHED = "SELECT reached FROM settled"
_MARK = "UPDATE settled SET mark = :moment WHERE mark IS NULL OR mark < :moment"
_REACH = "UPDATE settled SET reached = :moment WHERE reached IS NULL OR reached < :moment"
_HOLDERS = """
    SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = 0 AND objid = :lock AND objsubid = 1
"""


def settle(connection: Connection, moment: datetime) -> None:
    """Return when all that is known at ``moment`` has been committed and nothing can join it.

    Writers who come meanwhile are not held up. Commits small transactions of its own, unless the
    moment was settled before.
    """
    [(reached,)] = connection.rows(_REACHED)
    if reached is not None and connection.moment(reached) >= moment:
        return
    _set(connection, _MARK, moment)
    if not connection.sqlite:
        _wait_for_writers(connection)
    _set(connection, _REACH, moment)


def _set(connection: Connection, statement: str, moment: datetime) -> None:
    """Never back. On SQLite this waits for the write lock, and so for who had it."""
    with connection.transaction(writes=True):
        connection.run(statement, moment=connection.told(moment))


def _wait_for_writers(connection: Connection) -> None:
    """Wait for those who hold the lock now; who takes it later has read the mark."""
    before = set(connection.rows(_HOLDERS, lock=LOCK))
    while before:
        time.sleep(PAUSE)
        before &= set(connection.rows(_HOLDERS, lock=LOCK))
