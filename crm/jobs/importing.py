"""The work of imports that takes a while: ledgers checked, written, taken back; lists written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from crm import audit, clock
from crm.errors import CrmError
from crm.imports import jobs
from crm.imports.progress import Progress
from crm.leads.importing import service, undoing
from crm.messages import msg
from crm.targets import applying
from crm.targets.applying import lock_lists
from models import db, engine
from models.enums import Via
from models.import_batch import BatchKind, ImportBatch, JobKind

Work = Callable[[int, Progress, datetime], None]
log = structlog.get_logger()


def run_waiting(worker: str) -> bool:
    """Do the work that waits longest; whether there was some. Commits."""
    batch_id = jobs.waiting()
    return batch_id is not None and run(batch_id, worker)


def run(batch_id: int, worker: str) -> bool:
    """Do the work on a batch, in one transaction; whether it was this one's to do. Commits."""
    job = jobs.take(batch_id, worker)
    if job is None:
        return False
    kind, actor_id = job.kind, job.actor_id
    progress = Progress(batch_id, worker)
    with audit.acting(actor_id, Via.IMPORT, request_id=audit.current().request_id):
        try:
            _work(batch_id, kind)(batch_id, progress, clock.now())
            jobs.end(batch_id)
            db.session.commit()
        except CrmError as error:
            db.session.rollback()
            jobs.fail(batch_id, error)
        except Exception:
            db.session.rollback()
            log.exception("import failed", batch=batch_id, job=kind)
            jobs.fail(batch_id, CrmError(msg("没有做成，什么都没有写入。请再试一次。")))
        finally:
            progress.ended()
    return True


def _check(batch_id: int, progress: Progress, now: datetime) -> None:
    """Reading comes first and takes no lock, so that its progress can be said."""
    with engine.reading():
        db.session.rollback()
        found = service.check(db.session.get_one(ImportBatch, batch_id), now, progress.at)
        db.session.rollback()
    service.keep_check(_locked(batch_id), found)


def _apply(batch_id: int, progress: Progress, now: datetime) -> None:
    progress.writing()
    lock_lists()
    service.apply(_locked(batch_id), now, progress.at)


def _undo(batch_id: int, progress: Progress, now: datetime) -> None:
    progress.writing()
    lock_lists()
    undoing.undo(_locked(batch_id), now)


def _apply_list(batch_id: int, progress: Progress, now: datetime) -> None:
    progress.writing()
    public_id = db.session.get_one(ImportBatch, batch_id).public_id
    applying.apply(public_id, now=now, report=progress.at)


def _work(batch_id: int, kind: JobKind) -> Work:
    """What is done with a ledger; of a list writing alone is work beside the page."""
    if db.session.get_one(ImportBatch, batch_id).kind is BatchKind.TARGETS:
        return _OF_LISTS[kind]
    return _WORK[kind]


def _locked(batch_id: int) -> ImportBatch:
    return db.session.get_one(ImportBatch, batch_id, with_for_update=True, populate_existing=True)


_OF_LISTS: dict[JobKind, Work] = {JobKind.APPLY: _apply_list}
_WORK: dict[JobKind, Work] = {
    JobKind.CHECK: _check,
    JobKind.APPLY: _apply,
    JobKind.UNDO: _undo,
}
