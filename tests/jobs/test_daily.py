"""The morning's work is done once a day, by whoever comes first, and made up for when missed."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.jobs import daily
from crm.jobs.daily import run_daily
from crm.jobs.worker import Worker
from crm.reminders import runs
from crm.reminders.runs import GIVEN_UP, run_once
from models.enums import TaskKind
from models.message import JobRun, Message
from tests.people import People
from tests.reminders.leads import MORNING, TODAY, Leads


@pytest.fixture
def leads(session: Any, people: People) -> Leads:
    """A lead that is due."""
    made = Leads(session, people.scout())
    made.make(age=61)
    return made


def test_it_waits_for_eight_and_then_runs_once(leads: Leads, session: Any) -> None:
    assert run_daily(MORNING - timedelta(minutes=1), "a") is None
    assert run_daily(MORNING, "a") == {"planned": 1, "messages": 1}
    assert run_daily(MORNING + timedelta(hours=1), "b") is None
    run = session.scalars(sa.select(JobRun)).one()
    assert (run.name, run.period, run.worker) == ("daily", "2026-12-03 08:00", "a")
    assert run.result == {"planned": 1, "messages": 1}


def test_a_worker_that_starts_late_makes_up_for_it(leads: Leads) -> None:
    late = datetime(2026, 12, 3, 9, 30, tzinfo=timezone.utc)
    assert run_daily(late, "a") == {"planned": 1, "messages": 1}


def test_what_failed_is_kept_and_tried_again(
    leads: Leads, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_at: datetime, _window: Any) -> Any:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(daily, "queue_digests", fail)
        assert run_daily(MORNING, "a") is None
    assert "the disk is full" in str(session.scalars(sa.select(JobRun.error)).one())
    assert run_daily(MORNING + timedelta(minutes=10), "b") == {"planned": 0, "messages": 1}
    session.expire_all()
    assert session.scalars(sa.select(JobRun)).one().error is None


def test_what_was_urgent_is_kept_with_the_runs_and_nothing_else(
    app: Flask, leads: Leads, session: Any
) -> None:
    worker = Worker(app)
    with time_machine.travel(MORNING + timedelta(hours=2), tick=False):
        worker._urgent()
        assert session.scalar(sa.select(sa.func.count()).select_from(JobRun)) == 0
        leads.task(leads.make(), "周五前回复", TODAY + timedelta(days=5), TaskKind.DIRECTIVE)
        worker._urgent()
        worker._urgent()
    run = session.scalars(sa.select(JobRun).where(JobRun.name == runs.URGENT)).one()
    assert (run.worker, run.result) == (worker.name, {"planned": 1, "messages": 1})


def test_a_dead_workers_run_is_taken_over_and_a_living_ones_is_not(session: Any) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        assert runs._take("daily", "2026-12-03", "a", MORNING) is not None
        clock.shift(GIVEN_UP)
        assert run_once("daily", "2026-12-03", "b", dict) is None
        clock.shift(timedelta(seconds=1))
        assert run_once("daily", "2026-12-03", "b", dict) == {}


def test_of_many_workers_one_runs(app: Flask, session: Any) -> None:
    ran: list[str] = []
    start = threading.Barrier(4)

    def work(name: str) -> None:
        def job() -> dict[str, Any]:
            ran.append(name)
            return {}

        with app.app_context():
            start.wait()
            run_once("daily", "2026-12-03", name, job)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ran) == 1


def test_days_off_are_planned_but_write_no_mail(leads: Leads, session: Any) -> None:
    saturday = MORNING + timedelta(days=2)
    assert run_daily(saturday, "a") == {"planned": 1, "messages": 0}
    assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
