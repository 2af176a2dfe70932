"""A backup holds the whole city and comes back whole, from either engine to either engine."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.backup import form
from crm.companies import service
from crm.config import Config
from crm.factory import create_app
from crm.files import FileStore
from models import db
from models.attachment import Blob
from models.lead import Lead

SIZE = ("--leads", "30", "--visits", "150", "--at", "2026-11-25T08:00")


def run(app: Flask, *arguments: str) -> Any:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def city(app: Flask, once: Any) -> Flask:
    """A city with work in it."""

    def make() -> None:
        result = run(app, "demo", "load", *SIZE)
        assert result.exit_code == 0, result.output

    once("backup", make)
    return app


@pytest.fixture
def place(
    app: Flask, tmp_path: Path, templates: Callable[[str], str], request: Any
) -> Iterator[Callable[..., Flask]]:
    """Empty installations on an engine, without any table yet or as they are delivered."""
    made: list[tuple[Flask, str | None]] = []

    def empty(kind: str, *, delivered: bool = False) -> Flask:
        folder = tmp_path / f"place-{len(made)}"
        folder.mkdir()
        url, name = f"sqlite:///{folder / 'crm.db'}", None
        if kind == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            name = f"restored_{request.node.nodeid.__hash__() % 10**9}_{len(made)}"
            like = f" TEMPLATE {templates(kind)}" if delivered else ""
            server.psql(f"CREATE DATABASE {name}{like}")
            url = server.get_uri(name)
        elif delivered:
            shutil.copy(templates(kind), folder / "crm.db")
        config: Config = app.extensions["crm.config"]
        made.append((create_app(replace(config, data_dir=folder, database_url=url)), name))
        return made[-1][0]

    yield empty
    for other, name in made:
        with other.app_context():
            db.engine.dispose()
        if name:
            request.getfixturevalue("postgresql_server").psql(f"DROP DATABASE {name} WITH (FORCE)")


def lines(path: Path) -> dict[str, list[str]]:
    """Every table's lines; the engines sort words differently."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("tables/")]
        return {name: sorted(archive.read(name).decode().splitlines()) for name in names}


def test_all_comes_back_on_the_other_engine(
    city: Flask, place: Callable[[str], Flask], tmp_path: Path, engine_kind: str
) -> None:
    file, again = tmp_path / "city.zip", tmp_path / "again.zip"
    made = run(city, "backup", str(file), "--json")
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = place("postgresql" if engine_kind == "sqlite" else "sqlite")
    restored = run(other, "restore", str(file), "--json")
    assert restored.exit_code == 0, restored.output
    assert json.loads(restored.stdout) == json.loads(made.stdout)
    assert run(other, "backup", str(again)).exit_code == 0
    assert lines(again) == lines(file)
    assert [check for check in run(other, "doctor").output.splitlines() if "bad" in check] == []
    with other.app_context():
        files: FileStore = other.extensions["crm.files"]
        for blob in db.session.scalars(sa.select(Blob)):
            assert files.has(blob.sha256, blob.size)
        # Ids are counted on, and what may not be rewritten still may not.
        service.create_company("后来的软件有限公司", now=clock.now())
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text("DELETE FROM stage_change"))


def damaged(whole: Path, path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """The same archive with one part changed, or left out when nothing is left of it."""
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = change(old.read(name)) if name == part else old.read(name)
            if content:
                new.writestr(name, content)


@pytest.mark.only_sqlite
def test_what_is_no_whole_backup_leaves_nothing(
    city: Flask, place: Callable[[str], Flask], tmp_path: Path, session: Any
) -> None:
    whole, file = tmp_path / "city.zip", tmp_path / "other.zip"
    assert run(city, "backup", str(whole)).exit_code == 0
    blob = session.scalar(sa.select(Blob.sha256).limit(1))
    session.remove()
    other = place("sqlite")

    def refused(word: str) -> None:
        result = run(other, "restore", str(file))
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert word in result.stderr
        with other.app_context():
            there = "lead" in sa.inspect(db.engine).get_table_names()
            assert not there or db.session.scalar(sa.select(Lead.id).limit(1)) is None

    refused("No such file")
    file.write_bytes(whole.read_bytes()[:-400])
    refused("can not be read")
    damaged(whole, file, form.CONTENTS, lambda _content: b"")
    refused("no backup")
    damaged(whole, file, form.CONTENTS, lambda text: text.replace(b'"format": 1', b'"format": 9'))
    refused("format")
    with zipfile.ZipFile(whole) as archive:
        stands = json.loads(archive.read(form.CONTENTS))["revision"].encode()
    damaged(whole, file, form.CONTENTS, lambda text: text.replace(b'"%b"' % stands, b'"9999"'))
    refused("newer version")
    damaged(whole, file, form.content_of(blob), lambda content: content + b".")
    refused("an attachment is not what was written")
    damaged(whole, file, form.lines_of("lead"), lambda rows: rows.replace(b"engaged", b"landed"))
    refused("lead is not what was written")
    damaged(whole, file, form.lines_of("visit"), lambda _rows: b"")
    refused("visit can not be read")
    file.write_bytes(whole.read_bytes())
    assert run(other, "restore", str(file)).exit_code == 0


@pytest.mark.only_sqlite
def test_only_an_empty_place_is_filled(city: Flask, tmp_path: Path) -> None:
    file = tmp_path / "city.zip"
    assert run(city, "backup", str(file)).exit_code == 0
    before = file.read_bytes()
    result = run(city, "restore", str(file))
    assert result.exit_code == 2
    assert "empty" in result.stderr
    # A backup that can not be written leaves the last one as it was.
    nowhere = run(city, "backup", str(tmp_path / "no" / "city.zip"))
    assert (nowhere.exit_code, len(nowhere.stderr.splitlines())) == (2, 1)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_delivered_place_is_empty(
    city: Flask, place: Callable[..., Flask], tmp_path: Path, engine_kind: str
) -> None:
    file = tmp_path / "city.zip"
    assert run(city, "backup", str(file)).exit_code == 0
    other = place(engine_kind, delivered=True)
    restored = run(other, "restore", str(file))
    assert restored.exit_code == 0, restored.output
    with other.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Lead)) == 30
