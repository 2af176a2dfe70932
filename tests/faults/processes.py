"""The product's commands as processes over a test's database and mail server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.config import ROOT
from tests.mail.servers import MailServer


@pytest.fixture
def environment(database_url: str, data_dir: Path, mail_server: MailServer) -> dict[str, str]:
    """What a process over the test's database and mail server is started with."""
    return {
        **os.environ,
        "CRM_DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "test" * 8,
        "MAIL_URL": mail_server.url,
        "MAIL_TIMEOUT": "5",
    }


def start(environment: dict[str, str], *args: str) -> subprocess.Popen[str]:
    """A command of ours, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *args],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
