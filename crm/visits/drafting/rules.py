"""A draft of a visit out of a text: what was found, where it stands, and why it was taken so. Pure.

Nothing is guessed that the text does not say, and a person confirms all of it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from crm import clock
from crm.messages import Message, msg
from crm.visits.drafting.chat import Said, messages_in, words_of
from crm.visits.drafting.days import FoundDay, days_in
from crm.visits.drafting.people import FoundPerson, Person, people_in, phones_in
from models.enums import VisitMode

MAX_TEXT = 4000
_LONGEST_STEP = 60
# A day that is told without a time.
_WORK_BEGINS = 9


class Kind(enum.StrEnum):
    """What a marked part of the text was taken for."""

    COMPANY = "company"
    PERSON = "person"
    PHONE = "phone"
    DAY = "day"
    NEXT_STEP = "next_step"
    NEED = "need"
    MODE = "mode"


@dataclass(frozen=True)
class Mark:
    """A part of the text and what was made of it, in words."""

    start: int
    end: int
    kind: Kind
    why: Message


@dataclass(frozen=True)
class Draft:
    """What the form of the visit opens with; ``marks`` stand in the text's order, apart."""

    summary: str
    mode: VisitMode | None
    occurred_at: datetime | None
    people: tuple[FoundPerson, ...]
    need: str
    next_step: str
    next_step_on: date | None
    marks: tuple[Mark, ...]


_CLAUSE = re.compile(r"[^。！？!?；;\n，,]+")
_PAST = re.compile(r"了(?!解)|过(?![去来目])|刚|已经|昨|前天|今早|上午去|见到|拜访过|聊了")
_COMING = re.compile(r"约|再|会|将|准备|计划|打算|安排|要|到时|之前|前给|前发|来")
_LATER = re.compile(r"约好|改天|到时|准备|计划|打算|安排|将|之后再")
_LABEL = re.compile(r"\s*下一步(?:工作|计划)?\s*[:：是]?")
_LEADING = re.compile(
    r"^(?:(?:下一步(?:工作|计划)?|之前|以前|前|左右|上午|下午|晚上|我们|咱们|你|您|他们|他|她|约好|约了|约定|约在|说好|定了|定在|"
    r"说|在|就|再|可以|请|麻烦|记得|预计|计划|打算|准备|那|的|，|,|：|:|\s)+)"
)
_TRAILING = re.compile(r"[\s的吧哈啊呢哦了]+$")
_NEED = re.compile(r"(?:希望|想要?|需要|要求|诉求|关心|担心|看重|最在意|问(?:了)?)")
_NEED_NOT = re.compile(r"想起|想必|没想|不想|想着|需要我们再")
_MODES: tuple[tuple[VisitMode, re.Pattern[str]], ...] = (
    (
        VisitMode.IN,
        re.compile(r"来访|接待|来我们|来嘉|来园区|来看(?:了)?|过来考察|陪同.{0,6}考察|参观了?园区"),
    ),
    (VisitMode.VIDEO, re.compile(r"视频(?:会议|沟通|会)?|腾讯会议|线上会|飞书会议")),
    (VisitMode.EVENT, re.compile(r"推介会|论坛|大会上|博览会|活动上|展会|峰会")),
    (
        VisitMode.CALL,
        re.compile(r"打(?:了)?(?:个)?电话|电话(?:沟通|里|联系|聊)?|通(?:了)?(?:个)?话|来电"),
    ),
    (
        VisitMode.OUT,
        re.compile(r"拜访|上门|走访|去了(?:趟|一趟)?|到(?:他们|对方)?公司|登门|见(?:到|了)"),
    ),
    (VisitMode.MESSAGE, re.compile(r"微信|发消息|留言|短信")),
)


@dataclass(frozen=True)
class _Clause:
    """A piece between two stops, and the days it names, counted from the day it was written."""

    start: int
    end: int
    said: Said
    written: datetime
    days: tuple[FoundDay, ...]
    past: bool


@dataclass(frozen=True)
class _Step:
    text: str
    day: FoundDay | None
    start: int
    end: int


def draft(
    text: str,
    now: datetime,
    *,
    company: Mark | None = None,
    known: Sequence[Person] = (),
    ours: Sequence[str] = (),
) -> Draft:
    """Read a text of at most ``MAX_TEXT`` characters.

    ``company`` marks where the company's name stands, ``known`` are its contacts, ``ours`` the
    names of colleagues.
    """
    said = messages_in(text, now)
    clauses = _clauses(text, said, now)
    people = people_in(text, known, ours)
    step = _next_step(text, clauses)
    happened = _happened(clauses, step)
    mode, mode_mark = _mode(text, said, clauses)
    need = _need(text, clauses, step)
    marks = [
        *([company] if company else ()),
        *_of_people(people),
        *(Mark(one.start, one.end, Kind.PHONE, msg("手机号码")) for one in phones_in(text)),
        *([mode_mark] if mode_mark else ()),
        *_of_step(step),
        *([_day_mark(happened, msg("什么时候"))] if happened else ()),
        *([need] if need else ()),
    ]
    return Draft(
        summary=words_of(text, said),
        mode=mode,
        occurred_at=_moment(happened, said, now),
        people=tuple(people),
        need=text[need.start : need.end].strip() if need else "",
        next_step=step.text if step else "",
        next_step_on=step.day.day if step and step.day else None,
        marks=_apart(marks),
    )


def _clauses(text: str, said: Sequence[Said], now: datetime) -> list[_Clause]:
    """Every clause; what a message says is counted from the moment it was sent."""
    found: list[_Clause] = []
    written = next((one.at for one in said if one.at), now)
    for one in said:
        written = one.at or written
        base = clock.local_date(written)
        for match in _CLAUSE.finditer(text, one.start, one.end):
            past = bool(_PAST.search(match.group()))
            days = days_in(match.group(), base, back=past)
            moved = tuple(
                FoundDay(match.start() + day.start, match.start() + day.end, day.day, day.at)
                for day in days
            )
            found.append(_Clause(match.start(), match.end(), one, written, moved, past))
    return found


def _next_step(text: str, clauses: Sequence[_Clause]) -> _Step | None:
    """The first thing that is to be done on a day to come."""
    for number, clause in enumerate(clauses):
        for day in clause.days:
            today = clock.local_date(clause.written)
            if day.day < today or (day.day == today and not _COMING.search(_of(text, clause))):
                continue
            if clause.past and not _COMING.search(_of(text, clause)):
                continue
            words, end = _to_do(text, clauses, number, day)
            if len(words) > 1:
                return _Step(words[:_LONGEST_STEP], day, clause.start, end)
    return _labelled_step(text, clauses)


def _labelled_step(text: str, clauses: Sequence[_Clause]) -> _Step | None:
    """What stands behind the words 下一步, without a day."""
    for clause in clauses:
        if match := _LABEL.match(_of(text, clause)):
            words = _trimmed(_of(text, clause)[match.end() :])
            if len(words) > 1:
                return _Step(words[:_LONGEST_STEP], None, clause.start, clause.end)
    return None


def _of(text: str, clause: _Clause) -> str:
    return text[clause.start : clause.end]


def _to_do(text: str, clauses: Sequence[_Clause], number: int, day: FoundDay) -> tuple[str, int]:
    """What the clause says without its day; a day alone takes the clause that follows."""
    clause = clauses[number]
    before = _trimmed(text[clause.start : day.start])
    after = _trimmed(text[day.end : clause.end])
    words = after if len(after) > 1 else before
    if len(words) > 1 or number + 1 == len(clauses):
        return words, clause.end
    following = clauses[number + 1]
    if following.said is not clause.said:
        return words, clause.end
    return _trimmed(_of(text, following)), following.end


def _trimmed(words: str) -> str:
    return _TRAILING.sub("", _LEADING.sub("", words.strip())).strip()


def _happened(clauses: Sequence[_Clause], step: _Step | None) -> FoundDay | None:
    """The first day that is over, or today where the clause tells of something that was."""
    for clause in clauses:
        today = clock.local_date(clause.written)
        for day in clause.days:
            is_step = step is not None and day == step.day
            if not is_step and (day.day < today or (day.day == today and clause.past)):
                return day
    return None


def _moment(happened: FoundDay | None, said: Sequence[Said], now: datetime) -> datetime | None:
    """When it was: the day the text tells of, else when the last message was sent."""
    sent = next((one.at for one in reversed(said) if one.at), None)
    if happened is None:
        return sent
    if happened.at is None and happened.day == clock.local_date(sent or now):
        return sent or now
    at = happened.at or time(_WORK_BEGINS)
    return min(datetime.combine(happened.day, at, tzinfo=clock.SHANGHAI), now)


def _mode(
    text: str, said: Sequence[Said], clauses: Sequence[_Clause]
) -> tuple[VisitMode | None, Mark | None]:
    """The first word of a way to meet that something tells of; a chat by itself is a message."""
    told = [clause for clause in clauses if not _is_to_come(text, clause)]
    for mode, pattern in _MODES:
        for clause in told:
            if match := pattern.search(text, clause.start, clause.end):
                return mode, Mark(match.start(), match.end(), Kind.MODE, msg("方式"))
    chat = len({one.who for one in said if one.who}) > 1
    return (VisitMode.MESSAGE if chat else None), None


def _is_to_come(text: str, clause: _Clause) -> bool:
    """Whether a clause speaks of later: 下周来访 is no visit yet."""
    today = clock.local_date(clause.written)
    if any(day.day > today for day in clause.days):
        return True
    return bool(_LATER.search(_of(text, clause))) and not clause.past


def _need(text: str, clauses: Sequence[_Clause], step: _Step | None) -> Mark | None:
    """The first clause that says what they want, and what belongs to it."""
    for clause in clauses:
        if step and step.start <= clause.start < step.end:
            continue
        words = _of(text, clause)
        if _NEED.search(words) and not _NEED_NOT.search(words):
            return Mark(clause.start, clause.end, Kind.NEED, msg("对方要什么"))
    return None


def _of_people(people: Sequence[FoundPerson]) -> list[Mark]:
    return [
        Mark(one.start, one.end, Kind.PERSON, msg("联系人") if one.known else msg("新的人"))
        for one in people
    ]


def _of_step(step: _Step | None) -> list[Mark]:
    if step is None:
        return []
    if step.day is None:
        return [Mark(step.start, step.end, Kind.NEXT_STEP, msg("下一步"))]
    day = _day_mark(step.day, msg("下一步日期"))
    before = Mark(step.start, step.day.start, Kind.NEXT_STEP, msg("下一步"))
    after = Mark(step.day.end, step.end, Kind.NEXT_STEP, msg("下一步"))
    return [day, *(mark for mark in (before, after) if mark.start < mark.end)]


def _day_mark(day: FoundDay, why: Message) -> Mark:
    return Mark(day.start, day.end, Kind.DAY, msg("%(what)s：%(day)s", what=why, day=day.day))


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """In the text's order; where two overlap the earlier found of them stays whole."""
    kept: list[Mark] = []
    for mark in marks:
        if all(mark.end <= other.start or other.end <= mark.start for other in kept):
            kept.append(mark)
    return tuple(sorted(kept, key=lambda mark: mark.start))
