"""Moments that are settled: what was known then is all that will ever have been known then.

Whoever writes holds a lock from before they read the clock until they commit. A report that asks
for a moment first marks it as settled and then waits for those who wrote before the mark; all who
come after become known later than it, whatever their clock says (``settling``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from crm import clock
from crm.audit.settling import LOCK
from models.columns import UTCDateTime

_SETTLED = sa.table(
    "settled", sa.column("mark", UTCDateTime()), sa.column("reached", UTCDateTime())
)
TICK = timedelta(microseconds=1)


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
