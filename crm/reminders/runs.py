"""Keeps every run: when, by which worker, what it did; and lets a day's work be done once.

The database decides who does it: the row of a job and its period is taken by one. A run that
failed, or whose worker died, is taken again by the next one that asks.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from models import db
from models.message import JobRun

R = TypeVar("R")
DAILY, PLAN, DIGEST, SEND, WATCH = "daily", "plan", "digest", "send", "watch"
# Asked for every half minute: kept where it found something.
URGENT = "urgent"
# Once a day: what became of the leads of past quarters.
OBSERVE = "observe"
# A run that has not ended after this long is taken for dead.
GIVEN_UP = timedelta(minutes=15)
# Runs of the small jobs are forgotten after so long.
KEPT = timedelta(days=90)
log = structlog.get_logger()


def worker_name() -> str:
    """Which process this is, for people who look for it."""
    return f"{socket.gethostname()}:{os.getpid()}"[:96]


def run_once(
    name: str, period: str, worker: str, job: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Run the job unless its period is done or another worker is at it; what it reported, or None.

    A job that raises is kept with its error, to be tried again, and nothing is raised.
    """
    started_at = clock.now()
    run_id = _take(name, period, worker, started_at)
    if run_id is None:
        return None
    try:
        result = job()
    except Exception as error:
        db.session.rollback()
        log.exception("job failed", job=name, period=period)
        _end(run_id, started_at, error=repr(error))
        return None
    _end(run_id, started_at, result=dict(result))
    log.info("job done", job=name, period=period, **result)
    return result


def recorded(name: str, worker: str, job: Callable[[], R]) -> R:
    """Run a job that any number may run at any time, and keep that it ran; raises what it raises.

    ``job`` returns an object of numbers (a dataclass); they are what is kept of it.
    """
    started_at = clock.now()
    period = f"{started_at:%Y-%m-%dT%H:%M:%S}#{secrets.token_hex(4)}"
    run_id = _take(name, period, worker, started_at)
    if run_id is None:
        raise RuntimeError(f"two runs of {name} drew one number")
    try:
        result = job()
    except Exception as error:
        db.session.rollback()
        _end(run_id, started_at, error=repr(error))
        raise
    _end(run_id, started_at, result=dict(vars(result)))
    return result


def note(name: str, worker: str, started_at: datetime, result: Any) -> None:
    """Keep a run that was over before it was worth keeping; ``result`` as in ``recorded``."""
    period = f"{started_at:%Y-%m-%dT%H:%M:%S}#{secrets.token_hex(4)}"
    if (run_id := _take(name, period, worker, started_at)) is not None:
        _end(run_id, started_at, result=dict(vars(result)))


def last_planned() -> datetime | None:
    """When planning last came to its end, by the clock or by hand."""
    found: datetime | None = db.session.scalar(
        sa.select(sa.func.max(JobRun.ended_at)).where(
            JobRun.name.in_((DAILY, PLAN)), JobRun.error.is_(None)
        )
    )
    return found


def last_done(name: str, start: str, before: str) -> str | None:
    """The last period that was done of those that begin with ``start``, and before ``before``."""
    found: str | None = db.session.scalar(
        sa.select(sa.func.max(JobRun.period)).where(
            JobRun.name == name,
            JobRun.period >= start,
            JobRun.period < before,
            JobRun.ended_at.is_not(None),
            JobRun.error.is_(None),
        )
    )
    return found


def begin_watching(worker: str) -> datetime:
    """The moment at which this installation was first watched: the first call makes it."""
    now = clock.now()
    if (run_id := _take(WATCH, "began", worker, now)) is not None:
        _end(run_id, now, result={})
    found: datetime = db.session.execute(
        sa.select(JobRun.started_at).where(JobRun.name == WATCH)
    ).scalar_one()
    return found


def recent(limit: int) -> list[JobRun]:
    """The last runs, the latest first."""
    query = sa.select(JobRun).where(JobRun.name != WATCH)
    latest = query.order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(limit)
    return list(db.session.scalars(latest))


def forget(now: datetime) -> int:
    """Delete what the small jobs left long ago; how many. The days' own runs stay."""
    gone = db.session.execute(
        sa.delete(JobRun)
        .where(JobRun.name.in_((PLAN, DIGEST, SEND, URGENT)), JobRun.started_at < now - KEPT)
        .returning(JobRun.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    return len(gone)


def _take(name: str, period: str, worker: str, now: datetime) -> int | None:
    connection = db.session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(JobRun).values(name=name, period=period, worker=worker, started_at=now)
    abandoned = sa.or_(
        JobRun.error.is_not(None),
        sa.and_(JobRun.ended_at.is_(None), JobRun.started_at < now - GIVEN_UP),
    )
    taken: int | None = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "period"],
            set_={"worker": worker, "started_at": now, "ended_at": None, "error": None},
            where=abandoned,
        ).returning(JobRun.id)
    ).scalar()
    db.session.commit()
    return taken


def _end(
    run_id: int,
    started_at: datetime,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    db.session.execute(
        sa.update(JobRun)
        .where(JobRun.id == run_id, JobRun.started_at == started_at)
        .values(ended_at=clock.now(), result=result, error=error)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
