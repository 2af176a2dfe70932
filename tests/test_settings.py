"""What the environment says is read once, and refused in one line when it can not be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.config import ROOT, Config, SettingsError


def test_what_is_not_set_works_on_one_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "MAIL_URL", "BASE_URL", "MAIL_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "8123")
    config = Config.from_environment()
    assert config.database_url == f"sqlite:///{tmp_path / 'crm.db'}"
    assert config.base_url == "http://127.0.0.1:8123"
    assert (config.mail_url, config.mail_timeout) == (None, 20.0)
    # Made once, and kept from others.
    assert Config.from_environment().secret_key == config.secret_key
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "nonsense:secret"),
        ("DATABASE_URL", "mysql://crm:secret@db/crm"),
        ("MAIL_TIMEOUT", "soon"),
        ("CRM_PROXIES", "one"),
        ("CRM_QUIET_HOURS", "evenings"),
        ("CRM_NOW", "0001-01-01"),
    ],
)
def test_what_can_not_be_used_is_named_and_no_password_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str
) -> None:
    monkeypatch.setenv("CRM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CRM_DEMO", "1")
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError, match=name) as refused:
        Config.from_environment()
    assert "secret" not in str(refused.value)


def _flask(data_dir: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env={**os.environ, "CRM_DATA_DIR": str(data_dir), "CRM_DEMO": "1", **env},
        capture_output=True,
        text=True,
        check=False,
    )


PIPELINE = ("pipeline", "--known-at", "2026-11-25T08:00", "--json")


@pytest.mark.parametrize(
    ("command", "name", "text", "said"),
    [
        (("doctor",), "CRM_TIMEZONE", "Mars/Olympus", "CRM_TIMEZONE must be as Asia/Shanghai"),
        (("doctor",), "CRM_DATA_DIR", "/proc/nowhere", "CRM_DATA_DIR /proc/nowhere can not be"),
        (("doctor",), "CRM_NOW", "soon", "CRM_NOW must look like"),
        # A database without tables, and one that is out of reach, with SQLAlchemy and without.
        (("reminders", "plan"), "DATABASE_URL", "", "no such table"),
        (PIPELINE, "DATABASE_URL", "", "no such table"),
        (PIPELINE, "DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "refused"),
    ],
)
def test_a_command_says_it_in_one_line(
    tmp_path: Path, command: tuple[str, ...], name: str, text: str, said: str
) -> None:
    done = _flask(tmp_path, *command, **{name: text})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert said in done.stderr


def test_the_doctor_says_once_that_the_database_is_out_of_reach(tmp_path: Path) -> None:
    done = _flask(tmp_path, "doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    bad = [line for line in done.stdout.splitlines() if line.startswith("bad")]
    assert (done.returncode, len(bad)) == (1, 1), done.stdout
    assert bad[0].startswith("bad  database: OperationalError: connection failed")
    assert "disk" in done.stdout
