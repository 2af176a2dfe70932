"""Clocks that jump, workers that slept: one mail a person and working day, each reminder once."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm import clock
from crm.jobs.daily import run_daily
from crm.reminders.outbox import send_due
from crm.reminders.personal.rules import MINUTE, Topic, minute_of
from crm.working_days import official_calendar
from models import db
from models.enums import ReminderState, Way
from models.message import Message
from models.reminder import Reminder
from models.reminder_setting import ReminderSetting
from tests.mail.fixtures import mail_server
from tests.mail.servers import MailServer
from tests.people import People
from tests.reminders.leads import Leads, morning
from tests.reminders.test_outbox import sending

__all__ = ["mail_server", "sending"]
pytestmark = pytest.mark.faults

CALENDAR = official_calendar([2026, 2027])
THURSDAY, FRIDAY, MONDAY = date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 7)


def at(day: date, hour: int = 8, minute: int = 0, second: int = 0) -> datetime:
    """A moment of that day in Shanghai."""
    return morning(day) + timedelta(hours=hour - 8, minutes=minute, seconds=second)


def every_morning(first: date, n: int) -> list[datetime]:
    """The starts of that many days."""
    return [at(first + timedelta(days=day)) for day in range(n)]


# What the worker's clock says, one look after the other, and the days that have a mail.
CASES: dict[str, tuple[str, list[datetime], list[date]]] = {
    "clock set back two hours after the morning's work": (
        "the day is done and stays done",
        [
            at(THURSDAY),
            at(THURSDAY, 9),
            at(THURSDAY, 7),
            at(THURSDAY),
            at(THURSDAY, 10),
            at(FRIDAY),
        ],
        [THURSDAY, FRIDAY],
    ),
    "clock three days ahead, and set right again": (
        "the day ahead has its mail at once and no other; the days between have theirs",
        [at(THURSDAY), at(MONDAY, 8, 30), at(FRIDAY), at(MONDAY), at(date(2026, 12, 8))],
        [THURSDAY, FRIDAY, MONDAY, date(2026, 12, 8)],
    ),
    "worker asleep for three days": (
        "the missed days are merged into one mail",
        [at(THURSDAY), at(date(2026, 12, 8), 9, 17)],
        [THURSDAY, date(2026, 12, 8)],
    ),
    "worker started again at 07:59:59": (
        "it waits for 08:00, then one mail",
        [at(THURSDAY, 7, 59, 59), at(THURSDAY), at(THURSDAY, 8, 0, 1), at(THURSDAY, 8, 10)],
        [THURSDAY],
    ),
    "across new year": (
        "no mail on days off; one on the first working day says what they left",
        every_morning(date(2026, 12, 30), 7),
        [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 5)],
    ),
    "across the spring festival": (
        "no mail in nine days off, one on the Saturday that is worked before, one after",
        every_morning(date(2026, 2, 13), 13),
        [date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)],
    ),
}


@pytest.mark.parametrize(
    ("moments", "mailed"),
    [
        pytest.param(moments, mailed, id=what, marks=pytest.mark.fault(what, outcome))
        for what, (outcome, moments, mailed) in CASES.items()
    ],
)
def test_the_clock(
    sending: Flask,
    session: Any,
    people: People,
    mail_server: MailServer,
    moments: list[datetime],
    mailed: list[date],
) -> None:
    first = clock.local_date(moments[0])
    scouts = [people.scout(), people.scout()]
    for scout in scouts:
        leads = Leads(session, scout)
        for offset in range(20):
            lead = leads.make(age=1, today=first)
            leads.task(lead, "回电", first + timedelta(days=offset))
    session.commit()
    for moment in moments:
        look(sending, moment)
    days = sa.select(Message.period, sa.func.count()).group_by(Message.period)
    assert {row[0]: row[1] for row in session.execute(days)} == {
        day.isoformat(): 2 for day in mailed
    }
    said = Counter(mail_server.by_message_id)
    assert (len(said), set(said.values())) == (2 * len(mailed), {1})
    # Nothing that was planned waits behind the last working day's mail.
    last = clock.local_date(max(moments))
    waits = sa.select(sa.func.count()).where(
        Reminder.state == ReminderState.PLANNED, Reminder.due_on <= last
    )
    assert session.scalar(waits) == 0 or not CALENDAR.is_working_day(last)
    assert all(CALENDAR.is_working_day(day) for day in mailed)


def look(app: Flask, moment: datetime) -> None:
    """What a worker does when its clock says so."""
    with app.app_context(), time_machine.travel(moment, tick=False):
        run_daily(clock.now(), "worker")
        send_due(clock.now())
        db.session.remove()


HOURS = [6 * 60, 8 * 60, 8 * 60 + 30, 16 * 60 + 30]
# What the clock of each of two workers says, one look after the other.
LOOKS = [
    (at(THURSDAY, 6), at(THURSDAY, 5, 59, 59)),
    (at(THURSDAY, 8), at(THURSDAY, 8)),
    (at(THURSDAY, 6), at(THURSDAY, 8, 30)),
    # One is two hours behind, one is ahead by days; then both are set right.
    (at(THURSDAY, 6, 40), at(MONDAY, 9)),
    (at(THURSDAY, 16, 30), at(THURSDAY, 16, 29)),
    (at(THURSDAY, 23), at(THURSDAY, 16, 30)),
    # Both slept through the morning.
    (at(FRIDAY, 17), at(FRIDAY, 17)),
    (at(FRIDAY, 8), at(FRIDAY, 16, 30)),
    (at(MONDAY, 6), at(MONDAY, 6)),
    (at(MONDAY, 17), at(MONDAY, 17)),
]


@pytest.mark.fault(
    "two workers whose clocks differ and jump, and people with hours of their own",
    "each person one mail a working day, never before their hour",
)
def test_hours_of_ones_own_and_two_workers(
    sending: Flask, session: Any, people: People, mail_server: MailServer
) -> None:
    chosen = {}
    for minute in HOURS:
        scout = people.scout()
        chosen[scout.id] = minute
        leads = Leads(session, scout)
        for offset in (0, 1, 4):
            lead = leads.make(age=1, today=THURSDAY)
            leads.task(lead, "回电", THURSDAY + timedelta(days=offset))
        if minute != MINUTE:
            ways = {f"{topic.value}_by": Way.MAIL for topic in Topic}
            times = {"minute": minute, "minute_before": minute, "minute_since": THURSDAY}
            session.add(ReminderSetting(person_id=scout.id, **times, **ways))
    session.commit()
    for moments in LOOKS:
        together(sending, moments)
    written = session.execute(sa.select(Message.recipient_id, Message.period, Message.created_at))
    rows = [tuple(row) for row in written]
    days = {day.isoformat() for day in (THURSDAY, FRIDAY, MONDAY)}
    assert Counter((person, day) for person, day, _at in rows) == Counter(
        {(person, day): 1 for person in chosen for day in days}
    )
    assert all(minute_of(moment) >= chosen[person] for person, _day, moment in rows)
    said = Counter(mail_server.by_message_id)
    assert (len(said), set(said.values())) == (len(rows), {1})
    waits = sa.select(sa.func.count()).where(Reminder.state == ReminderState.PLANNED)
    assert session.scalar(waits) == 0


def together(app: Flask, moments: tuple[datetime, datetime]) -> None:
    """Two workers at once, each by its own clock; then what is written is sent."""

    def work(moment: datetime, name: str) -> None:
        with app.app_context():
            run_daily(moment, name)
            db.session.remove()

    threads = [
        threading.Thread(target=work, args=(moment, name))
        for name, moment in zip("ab", moments, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        send_due(max(moments))
        db.session.remove()
