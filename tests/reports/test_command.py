"""The command that prints the past: by itself, and without what it does not need."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm import clock
from crm.beside import beside
from crm.config import ROOT
from tests.leads.making import a_lead
from tests.people import People
from tests.reports.test_past import leads_of, printed

COMMAND = """
import atexit, sys
from flask.cli import main
from crm.reports import halves
halves.FEW, halves.possible = int(sys.argv.pop()), lambda: True
slow = {"views", "pypinyin", "structlog", "flask_security", "models.lead", "models.audit"}
atexit.register(lambda: print(*(slow & sys.modules.keys()), file=sys.stderr))
main()
"""


def test_the_command_prints_it_without_pages_and_models_alone_and_by_two(
    session: Any, people: People, database_url: str, data_dir: Path
) -> None:
    a_lead(people.scout(), '引"号\\软件有限公司')
    a_lead(people.scout("shenzhen"))
    a_lead(people.scout())
    with clock.standing_at(clock.now()):
        moment, text = clock.now(), printed(clock.now())
    arguments = ("--app", "wsgi", "pipeline", "--known-at", moment.isoformat(), "--json")
    for few in (3, 4):
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *arguments, str(few)],
            cwd=ROOT,
            env={**os.environ, "CRM_DATA_DIR": str(data_dir), "DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == text
        assert done.stderr.strip() == ""
    assert len(leads_of(text)) == 3


def test_work_that_fails_beside_is_not_taken_for_done(capfd: Any) -> None:
    def work() -> Iterator[bytes]:
        yield b"begun"
        raise ValueError("broken off")

    with pytest.raises(RuntimeError, match="a part of the work"), beside(work) as other:
        assert other.read() == b"begun"
    assert "broken off" in capfd.readouterr().err
    with beside(lambda: itertools.repeat(b"more")) as other:
        assert other.read(4) == b"more"
