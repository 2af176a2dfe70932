"""Times pages, their statements alone, and a page of Flask that does nothing."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from crm import clock
from crm.access import tokens
from crm.config import ROOT
from models import db
from models.enums import ApiScope
from models.user import User
from tests.bench.databases import PASSWORD, Database, flask, python
from tests.bench.pages import PEOPLE, Page
from tests.clients import Client

_TIMING = re.compile(r'app;dur=([\d.]+).*?desc="n=(\d+)"')
WARM_UP = 5


@dataclass(frozen=True)
class Times:
    """Milliseconds at the middle and at the 95th percentile."""

    p50: float
    p95: float

    @classmethod
    def of(cls, samples: list[float]) -> Times:
        """Of at least two samples."""
        cuts = statistics.quantiles(samples, n=20, method="inclusive")
        return cls(statistics.median(samples), cuts[18])


@dataclass(frozen=True)
class Result:
    """A page as one person sees it; no times when the page is not there."""

    page: str
    person: str
    leads: int
    status: int
    statements: int = 0
    times: Times | None = None
    floor: Times | None = None
    bytes: int = 0


def sign_in(app: Flask, person: str) -> Client:
    """The busy scout or the manager, signed in, and with a token for the API."""
    client = Client(app).sign_in_by_form(PEOPLE[person], PASSWORD)
    with app.app_context():
        user = db.session.scalars(sa.select(User).where(User.email == PEOPLE[person])).one()
        made = tokens.issue(user, "bench", now=clock.now(), scope=ApiScope.READ)
        # Noted as used, so that no measured request has to.
        made.token.last_used_at = clock.now()
        db.session.commit()
    client.http.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.secret}"
    return client


def measure_all(
    database: Database, client: Client, person: str, pages: Sequence[Page], requests: int
) -> list[Result]:
    """Ask for each page again and again, and once in a process of its own."""
    cold = _cold(database, client, pages)
    return [measure(database, client, person, page, requests, cold[page.path]) for page in pages]


def measure(
    database: Database, client: Client, person: str, page: Page, requests: int, cold: int
) -> Result:
    """Ask for the page again and again; the server says how long it took."""
    statements: list[tuple[str, Any]] = []
    with _listening(client.app, statements):
        response = client.http.get(page.path)
    if response.status_code != 200:
        return Result(page.name, person, database.leads, response.status_code)
    samples = []
    for number in range(WARM_UP + requests):
        taken = _taken(client.http.get(page.path).headers["Server-Timing"])[0]
        if number >= WARM_UP:
            samples.append(taken)
    return Result(
        page.name,
        person,
        database.leads,
        response.status_code,
        statements=cold,
        times=Times.of(samples),
        floor=_floor(client.app, statements, requests),
        bytes=len(response.data),
    )


def _taken(header: str) -> tuple[float, int]:
    found = _TIMING.search(header)
    assert found, header
    return float(found[1]), int(found[2])


@contextmanager
def _listening(app: Flask, statements: list[tuple[str, Any]]) -> Any:
    """Keep each statement that a request sends, with its parameters."""

    def keep(_conn: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append((sql, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", keep)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", keep)


def _floor(app: Flask, statements: list[tuple[str, Any]], rounds: int) -> Times:
    """The page's own statements, through the driver alone, all rows fetched."""
    with app.app_context():
        connection: Any = db.engine.raw_connection()
    cursor = connection.cursor()

    def ask() -> None:
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    found = repeat(ask, rounds)
    connection.rollback()
    connection.close()
    return found


def repeat(work: Callable[[], object], times: int) -> Times:
    """Do it so often and time each."""
    samples = []
    for number in range(WARM_UP + times):
        started = time.perf_counter()
        work()
        if number >= WARM_UP:
            samples.append((time.perf_counter() - started) * 1000)
    return Times.of(samples)


def bare_flask(requests: int) -> Times:
    """A page that does nothing, through the same test client."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "ok")
    client = app.test_client()
    return repeat(lambda: client.get("/"), requests)


def _cold(database: Database, client: Client, pages: Sequence[Page]) -> dict[str, int]:
    """Statements of the very first request of a process, by the page's path."""
    cookie = client.http.get_cookie("session")
    assert cookie, "signed in"
    paths = [page.path for page in pages]
    bearer = client.http.environ_base["HTTP_AUTHORIZATION"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.cold"],
        env=database.environment,
        cwd=ROOT,
        input=json.dumps({"paths": paths, "cookie": cookie.value, "bearer": bearer}),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(paths, map(int, done.stdout.split()), strict=True))


def floor_of(database: Database, sql: str, values: dict[str, Any]) -> float:
    """Seconds of a command that does nothing and of one statement, all rows fetched."""
    started = time.perf_counter()
    flask(database.environment, "pipeline", "--help")
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        connection.execute(sa.text(sql), values).fetchall()
    spent = time.perf_counter() - started
    engine.dispose()
    return spent


@dataclass(frozen=True)
class Run:
    """A command: how long it took, the most memory it held (MB), and what it said."""

    seconds: float
    megabytes: float
    said: dict[str, Any]


def run(database: Database, *arguments: str, **settings: str) -> Run:
    """Run one of the product's commands with --json in a process of its own."""
    return run_module(database, "flask", "--app", "wsgi", *arguments, "--json", **settings)


def run_module(database: Database, *command: str, **settings: str) -> Run:
    """Run a module that prints one JSON object in a process of its own, with further settings.

    A small process starts it: until a child runs its own program it counts as large as its parent.
    """
    environment = {**database.environment, **settings}
    told = json.loads(python(environment, "tests.bench.peak", *command))
    return Run(told["seconds"], told["megabytes"], json.loads(told["said"]))
