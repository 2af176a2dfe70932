"""The settings of a process, read once from its environment."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

N = TypeVar("N", int, float)
ROOT = Path(__file__).resolve().parent.parent
# So long a connection serves.
POOL_SECONDS = 3_600
MESSENGERS = ("wecom", "dingtalk", "feishu")
# How answers are packed, the cheapest first; a strong entity tag carries the name behind a colon.
CODINGS = ("zstd", "br", "gzip")


class SettingsError(ValueError):
    """A variable of the environment that can not be used; the text names it."""


@dataclass(frozen=True)
class Config:
    """What an operator can set; each has a default that works on one machine."""

    data_dir: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    mail_url: str | None = None
    mail_from: str = "noreply@localhost"
    mail_timeout: float = 20.0
    mail_per_minute: int = 300
    quiet_hours: tuple[time, time] = (time(20), time(8, 30))
    messengers: Mapping[str, str] = field(default_factory=dict)
    metrics_token: str | None = None
    upload_max_mb: int = 50
    proxies: int = 0
    idempotency_kept: timedelta = timedelta(hours=24)
    demo: bool = False
    timing: bool = False
    testing: bool = False
    site_name_zh: str = "嘉兴软件招商"
    site_name_en: str = "Jiaxing Software Investment"
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Config:
        """Read the environment variables that docs/operations.md lists; SettingsError."""
        env = os.environ
        data_dir = Path(env.get("CRM_DATA_DIR", ROOT / "instance")).resolve()
        _be_ours(data_dir)
        return cls(
            data_dir=data_dir,
            database_url=_database_url(env.get("DATABASE_URL") or _embedded(data_dir)),
            secret_key=env.get("SECRET_KEY") or _kept_secret(data_dir),
            base_url=env.get("BASE_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/"),
            mail_url=env.get("MAIL_URL") or None,
            mail_from=env.get("MAIL_FROM", cls.mail_from),
            mail_timeout=_number("MAIL_TIMEOUT", float, cls.mail_timeout),
            mail_per_minute=_number("MAIL_PER_MINUTE", int, cls.mail_per_minute),
            quiet_hours=_hours(env.get("CRM_QUIET_HOURS") or "20:00-08:30"),
            messengers=_homes(env.get("CRM_MESSENGERS", "")),
            metrics_token=env.get("METRICS_TOKEN") or None,
            upload_max_mb=_number("CRM_UPLOAD_MAX_MB", int, cls.upload_max_mb),
            proxies=_number("CRM_PROXIES", int, 0),
            idempotency_kept=timedelta(hours=_number("CRM_IDEMPOTENCY_HOURS", float, 24.0)),
            demo=_demo(env),
            timing=env.get("CRM_TIMING") == "1",
            site_name_zh=env.get("CRM_SITE_NAME", cls.site_name_zh),
            site_name_en=env.get("CRM_SITE_NAME_EN", cls.site_name_en),
        )

    @property
    def upload_max_bytes(self) -> int:
        """The most that one uploaded file may hold."""
        return self.upload_max_mb * 1024 * 1024

    def flask(self) -> dict[str, Any]:
        """The same as Flask and its extensions name it."""
        secure = self.base_url.startswith("https://")
        return {
            "SECRET_KEY": self.secret_key,
            "TESTING": self.testing,
            "SQLALCHEMY_DATABASE_URI": _opened(self.database_url, self.data_dir),
            # A connection of SQLite knows of its tables what was known when it was opened.
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "pool_recycle": POOL_SECONDS},
            "MAX_CONTENT_LENGTH": 24 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_DURATION": timedelta(days=14),
            "WTF_CSRF_TIME_LIMIT": None,
            # No deflate: what it means was never agreed upon.
            "COMPRESS_ALGORITHM": list(CODINGS),
            # Only files stream, and those of people are packed by their kind already.
            "COMPRESS_STREAMS": False,
            "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
            **self._security(),
            **self.extra,
        }

    def _security(self) -> dict[str, Any]:
        return {
            "SECURITY_PASSWORD_HASH": "argon2",
            "SECURITY_PASSWORD_SCHEMES": ["argon2"],
            # argon2id hashes the password itself; the doubled HMAC is for the weaker schemes.
            "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
            "SECURITY_PASSWORD_SALT": "unused-with-single-hash",
            "SECURITY_PASSWORD_LENGTH_MIN": 10,
            "SECURITY_LOGIN_URL": "/login",
            "SECURITY_LOGOUT_URL": "/logout",
            "SECURITY_LOGOUT_METHODS": ["POST"],
            "SECURITY_POST_LOGIN_VIEW": "/",
            "SECURITY_POST_LOGOUT_VIEW": "/login",
            "SECURITY_CHANGEABLE": True,
            "SECURITY_CHANGE_URL": "/account/password",
            "SECURITY_POST_CHANGE_VIEW": "/account",
            "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
            "SECURITY_SEND_REGISTER_EMAIL": False,
            # Our forms say one sentence whichever part was wrong; nothing is left to hide.
            "SECURITY_RETURN_GENERIC_RESPONSES": False,
            # No page asks to sign in again, and no page uses the extension's own files.
            "SECURITY_FRESHNESS": timedelta(seconds=-1),
            "SECURITY_STATIC_FOLDER": None,
            # The edge says what may be kept; the extension would write "private=True".
            "SECURITY_CACHE_CONTROL": None,
            "SECURITY_API_ENABLED_METHODS": ["session"],
            # A role is a column of an account here; the extension's command knows rows of roles.
            "SECURITY_CLI_ROLES_NAME": False,
            "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
            "SECURITY_FLASH_MESSAGES": False,
            "SECURITY_AUTO_LOGIN_AFTER_RESET": False,
        }


def _number(name: str, kind: type[N], default: N) -> N:
    text = os.environ.get(name, "")
    try:
        return kind(text) if text else default
    except ValueError as error:
        raise SettingsError(f"{name} must be a number, not {text!r}") from error


def _be_ours(data_dir: Path) -> None:
    """See to it that the folder is there and can be written."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"CRM_DATA_DIR {data_dir} can not be made: {error.strerror}"
        raise SettingsError(text) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise SettingsError(f"CRM_DATA_DIR {data_dir} can not be written")


def _demo(env: Mapping[str, str]) -> bool:
    """Whether this is a demo, whose clock may stand still."""
    if env.get("CRM_DEMO") != "1":
        return False
    if fixed := env.get("CRM_NOW"):
        try:
            if datetime.fromisoformat(fixed).year in {MINYEAR, MAXYEAR}:
                raise ValueError(fixed)
        except ValueError as error:
            text = f"CRM_NOW must look like 2026-12-03T09:00+08:00, not {fixed!r}"
            raise SettingsError(text) from error
    return True


def _hours(text: str) -> tuple[time, time]:
    """``20:00-08:30``: from when to when."""
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise SettingsError(f"CRM_QUIET_HOURS must look like 20:00-08:30, not {text!r}") from error
    return begins, ends


def _homes(text: str) -> dict[str, str]:
    """``wecom=https://wx.example.gov.cn``: messengers that an office runs by itself."""
    homes = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _is, address = part.partition("=")
        if name not in MESSENGERS or not address.startswith(("https://", "http://")):
            raise SettingsError(
                f"CRM_MESSENGERS must look like wecom=https://wx.example.gov.cn, not {part!r}"
            )
        homes[name] = address.rstrip("/")
    return homes


def _embedded(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'crm.db'}"


def _database_url(text: str) -> str:
    """An address that can be opened; it may hold a password, so a refusal does not repeat it."""
    scheme, is_address, _place = text.partition("://")
    if not is_address:
        raise SettingsError("DATABASE_URL must look like postgresql://user@host/name")
    kind, _with, _driver = scheme.partition("+")
    if kind not in {"sqlite", "postgresql", "postgres"}:
        raise SettingsError(f"DATABASE_URL must be of postgresql or sqlite, not {kind}")
    return text


def _opened(url: str, folder: Path) -> str:
    """``postgresql://`` means psycopg 3, which we ship; a file of SQLite is beside the data."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    file = url.removeprefix("sqlite:///")
    named = file != url and file and not file.startswith((":memory:", "file:"))
    return f"sqlite:///{folder / file}" if named else url


def _kept_secret(data_dir: Path) -> str:
    """A secret made once and kept beside the database; several hosts set SECRET_KEY instead."""
    path = data_dir / "secret_key"
    if not path.exists():
        # Another process may start at the same moment: it finds all of a secret, or none.
        handle, made = tempfile.mkstemp(dir=data_dir, prefix="secret_key.")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(made, path)
        finally:
            os.unlink(made)
    return path.read_text().strip()
