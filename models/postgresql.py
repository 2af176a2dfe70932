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
from psycopg.adapt import Dumper, PyFormat
from psycopg.types.numeric import Int4, Int4BinaryDumper, Int4Dumper, IntBinaryDumper, IntDumper

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
        # There is no statement whose form a number could change: the driver's own are quicker.
        self.adapters.register_dumper(int, IntDumper)
        return super().copy(*arguments, **options)

    def _note(self) -> None:
        connection: Any = self.connection
        connection.changed = not connection.autocommit


class _Whole(IntDumper):
    """Whole numbers go in four bytes where they fit: a statement has one form for all keys."""

    _four: Dumper

    def upgrade(self, obj: int, format: PyFormat) -> Dumper:  # noqa: A002 (psycopg's name)
        """The dumper of this number; psycopg keeps it under the dumper's kind of number."""
        fits = -_FOUR_BYTES <= obj < _FOUR_BYTES
        return self._four if fits else super().upgrade(obj, format)


class WholeAsText(_Whole):
    """So go those of a list, which is text: psycopg keeps lists by what a number alone would be."""

    _four = Int4Dumper(Int4)


class Whole(_Whole, IntBinaryDumper):
    """So goes a number alone."""

    _four = Int4BinaryDumper(Int4)


def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Open a connection. (An event of the engine: ``do_connect``.)"""
    opened = Connection.connect(*arguments, **options)
    opened.cursor_factory = Cursor
    opened.prepared_max = KEPT
    for dumper in (WholeAsText, Whole):  # what is registered last is preferred
        opened.adapters.register_dumper(int, dumper)
    opened.execute(_SET, [list(column) for column in zip(*SETTINGS, strict=True)])
    opened.commit()
    return opened
