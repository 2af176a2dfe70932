"""The command that prints the past: by itself, and without what it does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from crm import clock
from crm.config import ROOT
from crm.reports.past import pipeline_at
from crm.reports.pipeline import as_json
from models import db
from models.company import Company
from models.plain import Database
from tests.leads.making import a_lead
from tests.people import People
from tests.reports.test_past import leads_of, printed

COMMAND = """
import atexit, sys
from flask.cli import main
slow = {"views", "pypinyin", "structlog", "flask_security", "sqlalchemy", "models.base"}
atexit.register(lambda: print(*(slow & sys.modules.keys()), file=sys.stderr))
main()
"""


# Each letter that JSON writes in a way of its own, and some that it does not.
LETTERS = "".join(map(chr, range(1, 0x20))) + '"\\/\x7f\u2028软件𠮷'


def test_the_command_prints_it_without_pages_and_models(
    session: Any, people: People, database_url: str, data_dir: Path
) -> None:
    for number in range(3):
        company = session.get_one(Company, a_lead(people.scout()).company_id)
        company.name = f"{number}{LETTERS}"
    session.commit()
    with clock.standing_at(clock.now()):
        moment, text = clock.now(), printed(clock.now())
    arguments = ("--app", "wsgi", "pipeline")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments, "--known-at", moment.isoformat(), "--json"],
        cwd=ROOT,
        env={**os.environ, "CRM_DATA_DIR": str(data_dir), "DATABASE_URL": database_url},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == text
    # As Python writes it, whoever put the names between their quotation marks.
    assert json.dumps(json.loads(text), ensure_ascii=False) + "\n" == text
    assert {lead["company_name"] for lead in leads_of(text).values()} == {
        f"{number}{LETTERS}" for number in range(3)
    }
    assert done.stderr.strip() == b""


def test_all_parts_together_are_the_whole(session: Any, people: People) -> None:
    for _ in range(5):
        a_lead(people.scout())
    with clock.standing_at(clock.now()):
        whole = printed(clock.now())
        in_parts = pipeline_at(Database.of(db.engine), clock.now(), parts=3)
    assert b"".join(as_json(in_parts)).decode() == whole
    assert len(in_parts.leads) == 3
    assert len(leads_of(whole)) == 5
