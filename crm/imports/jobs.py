"""Work on an import that takes longer than a page should: asked for, taken by one, reported on.

Whoever gets there first does it: a worker, or the page that waits when no worker is there. One who
has not said anything for a while has died, and the next takes over; the work is one transaction, so
nothing of the dead one's is left.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from crm import clock
from crm.errors import CrmError
from crm.packing import pack
from models import db, engine
from models.import_batch import ImportBatch, ImportJob, JobKind

# A file of so many rows is looked at and written within the request that asks for it.
AT_ONCE = 500
SILENT = timedelta(seconds=90)


def ask(batch: ImportBatch, kind: JobKind, total: int, actor_id: int | None, now: datetime) -> None:
    """Ask that something be done with a batch; what failed before is forgotten."""
    job = db.session.get(ImportJob, batch.id, populate_existing=True)
    if job is None:
        job = ImportJob(batch_id=batch.id, kind=kind, asked_at=now)
        db.session.add(job)
    elif job.worker is not None and job.error is None and not _silent(job, now):
        return
    job.kind, job.actor_id, job.asked_at = kind, actor_id, now
    job.worker = job.beat_at = job.error = None
    job.done, job.total = 0, total
    db.session.flush()


def of(batch: ImportBatch) -> ImportJob | None:
    """The work that is asked for or failed, if there is some."""
    return db.session.get(ImportJob, batch.id, populate_existing=True)


def waiting() -> int | None:
    """A batch whose work nobody does, the longest waiting first. Ends its transaction."""
    with engine.reading():
        found: int | None = db.session.scalar(
            sa.select(ImportJob.batch_id)
            .where(_free(clock.now()))
            .order_by(ImportJob.asked_at)
            .limit(1)
        )
        db.session.rollback()
    return found


def take(batch_id: int, worker: str) -> ImportJob | None:
    """Take the work on a batch; None when somebody else was faster. Commits."""
    now = clock.now()
    job: ImportJob | None = db.session.scalar(
        sa.select(ImportJob)
        .where(ImportJob.batch_id == batch_id, _free(now))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if job is None:
        db.session.rollback()
        return None
    job.worker, job.beat_at, job.done = worker, now, 0
    db.session.commit()
    return job


def end(batch_id: int) -> None:
    """The work is done, with the transaction that did it."""
    job = db.session.get(ImportJob, batch_id)
    if job is not None:
        db.session.delete(job)


def fail(batch_id: int, error: CrmError) -> None:
    """Keep why it was refused, for the page to say. Commits."""
    job = db.session.get(ImportJob, batch_id, populate_existing=True)
    if job is not None:
        job.error = pack(error.message)
    db.session.commit()


def _free(now: datetime) -> sa.ColumnElement[bool]:
    died = sa.or_(ImportJob.beat_at.is_(None), ImportJob.beat_at < now - SILENT)
    return sa.and_(ImportJob.error.is_(None), sa.or_(ImportJob.worker.is_(None), died))


def _silent(job: ImportJob, now: datetime) -> bool:
    return job.beat_at is None or job.beat_at < now - SILENT
