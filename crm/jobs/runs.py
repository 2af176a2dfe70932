"""Runs a job once a period, whichever of many workers gets there first.

The database decides: the row of a job and its period is taken by one. A run that failed, or whose
worker died, is taken again by the next one that asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from crm import clock
from models import db
from models.message import JobRun

# A run that has not ended after this long is taken for dead.
GIVEN_UP = timedelta(minutes=15)
log = structlog.get_logger()


def run_once(
    name: str, period: str, worker: str, job: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Run the job unless its period is done or another worker is at it; what it reported, or None.

    A job that raises is kept with its error, to be tried again, and nothing is raised.
    """
    run_id = _take(name, period, worker, clock.now())
    if run_id is None:
        return None
    try:
        result = job()
    except Exception as error:
        db.session.rollback()
        log.exception("job failed", job=name, period=period)
        _end(run_id, worker, error=repr(error))
        return None
    _end(run_id, worker, result=dict(result))
    log.info("job done", job=name, period=period, **result)
    return result


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
    run_id: int, worker: str, *, result: dict[str, Any] | None = None, error: str | None = None
) -> None:
    db.session.execute(
        sa.update(JobRun)
        .where(JobRun.id == run_id, JobRun.worker == worker)
        .values(ended_at=clock.now(), result=result, error=error)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
