"""What an appointment must say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.errors import Refusal
from crm.messages import Message, msg
from crm.texts import too_long
from models.enums import VisitMode

# As visits, but nobody arranges a message.
MODES = tuple(mode for mode in VisitMode if mode is not VisitMode.MESSAGE)
SHORTEST, LONGEST = 5, 24 * 60
USUAL_MINUTES = 60
# Who arranges something for right now is a minute late when the form arrives.
LATE = timedelta(minutes=15)
FARTHEST = timedelta(days=2 * 366)
LENGTHS = {"place": 200, "host": 200, "materials": 400}
LABELS = {"place": msg("地点"), "host": msg("谁接待"), "materials": msg("接待材料")}


class AppointmentState(enum.StrEnum):
    """Where an appointment stands."""

    OPEN = "open"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Plan:
    """An appointment as typed. People stand by public id; ``invited`` of theirs get a mail.

    ``host`` and ``materials`` are of the reception of who comes to us; ``minutes`` its length.
    """

    mode: VisitMode | None = None
    starts_at: datetime | None = None
    minutes: int | None = USUAL_MINUTES
    place: str = ""
    host: str = ""
    materials: str = ""
    companions: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    invited: tuple[str, ...] = ()


def check_plan(plan: Plan, now: datetime, *, stood_at: datetime | None = None) -> None:
    """Raise a Refusal that names every field that is wrong.

    ``stood_at`` is the moment it stood on: one that has passed may stay.
    """
    found = {
        "mode": None if plan.mode in MODES else msg("请选怎么见面。"),
        "starts_at": None if plan.starts_at and plan.starts_at == stood_at else _moment(plan, now),
        "minutes": _length(plan.minutes),
        **{name: too_long(getattr(plan, name), n, LABELS[name]) for name, n in LENGTHS.items()},
    }
    if errors := {name: [text] for name, text in found.items() if text}:
        raise Refusal(errors)


def _moment(plan: Plan, now: datetime) -> Message | None:
    if plan.starts_at is None:
        return msg("请填约在什么时候。")
    if plan.starts_at < now - LATE:
        return msg("这个时间已经过去。已经见过的请直接记走访。")
    if plan.starts_at > now + FARTHEST:
        return msg("约得太远了，请看年份是不是填错了。")
    return None


def _length(minutes: int | None) -> Message | None:
    if minutes is not None and SHORTEST <= minutes <= LONGEST:
        return None
    return msg("时长请填 %(least)s 到 %(most)s 分钟。", least=SHORTEST, most=LONGEST)
