"""How PostgreSQL is spoken to: so that it plans a statement once and not anew for every page.

Planning is the larger part of what most pages cost there. psycopg spares it, it prepares what it
has sent a few times over one connection; but it forgets all of that with a ROLLBACK, in which every
request that reads would end, and it sends a number in two bytes or four as it fits, which makes
another statement of the same words.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg.abc import PyFormat
from psycopg.types.numeric import Int4, Int4BinaryDumper, IntBinaryDumper

# So many statements a connection keeps prepared: those of the pages that are open all day. The
# server remembers each in some 200 kB for each connection.
KEPT = 200

# What the planner should know, where the operator has set nothing else: the database stands in
# memory, so looking up a row costs hardly more than reading on; a page reads little, for which
# starting further processes or compiling costs more than it spares.
SETTINGS = (("random_page_cost", "1.1"), ("max_parallel_workers_per_gather", "0"), ("jit", "off"))

_FOUR_BYTES = 2**31
_MAY_CHANGE = re.compile(r"(?!\s*SELECT\b).*\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.DOTALL | re.I)
_SET = """
    SELECT set_config(name, ours.setting, false)
    FROM pg_settings JOIN unnest(%s::text[], %s::text[]) AS ours (name, setting) USING (name)
    WHERE source = 'default'
"""


class Connection(psycopg.Connection[Any]):
    """Ends a transaction that has only read by COMMIT, which leaves behind what ROLLBACK does.

    It forgets nothing that is prepared.
    """

    changed = False
    """Whether anything but reading may have been done since the transaction began."""

    def commit(self) -> None:
        """Keep what the transaction has done."""
        super().commit()
        self.changed = False

    def rollback(self) -> None:
        """Leave nothing of the transaction."""
        if self.changed:
            super().rollback()
            self.changed = False
        else:
            self.commit()


class Cursor(psycopg.Cursor[Any]):
    """Notes on its connection when something other than a SELECT goes through."""

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
        """Send one statement."""
        result = super().execute(query, *arguments, **options)
        read = (self.statusmessage or "").startswith("SELECT")
        if not read or not isinstance(query, str) or _MAY_CHANGE.match(query):
            self._note()
        return result

    def executemany(self, *arguments: Any, **options: Any) -> None:
        """Send one statement with many values."""
        self._note()
        super().executemany(*arguments, **options)

    def copy(self, *arguments: Any, **options: Any) -> Any:
        """Send or fetch very many rows."""
        self._note()
        return super().copy(*arguments, **options)

    def _note(self) -> None:
        connection: Any = self.connection
        connection.changed = not connection.autocommit


class Whole(IntBinaryDumper):
    """Whole numbers go in four bytes where they fit: a statement has one form for all keys."""

    _four = Int4BinaryDumper(Int4)

    def get_key(self, obj: int, format: PyFormat) -> Any:  # noqa: A002 (psycopg's name)
        """What psycopg keeps the dumper under."""
        return self.upgrade(obj, format).cls

    def upgrade(self, obj: int, format: PyFormat) -> Any:  # noqa: A002 (psycopg's name)
        """The dumper of this number."""
        fits = -_FOUR_BYTES <= obj < _FOUR_BYTES
        return self._four if fits else super().upgrade(obj, format)


def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Open a connection. (An event of the engine: ``do_connect``.)"""
    opened = Connection.connect(*arguments, **options)
    opened.cursor_factory = Cursor
    opened.prepared_max = KEPT
    opened.adapters.register_dumper(int, Whole)
    opened.execute(_SET, [list(column) for column in zip(*SETTINGS, strict=True)])
    opened.commit()
    return opened
