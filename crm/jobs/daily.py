"""The day's work: at each time that somebody chose, plan the reminders and queue the digests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm import clock
from crm.reminders.digest import queue_digests
from crm.reminders.personal.queries import minutes_of
from crm.reminders.personal.rules import MINUTES, Window, minute_of, time_of
from crm.reminders.plan import plan
from crm.reminders.runs import DAILY, last_done, run_once
from models import db, engine

FIRST_HOUR = MINUTES.start // 60


def run_daily(now: datetime, worker: str) -> Mapping[str, Any] | None:
    """Do the work of the last time that was reached, unless it is done; what was done, or None.

    It writes the mails of all times since the last work of the day that was done, so that a time
    that was slept through or failed is made up for. Days on which no worker ran need no run of
    their own: the next one finds all that is due.
    """
    today, reached = clock.local_date(now), minute_of(now)
    with engine.reading():
        due = [minute for minute in minutes_of(today) if minute <= reached]
        period = f"{today.isoformat()} {time_of(max(due)):%H:%M}" if due else ""
        done = last_done(DAILY, f"{today.isoformat()} ", period) if due else None
        db.session.rollback()
    if not due:
        return None
    after = minute_of_period(done) if done else -1
    return run_once(DAILY, period, worker, lambda: _work(now, Window(after, max(due))))


def minute_of_period(period: str) -> int:
    """The minute of the day that a period ends with: 510 of 2026-12-03 08:30."""
    hours, minutes = period[-5:].split(":")
    return int(hours) * 60 + int(minutes)


def _work(now: datetime, window: Window) -> dict[str, Any]:
    planned, digests = plan(now), queue_digests(now, window)
    said = {"planned": planned.planned, "messages": digests.messages}
    # What went wrong is said when it did.
    wrong = {"unplanned": planned.unplanned, "unwritten": digests.unwritten}
    return said | {name: n for name, n in wrong.items() if n}
