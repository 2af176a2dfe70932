"""How each engine is opened, so that two writers wait for one another instead of failing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from models.plain import SQLITE_PRAGMAS

_writing: ContextVar[bool] = ContextVar("writing", default=True)


def set_writing(writes: bool) -> None:
    """Say before the first query whether the coming transactions write (requests, by method)."""
    _writing.set(writes)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read: on SQLite they take no write lock."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside write: on SQLite they begin with the write lock."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def prepare(engine: sa.Engine) -> None:
    """Hang our settings on an engine; the driver's own transactions are switched off on SQLite."""
    if engine.dialect.name != "sqlite":
        from models import copying, postgresql  # noqa: PLC0415 (SQLite needs none of it)

        event.listen(engine, "do_connect", postgresql.connect)
        event.listen(engine, "do_executemany", copying.copied)
        return

    @event.listens_for(engine, "connect")
    def _open(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A deferred BEGIN that turns into a write later fails with "database is locked" at once,
        # whatever the busy time-out says; so a writer takes the lock when it begins.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
