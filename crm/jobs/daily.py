"""The morning's work: plan the reminders, queue the digests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from crm import clock
from crm.reminders.digest import queue_digests
from crm.reminders.plan import plan
from crm.reminders.runs import DAILY, run_once

STARTS = time(8, 0)


def run_daily(now: datetime, worker: str) -> Mapping[str, Any] | None:
    """Do today's work if it is time and nobody has done it; what was done, or None.

    Days on which no worker ran need no run of their own: the next one finds all that is due.
    """
    local = now.astimezone(clock.SHANGHAI)
    if local.time() < STARTS:
        return None
    return run_once(DAILY, local.date().isoformat(), worker, lambda: _work(now))


def _work(now: datetime) -> dict[str, Any]:
    planned, digests = plan(now), queue_digests(now)
    said = {"planned": planned.planned, "messages": digests.messages}
    # What went wrong is said when it did.
    return said | ({"unwritten": digests.unwritten} if digests.unwritten else {})
