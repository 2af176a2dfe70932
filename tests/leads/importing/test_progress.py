"""The page says how far an import is, also while one transaction writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.imports import jobs
from crm.imports.progress import Progress, Told, told
from crm.jobs.importing import run_waiting
from crm.leads.importing import batches
from crm.leads.importing.matching import Mode
from crm.leads.importing.preview import open_table
from crm.targets import batches as lists
from models import db, engine
from models.import_batch import ImportBatch, ImportJob, JobKind
from models.lead import Lead
from models.target import ListEntry
from tests.leads.importing.ledgers import long_ledger
from tests.targets.files import long_list

ROWS = 700


def asked(kind: JobKind) -> ImportBatch:
    """A ledger that waits for a worker."""
    data = long_ledger(ROWS)
    table = open_table("ledger.csv", data)
    ledger = batches.new_ledger(table, team=None, allowed=None, mode=Mode.ADD)
    now = clock.now()
    batch = batches.store("ledger.csv", data, table, ledger, actor_id=None, now=now)
    jobs.ask(batch, kind, ROWS, None, now)
    db.session.commit()
    return batch


def a_list() -> ImportBatch:
    """A target list that waits for a worker to write it."""
    data, now = long_list(ROWS), clock.now()
    batch = lists.store_batch("list.csv", data, "listed-software", 2021, actor_id=None, now=now)
    jobs.ask(batch, JobKind.APPLY, ROWS, None, now)
    db.session.commit()
    return batch


def beside(
    app: Flask, batch_id: int, made: type[Lead | ListEntry] = Lead
) -> tuple[Told | None, int]:
    """How far it is, and how many of what it makes are there, as another request reads it."""
    with app.app_context(), engine.reading():
        job = db.session.get(ImportJob, batch_id)
        there = db.session.scalar(sa.select(sa.func.count()).select_from(made))
        return (told(job) if job else None), int(there or 0)


def left_behind(app: Flask) -> list[Path]:
    """Files that told how far something was."""
    name = db.engine.url.database
    return list(Path(name).parent.glob("*.import-*")) if name and "/" in name else []


@pytest.fixture
def every_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left unsaid because something was said just before."""
    monkeypatch.setattr("crm.imports.progress._REPORT_EVERY", 0)


@pytest.mark.usefixtures("every_report", "team")
@pytest.mark.parametrize(("of", "made"), [("leads", Lead), ("list", ListEntry)])
def test_others_read_how_many_rows_are_looked_at_and_written(
    app: Flask, session: Any, of: str, made: type[Lead | ListEntry]
) -> None:
    batch_id = (asked(JobKind.APPLY) if of == "leads" else a_list()).id
    seen: list[tuple[Told | None, int]] = []

    def look(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT INTO") and not looking:
            looking.append(True)
            seen.append(beside(app, batch_id, made))
            looking.clear()

    looking: list[bool] = []
    listened = db.engine
    sa.event.listen(listened, "before_cursor_execute", look)
    try:
        assert run_waiting("a worker")
    finally:
        sa.event.remove(listened, "before_cursor_execute", look)
    assert {leads for _far, leads in seen} == {0}
    far = [found for found, _leads in seen if found]
    written = [found.done for found in far if found.writing]
    assert written == sorted(written)
    assert len(set(written)) >= 2
    assert 0 < max(written) <= ROWS
    assert left_behind(app) == []
    assert beside(app, batch_id, made)[1] > 0


@pytest.mark.usefixtures("every_report", "team")
def test_what_a_dead_worker_told_is_not_told_of_the_next(app: Flask, session: Any) -> None:
    batch_id = asked(JobKind.APPLY).id
    assert jobs.take(batch_id, "the first")
    dead = Progress(batch_id, "the first")
    dead.writing()
    dead.at(ROWS + 62)
    assert beside(app, batch_id)[0] == Told(62, writing=True)
    session.execute(sa.update(ImportJob).values(beat_at=clock.now() - 2 * jobs.SILENT))
    session.commit()
    assert jobs.take(batch_id, "the second")
    assert beside(app, batch_id)[0] == Told(0)
    Progress(batch_id, "the second").ended()
    assert left_behind(app) == []
