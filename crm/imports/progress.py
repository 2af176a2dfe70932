"""How far the work on an import is, told beside the transaction that does it.

A connection of its own writes it into the row of the work. On SQLite, which has one writer, that is
the work itself as soon as it writes: from then on a small file beside the database says it, which
whoever has the database has too. What can not be told is left untold: the work goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from crm import clock
from models import db
from models.import_batch import ImportJob, JobKind

Report = Callable[[int], None]
"""Told how many rows are through."""
_REPORT_EVERY = 0.5


def untold(_done: int) -> None:
    """Tells nobody how far the work is."""


def steps(report: Report, rows: int, many: int) -> Callable[[], None]:
    """What is called when one of so many steps is done, through which all rows go together.

    That share of the rows is told to be through, from none on.
    """
    done = count(1)
    report(0)
    return lambda: report(rows * min(next(done), many) // many)


@dataclass(frozen=True)
class Told:
    """How many rows are through, of being looked at or, ``writing``, of being written."""

    done: int
    writing: bool = False


class Progress:
    """Says how far the work of a worker on a batch is; at most twice a second."""

    def __init__(self, batch_id: int, worker: str) -> None:
        self.batch_id = batch_id
        self.worker = worker
        self.said = 0.0
        self.alone = False
        self.ended()

    def at(self, done: int) -> None:
        """So many rows are through; work that looks first and then writes counts each twice."""
        if time.monotonic() - self.said < _REPORT_EVERY:
            return
        self.said = time.monotonic()
        if self.alone:
            _write(self.batch_id, f"{done} {self.worker}")
            return
        with db.engine.begin() as connection:
            connection.execute(
                sa.update(ImportJob)
                .where(ImportJob.batch_id == self.batch_id)
                .values(done=done, beat_at=clock.now())
            )

    def writing(self) -> None:
        """From here on the work holds its own transaction."""
        self.alone = db.engine.dialect.name == "sqlite"

    def ended(self) -> None:
        """Nothing is told any more, nor is what somebody told who died."""
        if (path := _path(self.batch_id)) is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def told(job: ImportJob) -> Told:
    """How far the work is that somebody does."""
    done = job.done
    if (path := _path(job.batch_id)) is not None:
        with suppress(OSError, ValueError):
            rows, _, worker = path.read_text().partition(" ")
            done = int(rows) if worker == job.worker else done
    if job.kind is JobKind.APPLY and done >= job.total:
        return Told(min(done - job.total, job.total), writing=True)
    return Told(min(done, job.total))


def _path(batch_id: int) -> Path | None:
    """Where the file stands; None where there is no database file."""
    url = db.engine.url
    on_disk = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(f"{url.database}.import-{batch_id}") if on_disk else None


def _write(batch_id: int, text: str) -> None:
    """Put it there as a whole: who reads meanwhile reads what stood there before."""
    if (path := _path(batch_id)) is not None:
        with suppress(OSError):
            fresh = path.with_name(f"{path.name}.new")
            fresh.write_text(text)
            os.replace(fresh, path)
