"""Looks whether this installation can do its work, and says what is wrong in one line each."""

from __future__ import annotations

import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from crm import clock
from crm.companies import in_chain as companies_in_chain
from crm.companies import index, settlement
from crm.config import Config
from crm.files import FileStore
from crm.leads import expansions, months
from crm.leads import in_chain as leads_in_chain
from crm.leads.totals import counted
from crm.mail import smtp
from crm.mail.letter import sender_address
from crm.mail.smtp import Postman
from crm.reminders.pulse import pulse
from crm.visits import totals as visit_totals
from crm.working_days import WorkingCalendar
from models import db, engine
from models.attachment import Blob
from models.audit import ChangeSet
from models.calendar_day import CalendarDay
from models.expansion import Expansion
from models.lead import LeadMonth, LeadTotal
from models.seal import Seal
from models.settled import SettledCompany
from models.visit import VisitTotal

OK, WARN, BAD = "ok", "warn", "bad"
_FREE_ENOUGH = 512 * 1024 * 1024
_SKEW_ALLOWED = 60
_WAITS_LONG = timedelta(hours=12)
_UNSEALED_LONG = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is (ok, warn, bad), and what to do about it."""

    subject: str
    level: str
    text: str


def examine() -> list[Finding]:
    """Every check; one that breaks is a finding itself, and does not hide the others.

    Of a database that is out of reach, or not migrated, this one thing is said and not once more
    by each that asks it.
    """
    findings: list[Finding] = []
    with engine.reading():
        findings += _run(_configuration)
        findings += (database := _run(_database))
        reached = not any(isinstance(found, _Broken) for found in database)
        migrated = reached and all(found.level == OK for found in database)
        for check in _OF_RECORDS if reached else ():
            found = _run(check)
            findings += [one for one in found if migrated or not isinstance(one, _Broken)]
        for check in (_mail, _disk):
            findings += _run(check)
    return findings


class _Broken(Finding):
    """A check that could not be made."""


def _run(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:
        db.session.rollback()
        line = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return [_Broken(check.__name__.strip("_"), BAD, f"{type(error).__name__}: {line}")]


def _settings() -> Config:
    config: Config = current_app.extensions["crm.config"]
    return config


def _configuration() -> Iterator[Finding]:
    config = _settings()
    if len(config.secret_key) < 32:
        yield Finding("configuration", BAD, "SECRET_KEY is shorter than 32 characters")
    elif not config.base_url.startswith(("http://", "https://")):
        yield Finding("configuration", BAD, "BASE_URL must start with http:// or https://")
    else:
        yield Finding("configuration", OK, f"pages at {config.base_url}")


def _database() -> Iterator[Finding]:
    connection = db.session.connection()
    stands = set(MigrationContext.configure(connection).get_current_heads())
    wanted = set(ScriptDirectory(current_app.extensions["migrate"].directory).get_heads())
    if stands != wanted:
        yield Finding("database", BAD, "not at the newest migration; run: db upgrade")
    else:
        yield Finding("database", OK, f"{connection.dialect.name}, at the newest migration")


def _totals() -> Iterator[Finding]:
    kept = {tuple(row) for row in db.session.execute(sa.select(*LeadTotal.__table__.columns))}
    right = {tuple(row) for row in db.session.execute(counted())}
    wrong = _not_empty(kept) ^ right
    by_month = {tuple(row) for row in db.session.execute(sa.select(*LeadMonth.__table__.columns))}
    months_right = {tuple(row.values()) for row in months.counted(db.session())}
    wrong |= _not_empty(by_month) ^ months_right
    if wrong:
        cells = len({row[:4] for row in wrong})
        yield Finding(
            "totals", BAD, f"{cells} of the board's counts are wrong; run: leads rebuild-totals"
        )
    else:
        yield Finding("totals", OK, "the board's counts are right")


def _visit_totals() -> Iterator[Finding]:
    kept = {
        (row.day, row.author_id, row.mode): row.n
        for row in db.session.execute(sa.select(*VisitTotal.__table__.columns))
        if row.n
    }
    right = visit_totals.counted(db.session())
    if wrong := set(kept.items()) ^ {(tuple(cell), n) for cell, n in right.items()}:
        days = len({key for key, _n in wrong})
        yield Finding(
            "visits", BAD, f"{days} of the visits' counts are wrong; run: visits rebuild-totals"
        )
    else:
        yield Finding("visits", OK, "the visits' counts are right")


def _settled() -> Iterator[Finding]:
    kept = {tuple(row) for row in db.session.execute(sa.select(*SettledCompany.__table__.columns))}
    right = {tuple(row) for row in db.session.execute(settlement.counted())}
    if wrong := kept ^ right:
        companies = len({row[0] for row in wrong})
        yield Finding(
            "settled",
            BAD,
            f"{companies} companies count wrongly for the goals; run: leads rebuild-totals",
        )
    else:
        yield Finding("settled", OK, "the companies that settled are right")


def _chain() -> Iterator[Finding]:
    session = db.session()
    if numbers := companies_in_chain.wrong(session) + leads_in_chain.wrong(session):
        text = f"{numbers} of the chain's counts are wrong; run: leads rebuild-totals"
        yield Finding("chain", BAD, text)
    else:
        yield Finding("chain", OK, "the chain's counts are right")


def _expansions() -> Iterator[Finding]:
    kept = set(db.session.scalars(sa.select(Expansion.lead_id)))
    if wrong := kept ^ set(db.session.scalars(expansions.counted())):
        yield Finding(
            "expansions",
            BAD,
            f"{len(wrong)} landings are wrongly told from expansions; run: leads rebuild-totals",
        )
    else:
        yield Finding("expansions", OK, "landings are told from expansions")


def _search() -> Iterator[Finding]:
    if leads := index.unfindable(db.session()):
        yield Finding("search", BAD, f"{leads} leads are not found; run: search rebuild")
    elif words := index.of_nobody(db.session()):
        yield Finding("search", BAD, f"{words} words find nothing any more; run: search rebuild")
    else:
        yield Finding("search", OK, "every lead is found")


def _not_empty(rows: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """A cell whose last lead has moved on stays, with nothing in it."""
    return {row for row in rows if any(row[4:])}


def _calendar() -> Iterator[Finding]:
    days = db.session.execute(sa.select(CalendarDay.day, CalendarDay.working)).all()
    calendar = WorkingCalendar({row.day: row.working for row in days})
    today = clock.today()
    if not calendar.known(today.year):
        yield Finding("calendar", WARN, f"the working days of {today.year} are not there")
    elif today.month == 12 and not calendar.known(today.year + 1):
        yield Finding("calendar", WARN, f"the working days of {today.year + 1} are not there yet")
    else:
        yield Finding("calendar", OK, f"the working days of {today.year} are known")


def _clock() -> Iterator[Finding]:
    here = datetime.now(timezone.utc)
    if clock.now() != here and abs((clock.now() - here).total_seconds()) > _SKEW_ALLOWED:
        yield Finding("clock", WARN, f"CRM_NOW holds the clock at {clock.now().isoformat()}")
    elif db.session.connection().dialect.name == "postgresql":
        there: datetime = db.session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        skew = abs((there - datetime.now(timezone.utc)).total_seconds())
        level = BAD if skew > _SKEW_ALLOWED else OK
        yield Finding("clock", level, f"{skew:.0f} s apart from the database's")
    else:
        yield Finding("clock", OK, f"{here.astimezone(clock.ZONE):%Y-%m-%d %H:%M %Z}")


def _mail() -> Iterator[Finding]:
    config = _settings()
    if "@" not in sender_address(config.mail_from):
        text = f"MAIL_FROM must be an address, such as crm@city.example, not {config.mail_from!r}"
        yield Finding("mail", BAD, text)
        return
    if not config.mail_url:
        yield Finding("mail", WARN, "MAIL_URL is not set: mail is kept in the outbox, not sent")
        return
    try:
        server = smtp.parse(config.mail_url)
        with Postman(server, sender_address(config.mail_from), config.mail_timeout) as postman:
            postman.reach()
    except (ValueError, OSError, smtplib.SMTPException) as error:
        yield Finding("mail", BAD, str(error))
    else:
        yield Finding("mail", OK, f"{server.host}:{server.port} answers")


def _reminders() -> Iterator[Finding]:
    found = pulse(clock.now())
    waits = found.oldest_unsent or timedelta()
    hours = waits.total_seconds() / 3600
    if found.late_since is not None:
        yield Finding(
            "reminders", BAD, f"nothing planned since {found.late_since}; is a worker running?"
        )
    elif _settings().mail_url and waits > _WAITS_LONG:
        yield Finding(
            "reminders",
            WARN,
            f"the oldest unsent mail waits for {hours:.0f} h",
        )
    elif found.stuck:
        text = f"{found.stuck} mails go no further, with reasons on /admin/outbox"
        yield Finding("reminders", WARN, text)
    elif found.last_planned is None:
        yield Finding("reminders", OK, "never planned yet; the worker plans at 08:00")
    else:
        planned = found.last_planned.astimezone(clock.ZONE)
        text = f"last planned {planned:%Y-%m-%d %H:%M}, the oldest unsent mail waits {hours:.1f} h"
        yield Finding("reminders", OK, text)


def _trail() -> Iterator[Finding]:
    last = sa.select(Seal.known_to, Seal.sealed_at).order_by(Seal.number.desc()).limit(1)
    seal = db.session.execute(last).first()
    waits = sa.select(ChangeSet.id)
    if seal is not None:
        waits = waits.where(ChangeSet.known_at > seal.known_to)
    if db.session.scalar(waits.limit(1)) is None:
        yield Finding("trail", OK, "all of it is sealed; audit verify proves it")
    elif seal is not None and clock.now() - seal.sealed_at > _UNSEALED_LONG:
        since = f"{seal.known_to.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
        yield Finding("trail", WARN, f"not sealed since {since}; is a worker running?")
    else:
        yield Finding("trail", OK, "sealed by the worker every few minutes")


def _files() -> Iterator[Finding]:
    store: FileStore = current_app.extensions["crm.files"]
    known = db.session.execute(sa.select(Blob.sha256, Blob.size)).all()
    lost = [row.sha256 for row in known if not store.has(row.sha256, row.size)]
    if lost:
        text = f"{len(lost)} of {len(known)} files are not in the store, the first is {lost[0]}"
        yield Finding("files", BAD, f"{text}; restore CRM_DATA_DIR/files from a backup")
    else:
        yield Finding("files", OK, f"{len(known)} files are in the store")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(_settings().data_dir).free
    level = OK if free >= _FREE_ENOUGH else BAD
    yield Finding("disk", level, f"{free // 1024**2} MB free")


_OF_RECORDS = (
    *(_totals, _visit_totals, _settled, _expansions, _chain, _search),
    *(_calendar, _clock, _reminders, _trail, _files),
)
