"""The day of a moment, as a number that both engines can count with."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm.clock import ZONE

EPOCH = date(1970, 1, 1)
_OFFSET = (
    datetime(2026, 1, 1, tzinfo=timezone.utc) - datetime(2026, 1, 1, tzinfo=ZONE)
) // timedelta(seconds=1)


class local_day(FunctionElement[int]):  # noqa: N801 (reads as the SQL function it is)
    """Days from 1970-01-01 to the day on which a stored moment falls where the teams work."""

    type = sa.Integer()
    inherit_cache = True


def day_number(day: date) -> int:
    """The same number for a date."""
    return (day - EPOCH).days


@compiles(local_day, "sqlite")
def _on_sqlite(element: local_day, compiler: Any, **options: Any) -> str:
    # SQLite knows no time zones; China's offset has not changed since 1991.
    moment = compiler.process(element.clauses, **options)
    return f"((CAST(strftime('%s', {moment}) AS INTEGER) + {_OFFSET}) / 86400)"


@compiles(local_day, "postgresql")
def _on_postgresql(element: local_day, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"(({moment} AT TIME ZONE '{ZONE.key}')::date - DATE '1970-01-01')"


class plain_day(FunctionElement[int]):  # noqa: N801
    """The same number of a date's own column."""

    type = sa.Integer()
    inherit_cache = True


@compiles(plain_day, "sqlite")
def _date_on_sqlite(element: plain_day, compiler: Any, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"(CAST(strftime('%s', {day}) AS INTEGER) / 86400)"


@compiles(plain_day, "postgresql")
def _date_on_postgresql(element: plain_day, compiler: Any, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    return f"({day} - DATE '1970-01-01')"
