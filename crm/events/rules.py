"""What an event must say, when it is, and what may be said of a guest. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from crm.errors import Refusal
from crm.messages import Message, msg
from crm.spans import wrong_year
from crm.texts import too_long
from models.event import (
    CITY_LENGTH,
    NAME_LENGTH,
    PURPOSE_LENGTH,
    VENUE_LENGTH,
    Attendance,
    Reply,
)

Errors = dict[str, list[Message]]

LONGEST_DAYS = 31
MOST_AT_ONCE = 300


class EventStatus(enum.StrEnum):
    """Where an event stands by its days."""

    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"

    @property
    def words(self) -> Message:
        """As people say it."""
        return _STATUS_WORDS[self]


_STATUS_WORDS = {
    EventStatus.PLANNED: msg("未开始"),
    EventStatus.RUNNING: msg("进行中"),
    EventStatus.OVER: msg("已结束"),
}
REPLY_WORDS = {
    Reply.NONE: msg("没回复"),
    Reply.ACCEPTED: msg("接受"),
    Reply.DECLINED: msg("谢绝"),
}
ATTENDANCE_WORDS = {Attendance.ATTENDED: msg("到场"), Attendance.ABSENT: msg("没来")}


@dataclass(frozen=True)
class EventInput:
    """An event as it was typed. Channel and team are codes, people public ids."""

    name: str
    channel: str
    starts_on: date | None
    ends_on: date | None = None
    city: str = ""
    venue: str = ""
    purpose: str = ""
    team: str = ""
    people: tuple[str, ...] = ()

    def stripped(self) -> EventInput:
        """Without the blanks around; an event of one day ends on it."""
        return EventInput(
            name=self.name.strip(),
            channel=self.channel,
            starts_on=self.starts_on,
            ends_on=self.ends_on or self.starts_on,
            city=self.city.strip(),
            venue=self.venue.strip(),
            purpose=self.purpose.strip(),
            team=self.team,
            people=tuple(sorted(set(self.people))),
        )


def status_of(starts_on: date, ends_on: date, today: date) -> EventStatus:
    """Where an event stands on a day."""
    if today < starts_on:
        return EventStatus.PLANNED
    return EventStatus.RUNNING if today <= ends_on else EventStatus.OVER


def wrong_event(typed: EventInput) -> Errors:
    """Everything that is wrong with an event as typed (stripped), by field."""
    found: dict[str, Message | None] = {
        "name": _wrong_name(typed.name),
        "channel": None if typed.channel else msg("请选渠道。"),
        "starts_on": _wrong_start(typed.starts_on),
        "ends_on": _wrong_end(typed.starts_on, typed.ends_on),
        "city": too_long(typed.city, CITY_LENGTH),
        "venue": too_long(typed.venue, VENUE_LENGTH),
        "purpose": too_long(typed.purpose, PURPOSE_LENGTH),
    }
    return {name: [text] for name, text in found.items() if text}


def _wrong_name(name: str) -> Message | None:
    return too_long(name, NAME_LENGTH) if name else msg("请填活动名称。")


def _wrong_start(day: date | None) -> Message | None:
    return msg("请选哪一天开始。") if day is None else wrong_year(day)


def _wrong_end(first: date | None, last: date | None) -> Message | None:
    if first is None or last is None:
        return None
    if last < first:
        return msg("结束不能早于开始，请核对。")
    if last - first >= timedelta(days=LONGEST_DAYS):
        return msg("一场活动最多 %(n)s 天，更长的请分开登记。", n=LONGEST_DAYS)
    return None


def check_mark(
    attendance: Attendance | None, starts_on: date, today: date, *, walk_in: bool
) -> None:
    """Raise Refusal where it can not be said yet whether a guest came, or can not be unsaid."""
    if attendance is not None and today < starts_on:
        text = msg("活动 %(day)s 才开始，那天起才能记到场。", day=starts_on)
        raise Refusal({"attendance": [text]}, text, code="too_early")
    if walk_in and attendance is not Attendance.ATTENDED:
        text = msg("这位是自己来的。没来过的话，请从名单去掉。")
        raise Refusal({"attendance": [text]}, text, code="walk_in")


def check_many(number: int) -> None:
    """Raise Refusal where so many can not be invited at once."""
    if number > MOST_AT_ONCE:
        text = msg("一次最多 %(n)s 家，请分几次。", n=MOST_AT_ONCE)
        raise Refusal({"text": [text]}, text)


def check_removal(*, logged: bool) -> None:
    """Raise Refusal for a guest whose presence has been logged as a visit."""
    if logged:
        text = msg("到场已经记成走访，这一位要留在名单里。")
        raise Refusal({}, text, code="logged")


def check_logging(attendance: Attendance | None, *, named: bool) -> None:
    """Raise Refusal where a guest's presence is no touch: nobody came, or nobody is named."""
    if attendance is not Attendance.ATTENDED:
        text = msg("先记到场，再记成走访。")
        raise Refusal({"attendance": [text]}, text, code="not_there")
    if not named:
        text = msg("请先写下来的是谁，有名有姓才算有效接触。")
        raise Refusal({"contact": [text]}, text, code="unnamed")
