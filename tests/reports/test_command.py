"""The command that prints the past: by itself, and without what it does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from crm import clock
from crm.config import ROOT
from tests.leads.making import a_lead
from tests.people import People
from tests.reports.test_past import leads_of, printed

COMMAND = """
import atexit, sys
from flask.cli import main
slow = {"views", "pypinyin", "structlog", "flask_security", "models.lead", "models.audit"}
atexit.register(lambda: print(*(slow & sys.modules.keys()), file=sys.stderr))
main()
"""


def test_the_command_prints_it_without_pages_and_models(
    session: Any, people: People, database_url: str, data_dir: Path
) -> None:
    a_lead(people.scout(), '引"号\\软件有限公司')
    with clock.standing_at(clock.now()):
        moment, text = clock.now(), printed(clock.now())
    arguments = ("--app", "wsgi", "pipeline")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments, "--known-at", moment.isoformat(), "--json"],
        cwd=ROOT,
        env={**os.environ, "CRM_DATA_DIR": str(data_dir), "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == text
    assert len(leads_of(text)) == 1
    assert done.stderr.strip() == ""
