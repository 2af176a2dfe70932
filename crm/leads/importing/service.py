"""Check a ledger, write it, settle what was doubtful. Services flush; the edge commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from crm import audit
from crm.clock import local_date
from crm.companies.identity import Answer, Decision
from crm.errors import Conflict, NotFound
from crm.imports.changes import many_records
from crm.imports.outcomes import Outcome
from crm.imports.progress import Report, untold
from crm.imports.table import Table
from crm.leads.importing import batches
from crm.leads.importing.applying import Writer
from crm.leads.importing.checking import (
    KEPT,
    counts_of,
    keep,
    keep_open,
    new_people,
    recount,
    said_of,
)
from crm.leads.importing.preview import Ledger, Preview, preview
from crm.messages import msg
from crm.targets.applying import lock_lists
from models import db
from models.enums import Via
from models.import_batch import BatchState, ImportBatch, ImportRow

_WRITTEN = (Outcome.NEW, Outcome.MATCHED, Outcome.DOUBTFUL)


def check(batch: ImportBatch, now: datetime, report: Report = untold) -> Preview:
    """What a waiting batch would do now; reads. ``keep_check`` writes it down for the pages."""
    return preview(batches.rows_of(batch), batches.ledger_of(batch), local_date(now), report)


def keep_check(batch: ImportBatch, found: Preview) -> None:
    """Keep what a check said of each row, when nobody wrote the batch meanwhile."""
    if batch.state is not BatchState.PREVIEW:
        return
    cells = {row.number: row.cells for row in batches.rows_of(batch)}
    if found.results:
        keep(batch, found, cells)
    batch.counts = counts_of(found)
    db.session.flush()


def recheck(batch: ImportBatch, number: int, now: datetime) -> None:
    """Look at one row of a waiting batch again; before it is written all are."""
    row = db.session.get(ImportRow, (batch.id, number))
    if row is None or row.outcome is None:
        return
    rows = batches.rows_of(batch, number)
    found = preview(rows, batches.ledger_of(batch), local_date(now))
    if not found.results:
        return
    result = found.results[0]
    recount(batch, row.outcome, result.outcome.value)
    row.outcome, row.row_key = result.outcome.value, result.line.row_key
    row.said = said_of(result, found.directory)
    db.session.flush()


def apply(batch: ImportBatch, now: datetime, report: Report = untold) -> None:
    """Write a waiting batch; a second call changes nothing. Conflict when it was undone.

    ``report`` is told of each row twice: when it is looked at again, and when it is written.
    """
    if batch.state is BatchState.APPLIED:
        return
    if batch.state is not BatchState.PREVIEW:
        raise Conflict(msg("这次导入已经撤销。要再导入请重新上传文件。"))
    rows = batches.rows_of(batch)
    found = preview(rows, batches.ledger_of(batch), local_date(now), report)
    with _as_import():
        _write(batch, found, now, lambda done: report(len(rows) + done))
        keep_open(batch, found, {row.number: row.cells for row in rows})
        batches.cut_file(batch)


def import_now(
    table: Table,
    data: bytes,
    file_name: str,
    ledger: Ledger,
    *,
    now: datetime,
    actor_id: int | None = None,
) -> tuple[Preview, ImportBatch | None]:
    """Preview and write at once; no batch is made of a file that changes nothing."""
    lock_lists()
    found = preview(table.rows, ledger, local_date(now))
    if not any(result.outcome in _WRITTEN for result in found.results):
        return found, None
    with _as_import():
        batch = batches.store(
            file_name, data, table, ledger, actor_id=actor_id, now=now, rows=False
        )
        _write(batch, found, now)
        keep_open(batch, found, {row.number: row.cells for row in table.rows})
        batches.cut_file(batch)
    return found, batch


def settle(batch: ImportBatch, number: int, answer: Answer, company: str, now: datetime) -> Outcome:
    """Say what a doubtful row of a written batch is, and write it: the batch holds it then.

    NotFound when the row is settled already; Conflict when it is still not clear.
    """
    lock_lists()
    row = db.session.get(ImportRow, (batch.id, number), with_for_update=True)
    if row is None or row.outcome != Outcome.DOUBTFUL:
        raise NotFound
    ledger = batches.ledger_of(batch)
    decided = replace(ledger, decisions={number: Decision(answer, company)})
    found = preview(batches.rows_of(batch, number), decided, local_date(now))
    result = found.results[0]
    if result.outcome is Outcome.DOUBTFUL:
        raise Conflict(msg("旁边的企业已经变了。请看过最新情况再判定。"))
    with _as_import():
        _writer(batch, found, now).write(found.results)
        outcome = result.outcome.value
        recount(batch, Outcome.DOUBTFUL.value, outcome, new_people(found.results))
        row.outcome, row.said = result.outcome.value, said_of(result, found.directory)
        if row.outcome not in KEPT and result.answer is not Answer.SAME:
            db.session.delete(row)
        db.session.flush()
        batches.cut_file(batch)
    return result.outcome


def _write(batch: ImportBatch, found: Preview, now: datetime, report: Report = untold) -> None:
    batch.state = BatchState.APPLIED
    batch.applied_at = now
    batch.counts = counts_of(found)
    db.session.flush()
    _writer(batch, found, now).write(found.results, report)


def _writer(batch: ImportBatch, found: Preview, now: datetime) -> Writer:
    return Writer(batch, found.directory, audit.current().actor_id, now)


@contextmanager
def _as_import() -> Iterator[None]:
    """The trail says that an import did it, on behalf of whoever acts."""
    who = audit.current()
    with many_records(), audit.acting(who.actor_id, Via.IMPORT, request_id=who.request_id):
        yield
