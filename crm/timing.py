"""Counts the SQL statements of a request and the time they took."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass
class Tally:
    """Statements and milliseconds since the tally was begun."""

    statements: list[str] = field(default_factory=list)
    milliseconds: float = 0.0

    @property
    def count(self) -> int:
        """How many statements, transactions' own words not counted."""
        return len(self.statements)


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def begin() -> Tally:
    """Start counting anew in this context."""
    tally = Tally()
    _tally.set(tally)
    return tally


def watch(engine: sa.Engine) -> None:
    """Count what goes through an engine."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(conn: Any, _cursor: Any, _sql: str, _args: Any, context: Any, _many: Any) -> None:
        if context is not None:
            context.crm_started = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(conn: Any, _cursor: Any, sql: str, _args: Any, context: Any, _many: Any) -> None:
        if _tally.get() is None or context is None:
            return
        if not sql.lstrip().upper().startswith(_NOT_COUNTED):
            note(sql, (time.perf_counter() - context.crm_started) * 1000)


def note(sql: str, milliseconds: float) -> None:
    """Count a statement, which may have gone through no engine."""
    tally = _tally.get()
    if tally is not None:
        tally.statements.append(sql)
        tally.milliseconds += milliseconds
