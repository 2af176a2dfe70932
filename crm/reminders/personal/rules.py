"""What a person chooses of how they are reminded, and what follows from it. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from crm.clock import ZONE
from crm.messages import Message, msg
from crm.reminders.facts import ABOUT_OFFERS
from crm.reminders.quiet import Quiet
from crm.working_days import WorkingCalendar
from models.enums import RuleKind, Way

MINUTE = 8 * 60
"""Of the day: when the day's mail is written, unless somebody chose another time."""
MINUTES = range(6 * 60, 21 * 60 + 1, 30)
LONGEST_PAUSE = timedelta(days=30)
MESSENGERS = (Way.WECOM, Way.DINGTALK, Way.FEISHU)
_DAY = timedelta(days=1)


class Topic(enum.StrEnum):
    """What reminders are about, so that a person chooses five ways and not seventeen."""

    STEPS = "steps"
    CADENCE = "cadence"
    ASKED = "asked"
    TALK = "talk"
    TARGETS = "targets"


KINDS: dict[Topic, frozenset[RuleKind]] = {
    Topic.STEPS: frozenset(
        {
            RuleKind.NEXT_STEP,
            RuleKind.NO_STEP,
            RuleKind.SIGNING,
            RuleKind.LANDING,
            RuleKind.PROTECTION,
            RuleKind.WAKING,
            RuleKind.AFTERCARE,
        }
    ),
    Topic.CADENCE: frozenset({RuleKind.CADENCE, RuleKind.STALLED}),
    Topic.ASKED: frozenset(
        {
            RuleKind.PROMISE_OURS,
            RuleKind.PROMISE_THEIRS,
            RuleKind.DIRECTIVE,
            RuleKind.TASK,
            RuleKind.MATTER,
        }
    ),
    Topic.TALK: frozenset({RuleKind.MENTION, *ABOUT_OFFERS}),
    Topic.TARGETS: frozenset({RuleKind.UNCOVERED}),
}
_TOPICS = {kind: topic for topic, kinds in KINDS.items() for kind in kinds}


@dataclass(frozen=True)
class Personal:
    """How one person is reminded. ``reachable``: the messengers that take something for them."""

    minute: int = MINUTE
    minute_before: int = MINUTE
    minute_since: date = date.min
    quiet: Quiet | None = None
    paused_until: date | None = None
    ways: Mapping[Topic, Way] = field(default_factory=dict)
    reachable: frozenset[Way] = frozenset()

    def minute_on(self, day: date) -> int:
        """When the mail of that day is written, in minutes of the day."""
        return self.minute if day >= self.minute_since else self.minute_before

    def time_on(self, day: date) -> time:
        """The same as a time of day."""
        return time_of(self.minute_on(day))

    def paused(self, day: date) -> bool:
        """Whether nothing is sent on that day."""
        return self.paused_until is not None and day < self.paused_until

    def way_of(self, topic: Topic) -> Way:
        """How it goes; by mail where the messenger that was chosen takes nothing any more."""
        way = self.ways.get(topic, Way.MAIL)
        return Way.MAIL if way in MESSENGERS and way not in self.reachable else way

    def kinds(self, way: Way) -> frozenset[RuleKind]:
        """The kinds of rules whose reminders go that way."""
        return frozenset().union(*(KINDS[topic] for topic in Topic if self.way_of(topic) is way))

    def way_of_kind(self, kind: RuleKind) -> Way:
        """How a reminder of a rule of that kind goes."""
        return self.way_of(_TOPICS[kind])


@dataclass(frozen=True)
class Window:
    """The minutes whose mails a run writes: those after the last run's, up to the one reached."""

    after: int
    upto: int


def time_of(minute: int) -> time:
    """A minute of the day as a time."""
    return time(*divmod(minute, 60))


def minute_of(moment: datetime) -> int:
    """The minute of the day that it is then where the teams work."""
    local = moment.astimezone(ZONE)
    return local.hour * 60 + local.minute


def changed_minute(personal: Personal, minute: int, now: datetime) -> tuple[int, int, date]:
    """A new time, the one before it and from which day on the new one holds.

    Nobody goes without the mail of the day on which they change it: where its old time still lies
    ahead and the new one has passed, that day keeps the old one.
    """
    today = now.astimezone(ZONE).date()
    before = personal.minute_on(today)
    passed = minute <= minute_of(now) < before
    return minute, before, today + _DAY if passed else today


def next_mail(
    personal: Personal,
    now: datetime,
    calendar: WorkingCalendar,
    *,
    had_todays: bool,
    away: Iterable[tuple[date, date]] = (),
) -> datetime:
    """When the next mail of the day may come; ``away`` are the first and last days of leaves."""
    day = now.astimezone(ZONE).date()
    if had_todays or personal.minute_on(day) <= minute_of(now):
        day += _DAY
    leaves = sorted(away)
    while True:
        free = max(day, personal.paused_until or day)
        free = next((last + _DAY for first, last in leaves if first <= free <= last), free)
        if not calendar.is_working_day(free):
            free = calendar.next_working_day(free)
        if free == day:
            return datetime.combine(day, personal.time_on(day), ZONE)
        day = free


def wrong_minute(minute: int | None) -> Message | None:
    """What is wrong with the time of the day's mail; None when it will do."""
    return None if minute in MINUTES else msg("请选每日提醒的发送时间。")


def wrong_quiet(begins: time | None, ends: time | None) -> dict[str, Message]:
    """What is wrong with the quiet hours, by field."""
    if begins is None and ends is not None:
        return {"quiet_from": msg("请填从几点开始，或把两个时间都清空。")}
    if begins is not None and ends is None:
        return {"quiet_to": msg("请填到几点结束，或把两个时间都清空。")}
    if begins is not None and begins == ends:
        return {"quiet_to": msg("开始和结束是同一个时间，请改一个，或都清空。")}
    return {}


def wrong_pause(until: date | None, before: date | None, today: date) -> Message | None:
    """What is wrong with the day on which a pause ends; None when it will do.

    One that lies behind and stands there from before is over, and no mistake.
    """
    if until is None or until == before:
        return None
    if until <= today:
        return msg("请选明天或以后，或清空。")
    if until > today + LONGEST_PAUSE:
        return msg("最多暂停 %(n)s 天。更久请登记休假，由代理人接收。", n=LONGEST_PAUSE.days)
    return None


def wrong_way(way: Way | None, reachable: frozenset[Way]) -> Message | None:
    """What is wrong with how a topic goes; None when it will do."""
    if way is None:
        return msg("请选一种方式。")
    if way in MESSENGERS and way not in reachable:
        return msg("还没有可用的机器人地址，请先在下面填好、试发。")
    return None
