"""``python -m tests.bench``: measures and writes docs/bench.md."""

from __future__ import annotations

import argparse
import csv
import gc
import os
import sys
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

from flask import Flask

from crm import clock
from crm.config import GARBAGE, ROOT
from crm.demo.names import company_names
from tests.bench import databases, report
from tests.bench.crowd import spread
from tests.bench.databases import Database
from tests.bench.front import Painted, painted
from tests.bench.ledgers import CITIES, ROWS, write_ledger
from tests.bench.measure import (
    Result,
    bare_flask,
    floor_of,
    measure_all,
    run,
    run_module,
    sign_in,
)
from tests.bench.pages import PEOPLE, finding, pages
from tests.bench.report import Finding, Job
from tests.mail.servers import MailServer

# People with a mail in the morning.
CROWD = 5_000
YEARS_AGO = "2024-11-25T08:00"
VERSIONS = (
    "SELECT * FROM lead_version WHERE known_from <= :at AND (known_to IS NULL OR known_to > :at)"
)


def main() -> None:
    """Measure what was asked for and write the table."""
    asked = _arguments()
    results: dict[str, list[Result]] = {}
    found: list[Finding] = []
    jobs: list[Job] = []
    drawn: list[Painted] = []
    made: list[Database] = []
    sizes = sorted(int(size) for size in asked.sizes.split(",") if size)
    for engine in asked.engines.split(","):
        for leads in sizes:
            _say(f"{engine}, {leads} leads: filling")
            database = databases.prepare(engine, leads)
            made.append(database)
            _say(f"{engine}, {leads} leads: pages")
            results.setdefault(engine, []).extend(_pages(database, asked.requests, asked.pages))
        if asked.jobs and sizes:
            _say(f"{engine}, {sizes[-1]} leads: jobs")
            jobs += _jobs(database)
        if asked.browser and sizes:
            _say(f"{engine}, {sizes[-1]} leads: browser")
            drawn += _drawn(database)
        if asked.companies:
            _say(f"{engine}, {asked.companies} companies: filling")
            database = databases.prepare(engine, databases.FEW_LEADS, asked.companies)
            _say(f"{engine}, {asked.companies} companies: finding")
            found += _finding(database, asked.requests)
    bare = bare_flask(asked.requests)
    text = report.page(results, found, jobs, drawn, made, bare, asked.requests)
    Path(asked.out).write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--sizes", default="1000,10000,100000", help="leads, by commas; empty: none"
    )
    parser.add_argument("--companies", type=int, default=1_000_000, help="to find among; 0: none")
    parser.add_argument("--engines", default="sqlite,postgresql", help="by commas")
    parser.add_argument("--pages", default="", help="their names, by commas; empty: all")
    parser.add_argument("--requests", type=int, default=30, help="of each page")
    parser.add_argument("--out", default=str(ROOT / "docs" / "bench.md"))
    parser.add_argument("--no-jobs", dest="jobs", action="store_false", help="pages only")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="no Chromium")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _app(database: Database) -> Flask:
    """The application over one database; its settings are the environment's."""
    os.environ.update(database.environment)
    from crm.factory import create_app  # noqa: PLC0415 (its settings must stand first)

    app = create_app()
    # As wsgi.py does.
    gc.set_threshold(*GARBAGE)
    gc.freeze()
    return app


def _pages(database: Database, requests: int, names: str) -> list[Result]:
    app = _app(database)
    with app.app_context():
        wanted = [page for page in pages() if not names or page.name in names.split(",")]
    found = []
    for person in PEOPLE:
        client = sign_in(app, person)
        found += measure_all(database, client, person, wanted, requests)
    _close(app)
    return found


def _finding(database: Database, requests: int) -> list[Finding]:
    """Find as you type among very many companies, as a scout does."""
    app = _app(database)
    client = sign_in(app, "scout")
    results = measure_all(database, client, "scout", finding(), requests)
    _close(app)
    return [Finding(database, result) for result in results]


def _close(app: Flask) -> None:
    from models import db  # noqa: PLC0415 (its settings must stand first)

    with app.app_context():
        db.engine.dispose()


def _drawn(database: Database) -> list[Painted]:
    """Some pages in a browser, over a copy: signing in writes."""
    copy = database.copy()
    try:
        found = painted(copy)
    finally:
        copy.drop()
    return [replace(one, database=database) for one in found]


def _jobs(database: Database) -> list[Job]:
    """What runs beside the pages, on a copy: it writes."""
    copy = database.copy()
    try:
        pipelines = [_pipeline(copy, moment) for moment in (databases.AT, YEARS_AGO)]
        planned = run(copy, "reminders", "plan", "--at", databases.AT)
        with tempfile.TemporaryDirectory() as folder:
            path = _list_file(Path(folder))
            command = ("targets", "import", str(path), "--list", "industry-leader")
            preview = run(copy, *command, "--year", "2026", "--dry-run")
            imported = run(copy, *command, "--year", "2026")
            ledgers = _ledgers(copy, Path(folder))
    finally:
        copy.drop()
    return [
        *(replace(job, database=database) for job in pipelines),
        Job(database, f"plan all reminders ({planned.said['planned']:,} planned)", planned),
        *(replace(job, database=database) for job in _crowd(database)),
        Job(database, f"preview an import of {preview.said['rows']:,} rows", preview),
        Job(database, f"import them ({imported.said['new']:,} new companies)", imported),
        *(replace(job, database=database) for job in ledgers),
    ]


def _ledgers(database: Database, folder: Path) -> list[Job]:
    """Two workbooks of leads, one brought in by the command and one by the page."""
    path = write_ledger(folder / "command.xlsx", "command")
    command = ("leads", "import", str(path), "--team", "beijing")
    preview, imported = run(database, *command, "--dry-run"), run(database, *command)
    path = write_ledger(folder / "page.xlsx", "page")
    paged = run_module(database, "tests.bench.ledgers", str(path))
    looked, written = (replace(paged, seconds=paged.said[name]) for name in ("preview", "import"))
    return [
        Job(database, f"preview a workbook of {preview.said['rows']:,} leads", preview),
        Job(database, f"import it ({imported.said['new']:,} new leads)", imported),
        Job(database, "the page: upload such a workbook and look at it", looked),
        Job(database, "the page: import it", written),
    ]


def _crowd(database: Database) -> list[Job]:
    """The morning's mails of very many people, over a copy: written, then sent to a server."""
    copy, server = database.copy(), MailServer()
    server.start()
    try:
        spread(copy, CROWD)
        run(copy, "reminders", "plan", "--at", databases.AT)
        written = run(copy, "reminders", "digest", "--at", databases.AT)
        sent = run(copy, "outbox", "send", "--at", databases.AT, MAIL_URL=server.url)
    finally:
        server.stop()
        copy.drop()
    arrived = server.by_message_id
    if (len(arrived), arrived.total()) != (sent.said["sent"],) * 2:
        raise RuntimeError(f"{sent.said} were sent, {arrived.total()} of {len(arrived)} arrived")
    return [
        Job(copy, f"write the digests of {written.said['messages']:,} people", written),
        Job(copy, f"send them ({len(arrived):,} arrived, each once)", sent),
    ]


def _pipeline(database: Database, moment: str) -> Job:
    """The pipeline as it was known at a moment, all leads of that time."""
    done = run(database, "pipeline", "--known-at", moment)
    found = f"the pipeline as known at {moment} ({len(done.said['leads']):,} leads)"
    at = {"at": clock.moment_of(moment)}
    return Job(database, found, done, floor_of(database, VERSIONS, at))


def _list_file(folder: Path) -> Path:
    """A list of 10,000 companies, most of them unknown."""
    names = islice(company_names(Random("import"), CITIES), ROWS)
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["排名", "企业名称", "总部所在地"])
        writer.writerows([n, name, city] for n, (name, _, city) in enumerate(names, 1))
    return path


if __name__ == "__main__":
    main()
