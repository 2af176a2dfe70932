"""The scheduler's wiring."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import date, datetime, timezone
from types import FrameType

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from crm import audit, clock, idempotency
from crm.config import Config
from crm.jobs.daily import FIRST_HOUR, run_daily
from crm.jobs.importing import run_waiting
from crm.jobs.watch import EVERY, look
from crm.reminders import by_mail, runs
from crm.reminders.outbox import SendResult, send_due, waiting
from crm.reminders.runs import worker_name
from crm.reminders.urgent import Looked, queue_urgent
from crm.reports.forecast.service import observe
from crm.seals import service as seals
from models import db, statistics
from models.enums import Via

SEND_EVERY = 30
URGENT_EVERY = 30
# Somebody sits before the page that waits for an import.
IMPORT_EVERY = 1
SWEEP_HOURS = 1
SEAL_MINUTES = 5
OBSERVE_MINUTE = 20
# Messages between two looks at whether to stop.
_BATCH = 20
log = structlog.get_logger()


class Worker:
    """Does the morning's work, the imports and the mail until it is told to stop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Config = app.extensions["crm.config"]
        self.name = worker_name()
        self._looked = Looked()
        self._stopping = threading.Event()
        # That an import is still at work when the next second comes is no news.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self.scheduler = BlockingScheduler(timezone=clock.ZONE)
        # From the first time that anybody may choose every ten minutes, and at once: a run that
        # was missed or failed is made up for. A run that is done costs three statements.
        every_ten = CronTrigger(hour=f"{FIRST_HOUR}-23", minute="*/10", timezone=clock.ZONE)
        self._add(self._daily, every_ten)
        self._add(self._urgent, IntervalTrigger(seconds=URGENT_EVERY))
        self._add(self._send, IntervalTrigger(seconds=SEND_EVERY))
        self._add(self._imports, IntervalTrigger(seconds=IMPORT_EVERY))
        self._add(self._watch, IntervalTrigger(seconds=EVERY))
        self._add(self._sweep, IntervalTrigger(hours=SWEEP_HOURS))
        self._add(self._look_again, IntervalTrigger(hours=SWEEP_HOURS))
        self._add(self._seal, IntervalTrigger(minutes=SEAL_MINUTES))
        # In the first hour of a day in which somebody works; what is done costs one statement.
        self._add(self._observe, CronTrigger(minute=OBSERVE_MINUTE, timezone=clock.ZONE))

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is being sent then is sent to its end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        log.info("worker started", worker=self.name)
        self.scheduler.start()
        log.info("worker stopped", worker=self.name)

    def _add(self, job: Callable[[], None], trigger: CronTrigger | IntervalTrigger) -> None:
        self.scheduler.add_job(
            self._alone(job),
            trigger,
            name=job.__name__.strip("_"),
            next_run_time=datetime.now(timezone.utc),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _alone(self, job: Callable[[], None]) -> Callable[[], None]:
        """A job in an application context of its own; what goes wrong is logged, not fatal."""

        def run() -> None:
            with self.app.app_context(), audit.acting(None, Via.JOB):
                try:
                    job()
                except Exception:
                    db.session.rollback()
                    log.exception("job failed", job=job.__name__)

        return run

    def _daily(self) -> None:
        run_daily(clock.now(), self.name)

    def _imports(self) -> None:
        while not self._stopping.is_set() and run_waiting(self.name):
            pass

    def _urgent(self) -> None:
        started_at = clock.now()
        found = queue_urgent(started_at, self._looked)
        if found.planned or found.messages:
            runs.note(runs.URGENT, self.name, started_at, found)
        if found.messages:
            log.info("urgent mail queued", **vars(found))
            self._send()

    def _send(self) -> None:
        if waiting(clock.now(), mail=bool(self.settings.mail_url)):
            result = runs.recorded(runs.SEND, self.name, self._send_waiting)
            log.info("mail sent", **vars(result))

    def _send_waiting(self) -> SendResult:
        """Send what waits, as fast as is allowed; whether to stop is asked every few messages."""
        sent = failed = deferred = left = 0
        while not self._stopping.is_set():
            result = send_due(clock.now(), _BATCH, per_minute=self.settings.mail_per_minute)
            sent, failed = sent + result.sent, failed + result.failed
            deferred, left = deferred + result.deferred, result.left
            if result.sent + result.failed + result.deferred < _BATCH:
                break
        return SendResult(sent, failed, deferred, left)

    def _watch(self) -> None:
        look()

    def _seal(self) -> None:
        if laid := seals.seal(db.engine, clock.now()):
            log.info("trail sealed", seals=laid)

    def _observe(self) -> None:
        today = clock.today()
        runs.run_once(runs.OBSERVE, today.isoformat(), self.name, lambda: _observed(today))

    def _sweep(self) -> None:
        if swept := idempotency.sweep(clock.now(), self.settings.idempotency_kept):
            log.info("keys forgotten", n=swept)
        if swept := by_mail.forget_used(clock.now()):
            log.info("links forgotten", n=swept)
        if swept := runs.forget(clock.now()):
            log.info("runs forgotten", n=swept)

    def _look_again(self) -> None:
        statistics.look_again(db.session.connection())
        db.session.commit()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        # Whoever stops a group of processes may say it twice.
        if self._stopping.is_set():
            return
        self._stopping.set()
        # Not here: the signal may have come while this thread holds one of the scheduler's locks.
        threading.Thread(target=self.scheduler.shutdown).start()


def _observed(today: date) -> dict[str, int]:
    written = observe(today)
    db.session.commit()
    return vars(written)
