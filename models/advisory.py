"""Locks on what has no row to hold: PostgreSQL's advisory ones, until the transaction ends.

On SQLite whoever writes is alone already.
"""

from __future__ import annotations

import enum
import zlib
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY


class Lock(enum.IntEnum):
    """What is held; every process must mean the same by a number."""

    COMPANY_NAME = 20_260_702
    """A name that somebody looks for in order to write it down."""
    COMPANY_LIST = 20_260_703
    """Every name: a list has very many, and a server's room for locks is small."""
    SIGN_IN_EMAIL = 20_260_704
    SIGN_IN_ADDRESS = 20_260_705
    EXPANSION = 20_260_706
    """Which landings had one of their group before them."""


def others_write(connection: sa.Connection) -> bool:
    """Whether somebody else may write at the same time."""
    return connection.dialect.name == "postgresql"


def hold(
    connection: sa.Connection, lock: Lock, texts: Iterable[str] = ("",), *, shared: bool = False
) -> None:
    """Hold it for these texts; who holds it ``shared`` keeps out only who wants it alone."""
    if not others_write(connection):
        return
    # In one order, so that no two wait for each other.
    numbers = sorted({zlib.crc32(text.encode()) >> 1 for text in texts})
    each: Any = sa.func.unnest(sa.cast(numbers, ARRAY(sa.Integer))).column_valued("number")
    how = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
    connection.execute(sa.select(how(lock.value, each)))
