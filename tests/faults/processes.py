"""The product's commands as processes over a test's database and mail server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm.config import ROOT
from tests.mail.servers import MailServer

_SMALL_DISK = """
import resource, sys
from flask.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = ["flask", "--app", "wsgi", *sys.argv[2:]]
main()
"""


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
    return _python(environment, "flask", "--app", "wsgi", *args)


def run(environment: dict[str, str], *args: str) -> str:
    """A command of ours, to its good end; what it printed."""
    process = start(environment, *args)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def killed_at(environment: dict[str, str], point: str, nth: int, *args: str) -> None:
    """Run a command of ours that is killed at the N-th of a point (``tests.faults.dying``)."""
    process = _python(environment, "tests.faults.dying", "SIGKILL", point, str(nth), *args)
    _out, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, (point, process.returncode, err)


def frozen_at(
    environment: dict[str, str], point: str, nth: int, *args: str
) -> subprocess.Popen[str]:
    """A command of ours that has fallen asleep at the N-th of a point; SIGCONT wakes it."""
    process = _python(environment, "tests.faults.dying", "SIGSTOP", point, str(nth), *args)
    _pid, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), (point, status)
    return process


def with_files_up_to(environment: dict[str, str], size: int, *args: str) -> subprocess.Popen[str]:
    """A command of ours, running, on a disk where no file has room for more bytes than that."""
    return _run(environment, "-c", _SMALL_DISK, str(size), *args)


def _python(environment: dict[str, str], module: str, *args: str) -> subprocess.Popen[str]:
    return _run(environment, "-m", module, *args)


def _run(environment: dict[str, str], *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *args],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
