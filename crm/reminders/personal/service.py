"""Keeps what a person chooses of how they are reminded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time

import sqlalchemy as sa

from crm import clock
from crm.access import with_actor
from crm.errors import Refusal
from crm.held import held
from crm.messages import Message
from crm.reminders.personal.queries import as_personal, messengers_of
from crm.reminders.personal.rules import (
    MESSENGERS,
    Personal,
    Topic,
    changed_minute,
    wrong_minute,
    wrong_pause,
    wrong_quiet,
    wrong_way,
)
from models import db
from models.enums import Way
from models.reminder_setting import ReminderSetting
from models.user import User


@dataclass(frozen=True)
class Chosen:
    """What the form says. Times are those where the teams work."""

    minute: int | None
    quiet_from: time | None = None
    quiet_to: time | None = None
    paused_until: date | None = None
    ways: dict[Topic, Way | None] = field(default_factory=dict)


def save(person_id: int, chosen: Chosen, now: datetime) -> Personal:
    """Keep it. Raises Refusal naming each field that is wrong."""
    hold(person_id)
    reachable = frozenset(one.messenger for one in messengers_of(person_id) if not one.refused_at)
    setting = _setting_of(person_id, now)
    before = as_personal(setting, reachable)
    wrong: dict[str, Message] = dict(wrong_quiet(chosen.quiet_from, chosen.quiet_to))
    if said := wrong_minute(chosen.minute):
        wrong["minute"] = said
    if said := wrong_pause(chosen.paused_until, before.paused_until, clock.local_date(now)):
        wrong["paused_until"] = said
    for topic in Topic:
        way = chosen.ways.get(topic, Way.MAIL)
        # What was chosen while it could be reached stays, and goes by mail meanwhile.
        kept = way is before.ways[topic]
        if not kept and (said := wrong_way(way, reachable)):
            wrong[f"{topic.value}_by"] = said
    if wrong:
        raise Refusal({name: [said] for name, said in wrong.items()})
    assert chosen.minute is not None  # noqa: S101 (wrong_minute refuses none)
    setting.minute, setting.minute_before, setting.minute_since = changed_minute(
        before, chosen.minute, now
    )
    setting.quiet_from, setting.quiet_to = chosen.quiet_from, chosen.quiet_to
    setting.paused_until = chosen.paused_until
    for topic in Topic:
        setattr(setting, f"{topic.value}_by", chosen.ways.get(topic, Way.MAIL))
    db.session.flush()
    return as_personal(setting, reachable)


def by_mail_again(person_id: int, messenger: Way) -> int:
    """Let what went by a messenger go by mail; how many topics did."""
    setting = db.session.get(ReminderSetting, person_id)
    changed = 0
    for topic in Topic if setting is not None and messenger in MESSENGERS else ():
        if getattr(setting, f"{topic.value}_by") is messenger:
            setattr(setting, f"{topic.value}_by", Way.MAIL)
            changed += 1
    db.session.flush()
    return changed


def hold(person_id: int) -> User:
    """Let nobody else change or write to this person meanwhile; the row as it stands."""
    return held(User, User.id == person_id, referable=True)


def hold_all(people: Collection[int], today: date) -> list[User]:
    """The same for several, in one statement and one order, with what they are by their offices."""
    return list(
        db.session.scalars(
            sa.select(User)
            .where(User.id.in_(people))
            .order_by(User.id)
            .options(with_actor(today))
            .with_for_update(of=User, key_share=True)
            .execution_options(populate_existing=True)
        ).unique()
    )


def _setting_of(person_id: int, now: datetime) -> ReminderSetting:
    """A person's row, made with the defaults where there is none."""
    setting = db.session.get(ReminderSetting, person_id)
    if setting is None:
        defaults = Personal()
        setting = ReminderSetting(
            person_id=person_id,
            minute=defaults.minute,
            minute_before=defaults.minute,
            minute_since=clock.local_date(now),
            **{f"{topic.value}_by": Way.MAIL for topic in Topic},
        )
        db.session.add(setting)
    return setting
