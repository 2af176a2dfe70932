"""Reads how people want to be reminded; who never chose anything has the defaults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app

from crm import clock
from crm.config import Config
from crm.reminders import envelopes
from crm.reminders.leaves.rules import LONGEST as LONGEST_LEAVE
from crm.reminders.personal.rules import (
    LONGEST_PAUSE,
    MINUTE,
    Personal,
    Topic,
    Window,
    next_mail,
)
from crm.reminders.quiet import Quiet
from crm.working_days.queries import working_calendar
from models import db
from models.enums import Way
from models.leave import Leave
from models.messenger_address import MessengerAddress
from models.reminder_setting import ReminderSetting
from models.sets import one_of


def personal_of(person_id: int) -> Personal:
    """How one person is reminded (one statement)."""
    return personal_of_all([person_id]).get(person_id, Personal())


def personal_of_all(people: Iterable[int]) -> dict[int, Personal]:
    """How these people are reminded; who is not there has the defaults (one statement)."""
    rows = db.session.execute(
        sa.select(ReminderSetting, MessengerAddress.messenger)
        .outerjoin(
            MessengerAddress,
            sa.and_(
                MessengerAddress.person_id == ReminderSetting.person_id,
                MessengerAddress.refused_at.is_(None),
            ),
        )
        .where(one_of(ReminderSetting.person_id, people))
    ).all()
    reachable: dict[int, set[Way]] = defaultdict(set)
    for setting, messenger in rows:
        if messenger:
            reachable[setting.person_id].add(messenger)
    return {
        setting.person_id: as_personal(setting, frozenset(reachable[setting.person_id]))
        for setting, _messenger in rows
    }


def as_personal(setting: ReminderSetting, reachable: frozenset[Way]) -> Personal:
    """A record's value."""
    begins, ends = setting.quiet_from, setting.quiet_to
    return Personal(
        minute=setting.minute,
        minute_before=setting.minute_before,
        minute_since=setting.minute_since,
        quiet=Quiet(begins, ends) if begins is not None and ends is not None else None,
        paused_until=setting.paused_until,
        ways={topic: getattr(setting, f"{topic.value}_by") for topic in Topic},
        reachable=reachable,
    )


def quiet_of(personal: Personal) -> Quiet:
    """When this person is not disturbed: their own hours, or those of the house."""
    config: Config = current_app.extensions["crm.config"]
    return personal.quiet or Quiet(*config.quiet_hours)


def minutes_of(day: date) -> set[int]:
    """The times at which mails of that day are written, in minutes of the day (one statement)."""
    return {MINUTE, *db.session.scalars(sa.select(_minute_on(day)).distinct())}


def written_in(window: Window | None, day: date) -> sa.ColumnElement[bool]:
    """Of people and their settings: whose mail of that day comes in it, unless they have paused."""
    not_paused = sa.or_(ReminderSetting.paused_until.is_(None), ReminderSetting.paused_until <= day)
    if window is None:
        return not_paused
    minute = sa.func.coalesce(_minute_on(day), MINUTE)
    return sa.and_(not_paused, minute > window.after, minute <= window.upto)


def next_mail_of(person_id: int, personal: Personal, now: datetime) -> datetime:
    """When this person's next mail of the day may come (three statements)."""
    today = clock.local_date(now)
    calendar = working_calendar(today, today + LONGEST_LEAVE + LONGEST_PAUSE)
    away = db.session.execute(
        sa.select(Leave.from_on, Leave.to_on).where(
            Leave.person_id == person_id, Leave.taken_back_at.is_(None), Leave.to_on >= today
        )
    )
    had = person_id in envelopes.have_todays([person_id], today)
    leaves = [(row.from_on, row.to_on) for row in away]
    return next_mail(personal, now, calendar, had_todays=had, away=leaves)


def messengers_of(person_id: int) -> Sequence[MessengerAddress]:
    """The addresses that a person set up (one statement)."""
    return db.session.scalars(
        sa.select(MessengerAddress)
        .where(MessengerAddress.person_id == person_id)
        .order_by(MessengerAddress.id)
    ).all()


def _minute_on(day: date) -> sa.Case[int]:
    return sa.case(
        (ReminderSetting.minute_since <= day, ReminderSetting.minute),
        else_=ReminderSetting.minute_before,
    )
