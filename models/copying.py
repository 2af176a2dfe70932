"""Many rows of a flush as a COPY, which PostgreSQL reads sooner than statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

# So many rows are worth a COPY on PostgreSQL, and a statement for the bare driver on SQLite.
MANY = 200


def copied(cursor: Any, statement: str, rows: Sequence[Mapping[str, Any]], _context: Any) -> bool:
    """Send many rows of a plain INSERT to PostgreSQL as a COPY; False: they are still to be sent.

    A flush says what it inserts as statements of a thousand rows, which cost the driver, and the
    server, more to read than the rows to write. (An event of the engine: ``do_executemany``.)
    """
    plain = _plain_insert(statement) if len(rows) >= MANY else None
    if plain is None:
        return False
    target, names = plain
    with cursor.copy(target) as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])
    return True


_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \((.*)\)")
_VALUE = r"%\((\w+)\)s(?:::[A-Z ]+(?:\([\d, ]+\))?)?"
_VALUES = re.compile(rf"{_VALUE}(?:, {_VALUE})*")


@lru_cache
def _plain_insert(statement: str) -> tuple[str, list[str]] | None:
    """The COPY of an INSERT that has a value of its own for each column, and the values' names."""
    found = _INSERT.fullmatch(statement)
    if found is None or not _VALUES.fullmatch(found[3]):
        return None
    return f"COPY {found[1]} ({found[2]}) FROM STDIN", re.findall(r"%\((\w+)\)s", found[3])
