"""What a visit must say, and what it counts as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from crm import texts
from crm.clock import local_date
from crm.errors import Refusal
from crm.leads.inputs import wrong_next_step
from crm.messages import Message, msg
from models.enums import VisitMode

EARLIEST = datetime(2000, 1, 1, tzinfo=timezone.utc)
CLOCK_TOLERANCE = timedelta(minutes=5)  # a phone's clock runs ahead of ours
LONGEST = {
    "summary": 4000,
    "need": 2000,
    "outcome": 400,
    "rival_cities": 200,
    "reception_host": 200,
    "reception_place": 200,
    "reception_materials": 400,
}
# So long its author changes it freely; after that it says that it was changed.
FREE_EDITS = timedelta(hours=24)
KEY_LENGTH = (1, 64)

LABELS = {
    "summary": msg("谈了什么"),
    "need": msg("企业诉求"),
    "outcome": msg("结果"),
    "occurred_at": msg("什么时候"),
    "mode": msg("方式"),
    "reached": msg("是否见到"),
    "contacts": msg("见了谁"),
    "companions": msg("同去的人"),
    "next_step": msg("下一步"),
    "rival_cities": msg("还在看哪些城市"),
    "reception_host": msg("谁接待"),
    "reception_place": msg("接待地点"),
    "reception_materials": msg("接待材料"),
}


@dataclass(frozen=True)
class VisitInput:
    """A visit as it was typed. ``contacts`` counts the named people of theirs who were met."""

    lead_id: int | None
    company_id: int | None
    mode: VisitMode | None
    occurred_at: datetime | None
    reached: bool
    contacts: int
    client_key: str
    summary: str = ""
    need: str = ""
    outcome: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    rival_cities: str = ""
    reception_host: str = ""
    reception_place: str = ""
    reception_materials: str = ""


def leaves_a_trace(recorded_at: datetime, now: datetime) -> bool:
    """Whether a change of the visit is told to its readers by now."""
    return now - recorded_at > FREE_EDITS


def is_touch(*, reached: bool, contacts: int) -> bool:
    """A touch (有效接触), in any mode: somebody was reached and is named."""
    return reached and contacts > 0


def is_visit(mode: VisitMode, *, arranged: bool) -> bool:
    """A visit (走访): out, in, or a video call that was arranged. Calls and messages are none."""
    return mode in {VisitMode.OUT, VisitMode.IN} or (mode is VisitMode.VIDEO and arranged)


def check_visit(visit: VisitInput, now: datetime) -> None:
    """Raise a Refusal that names every field that is wrong."""
    found = {
        "company": _wrong_subject(visit),
        "client_key": wrong_key(visit.client_key),
        **{name: too_long(name, getattr(visit, name)) for name in LONGEST},
    }
    wrong_step = wrong_next_step(visit.next_step, visit.next_step_on, local_date(now))
    errors = {name: [message] for name, message in found.items() if message}
    errors |= check_facts(Facts(visit.mode, visit.occurred_at, visit.reached, visit.contacts), now)
    if errors := errors | wrong_step:
        raise Refusal(errors)


@dataclass(frozen=True)
class Facts:
    """When, how and with whom: what is checked of a new visit and of one put right."""

    mode: VisitMode | None
    occurred_at: datetime | None
    reached: bool
    contacts: int


def check_facts(facts: Facts, now: datetime) -> dict[str, list[Message]]:
    """What is wrong with them, by field."""
    found = {
        "mode": None if facts.mode else msg("请选怎么联系的。"),
        "occurred_at": _wrong_moment(facts.occurred_at, now),
        "contacts": _wrong_contacts(facts),
    }
    return {name: [message] for name, message in found.items() if message}


def _wrong_subject(visit: VisitInput) -> Message | None:
    if visit.lead_id is None and visit.company_id is None:
        return msg("请选见的是哪家企业。")
    return None


def _wrong_moment(occurred_at: datetime | None, now: datetime) -> Message | None:
    if occurred_at is None:
        return msg("请填什么时候。")
    if occurred_at > now + CLOCK_TOLERANCE:
        return msg("这个时间还没有到。请填已经发生的时间；要约以后的见面，请点“约时间”。")
    if occurred_at < EARLIEST:
        return msg("年份太早，请看是不是填错了。")
    return None


def _wrong_contacts(facts: Facts) -> Message | None:
    if facts.reached and facts.contacts == 0:
        if facts.mode is VisitMode.CALL:
            return msg("点一下和谁通了电话；没接通就点“没接通”。")
        return msg("点一下见了谁；没见到就点“没见到”。")
    return None


def wrong_key(key: str) -> Message | None:
    """What is wrong with a form's own number; None when it will do."""
    shortest, longest = KEY_LENGTH
    if shortest <= len(key) <= longest:
        return None
    return msg(
        "表单编号应是 %(shortest)s–%(longest)s 个字符，请重新打开这一页。",
        shortest=shortest,
        longest=longest,
    )


def too_long(name: str, text: str) -> Message | None:
    """What is wrong with a text by its length; None when it will do."""
    return texts.too_long(text, LONGEST[name], LABELS[name])
