"""``reminders`` and ``outbox`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Flask

from crm.reminders import runs
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer, always
from tests.reminders.leads import Leads

__all__ = ["mail_server"]
AT = "2026-12-03T08:00"
# The latest first; what only counts is no run.
RAN = ("send", "send", "digest", "plan", "plan")


def run(app: Flask, *args: str) -> tuple[int, str, str]:
    # The test's own context is another application's.
    with app.app_context():
        result = app.test_cli_runner().invoke(args=list(args))
    return result.exit_code, result.stdout, result.stderr


def reported(app: Flask, *args: str) -> Any:
    code, out, _err = run(app, *args, "--json")
    assert code == 0
    return json.loads(out)


def test_from_plan_to_sent(
    leads: Leads, app_with: Callable[..., Flask], mail_server: MailServer
) -> None:
    app = app_with(mail_url=mail_server.url)
    leads.make(age=61)
    due = {"planned": 1, "already_planned": 0, "unplanned": 0, "by_rule": {"cadence": 1}}
    assert reported(app, "reminders", "plan", "--at", AT, "--dry-run") == due
    assert reported(app, "reminders", "plan", "--at", AT) == due
    assert reported(app, "reminders", "plan", "--at", AT)["already_planned"] == 1
    queued = reported(app, "reminders", "digest", "--at", AT)
    assert queued == {"messages": 1, "already_queued": 0, "unwritten": 0}
    mail_server.refuse["rcpt"] = always("450 busy")
    put_off = reported(app, "outbox", "send", "--at", AT)
    assert put_off == {"sent": 0, "failed": 0, "deferred": 1, "left": 0}
    mail_server.refuse.clear()
    sent = reported(app, "outbox", "send", "--at", "2026-12-03T08:30")
    assert sent == {"sent": 1, "failed": 0, "deferred": 0, "left": 0}
    assert len(mail_server.mails) == 1
    with app.app_context():
        kept = [(run.name, run.ended_at is None, run.error) for run in runs.recent(9)]
        assert kept == [(name, False, None) for name in RAN]


def test_a_digest_of_a_day_ahead_can_be_sent_now(
    leads: Leads, app_with: Callable[..., Flask], mail_server: MailServer
) -> None:
    app = app_with(mail_url=mail_server.url)
    leads.make(age=61)
    ahead = "2031-12-04T08:00"
    run(app, "reminders", "plan", "--at", ahead)
    run(app, "reminders", "digest", "--at", ahead)
    assert reported(app, "outbox", "send")["sent"] == 1


def test_wrong_use_is_one_line_and_exit_2(app: Flask, app_with: Callable[..., Flask]) -> None:
    wrong = (
        ("reminders", "plan", "--at", "soon"),
        ("reminders", "plan", "--at", "0001-01-01"),
        ("reminders", "plan", "--at", "0002-01-01"),
        ("reminders", "plan", "--at", "9999-12-31T23:59:59-12:00"),
        ("outbox", "send", "--max", "x"),
    )
    for args in (*wrong, ("reminders", "remember"), ("remember",)):
        code, out, err = run(app, *args)
        assert (code, out, err.count("\n")) == (2, "", 1)
    # English whoever refuses, also where a room's own sentence is Chinese.
    code, _out, err = run(app, "users", "create", "nowhere", "--name", "甲", "--role", "scout")
    assert (code, err.count("\n")) == (2, 1)
    assert err.isascii(), err
    code, _out, err = run(app_with(mail_url="mail.example"), "outbox", "send")
    assert (code, err.count("\n")) == (2, 1)
    assert "MAIL_URL" in err


def test_without_a_server_zeros_and_what_is_left(app: Flask, leads: Leads) -> None:
    leads.make(age=61)
    run(app, "reminders", "plan", "--at", AT)
    run(app, "reminders", "digest", "--at", AT)
    left = {"sent": 0, "failed": 0, "deferred": 0, "left": 1}
    assert reported(app, "outbox", "send", "--at", AT) == left
