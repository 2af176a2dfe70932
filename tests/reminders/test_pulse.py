"""Reminders that stop are noticed: by the pages, by mail, by the doctor and by a monitor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.doctor import examine
from crm.jobs.daily import run_daily
from crm.jobs.watch import look
from crm.reminders.pulse import late_since
from crm.working_days import official_calendar
from models import db
from models.message import JobRun, Message
from tests.clients import Client
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import MORNING, Leads, morning

__all__ = ["mail_server"]
CALENDAR = official_calendar([2026, 2027])


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of that day in Shanghai."""
    return morning(day) + timedelta(hours=hour - 8, minutes=minute)


@pytest.mark.parametrize(
    ("planned", "now", "late"),
    [
        # Thursday; the next working day is Friday, and it is over at five.
        (date(2026, 12, 3), at(date(2026, 12, 4), 16, 59), None),
        (date(2026, 12, 3), at(date(2026, 12, 4), 17), date(2026, 12, 4)),
        # Friday; the weekend is no working day.
        (date(2026, 12, 4), at(date(2026, 12, 6), 23), None),
        (date(2026, 12, 4), at(date(2026, 12, 7), 17), date(2026, 12, 7)),
        # A Saturday that is worked, and a week that is not.
        (date(2026, 10, 9), at(date(2026, 10, 10), 18), date(2026, 10, 10)),
        (date(2026, 9, 30), at(date(2026, 10, 7), 18), None),
        # A clock that was set back.
        (date(2026, 12, 4), at(date(2026, 12, 3), 12), None),
    ],
)
def test_late_is_a_working_day_without_planning(
    planned: date, now: datetime, late: date | None
) -> None:
    assert late_since(at(planned, 8), now, CALENDAR) == late


def test_pages_say_it_and_administrators_get_one_mail_each(
    app_with: Callable[..., Flask], mail_server: MailServer, people: People, session: Any
) -> None:
    app = app_with(mail_url=mail_server.url)
    admin, scout = people.administrator(), people.scout()
    Leads(session, scout).make(age=61)
    with app.app_context():
        with time_machine.travel(MORNING, tick=False):
            run_daily(MORNING, "a")
            assert look() is None
        with time_machine.travel(MORNING + timedelta(days=1, hours=9), tick=False):
            assert look() == date(2026, 12, 4)
            assert look() == date(2026, 12, 4)
            found = {one.subject: one for one in examine()}["reminders"]
            assert (found.level, found.text[:30]) == ("bad", "nothing planned since 2026-12-")
    told = [mail for mail in mail_server.mails if "没有排过提醒" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [admin.email]
    assert "/admin/runs" in told[0].get_body(("plain",)).get_content()
    page = Client(app).sign_in(scout.email).get("/today")
    assert "起没有排过提醒，每日邮件收不到" in page.text
    with app.app_context(), time_machine.travel(MORNING + timedelta(days=1, hours=10), tick=False):
        run_daily(MORNING + timedelta(days=1, hours=10), "b")
        assert look() is None
    assert "没有排过提醒" not in Client(app).sign_in(scout.email).get("/today").text


def test_who_never_planned_is_late_a_working_day_after_the_first_look(
    session: Any, people: People
) -> None:
    people.administrator()
    with time_machine.travel(MORNING, tick=False) as now:
        assert look() is None
        now.shift(timedelta(days=1, hours=9))
        assert look() == date(2026, 12, 4)
    assert session.scalars(sa.select(Message.kind)).all() == ["alarm"]
    assert session.scalars(sa.select(JobRun.name)).all() == ["watch"]


def test_a_monitor_reads_how_it_stands(app: Flask, session: Any, people: People) -> None:
    Leads(session, people.scout()).make(age=61)
    http = app.test_client()
    with time_machine.travel(MORNING, tick=False):
        run_daily(MORNING, "a")
        session.commit()
    with time_machine.travel(MORNING + timedelta(hours=1), tick=False):
        text = http.get("/metrics").text
    for line in (
        'crm_mails{state="queued"} 1.0',
        'crm_mails{state="dead"} 0.0',
        'crm_reminders{state="queued"} 1.0',
        "crm_oldest_unsent_mail_seconds 3600.0",
        "crm_seconds_since_planning 3600.0",
        "crm_planning_late 0.0",
    ):
        assert line in text.splitlines()


def test_only_this_machine_or_who_has_the_token_reads_it(make_app: Callable[..., Flask]) -> None:
    here, known = make_app(), make_app(metrics_token="a-long-token")
    for app, headers, remote, status in (
        (here, {}, "127.0.0.1", 200),
        (here, {}, "::1", 200),
        (here, {}, "10.0.0.7", 404),
        # A proxy on this machine passes somebody else on.
        (here, {"X-Forwarded-For": "10.0.0.7"}, "127.0.0.1", 404),
        (known, {}, "127.0.0.1", 404),
        (known, {"Authorization": "Bearer another"}, "127.0.0.1", 404),
        (known, {"Authorization": "Bearer a-long-token"}, "10.0.0.7", 200),
    ):
        response = app.test_client().get(
            "/metrics", headers=headers, environ_base={"REMOTE_ADDR": remote}
        )
        assert response.status_code == status, (headers, remote)
    for app in (here, known):
        with app.app_context():
            db.engine.dispose()
