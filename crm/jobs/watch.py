"""Looks whether somebody plans the reminders, in every process that serves pages or works.

A worker that is gone can not say so: the pages' processes look too, send the mail themselves, and
show a banner. The database sees to it that each administrator gets one mail.
"""

from __future__ import annotations

import threading
from datetime import date

import structlog
from flask import Flask, current_app

from crm import clock
from crm.config import Config
from crm.reminders import runs
from crm.reminders.alarm import KIND, queue_alarm
from crm.reminders.outbox import send_due
from crm.reminders.pulse import planning_late
from crm.reminders.runs import worker_name
from models import db, engine

EVERY = 600
_LATE = "crm.late"
log = structlog.get_logger()


def look() -> date | None:
    """The working day since which nothing was planned; the pages of this process say so too."""
    now = clock.now()
    with engine.reading():
        last = runs.last_planned()
        db.session.rollback()
    last = last or runs.begin_watching(worker_name())
    with engine.reading():
        late = planning_late(last, now)
        db.session.rollback()
    current_app.extensions[_LATE] = late
    if late is not None:
        _tell(late)
    return late


def known_late() -> date | None:
    """What the last look of this process found; asks nothing."""
    found: date | None = current_app.extensions.get(_LATE)
    return found


def watch(app: Flask) -> threading.Thread:
    """Look every ten minutes from a thread of its own, until the process ends."""

    def work() -> None:
        resting = threading.Event()
        while True:
            _look_once(app)
            resting.wait(EVERY)

    thread = threading.Thread(target=work, name="watch", daemon=True)
    thread.start()
    return thread


def _look_once(app: Flask) -> None:
    with app.app_context():
        try:
            look()
        except Exception:
            # A database that is gone is said by /readyz.
            db.session.rollback()
            log.exception("could not look after the reminders")


def _tell(late: date) -> None:
    config: Config = current_app.extensions["crm.config"]
    now = clock.now()
    if queue_alarm(late, now):
        log.error("nobody plans the reminders", since=late.isoformat())
    if config.mail_url:
        result = send_due(now, kind=KIND)
        if result.sent + result.failed + result.deferred:
            runs.note(runs.SEND, worker_name(), now, result)
