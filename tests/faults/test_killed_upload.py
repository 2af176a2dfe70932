"""A process that dies in the middle of an upload leaves no row without its file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from crm.config import ROOT
from models.attachment import Attachment, Blob
from tests.files.making import PDF
from tests.leads.making import a_lead
from tests.offers.making import an_agreement
from tests.people import People

pytestmark = pytest.mark.faults

# Dies right after the row was flushed, or when its file has taken its place; neither committed.
SCRIPT = """
import io, os, signal, sys
from crm.access import load_actor
from crm.clock import now, today
from crm.factory import create_app
from crm.leads.attachments import attach_to_lead
from models import db
from models.attachment import AttachmentKind
from models.user import User

app = create_app()
content = bytes.fromhex(sys.argv[3])
with app.app_context():
    actor = load_actor(db.session.get_one(User, int(sys.argv[2])), today())
    with app.extensions["crm.files"].receive("协议.pdf", io.BytesIO(content)) as file:
        attach_to_lead(sys.argv[1], file, AttachmentKind.AGREEMENT, actor, now())
        if sys.argv[4] == "settled":
            file.settle()
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.fault("upload killed between file and row", "no row without its file")
@pytest.mark.parametrize("moment", ["flushed", "settled"])
def test_killed_between_file_and_row(
    session: Any, people: People, database_url: str, data_dir: Path, moment: str
) -> None:
    scout = people.scout()
    lead = a_lead(scout)
    arguments = (lead.public_id, str(scout.id), PDF.hex(), moment)
    session.commit()
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "CRM_DATA_DIR": str(data_dir),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "test" * 8,
        },
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    for table in (Attachment, Blob):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    session.rollback()
    an_agreement(lead, scout)
    blob = session.scalars(sa.select(Blob)).one()
    store = current_app.extensions["crm.files"]
    assert store.has(blob.sha256, blob.size)
    with store.open(blob.sha256) as file:
        assert file.read() == PDF
    places = [path for path in (data_dir / "files").glob("??/*") if path.is_file()]
    assert len(places) == 1
