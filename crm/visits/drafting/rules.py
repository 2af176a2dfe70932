"""A draft of a visit out of a text: what was found, where it stands, and why it was taken so. Pure.

Nothing is guessed that the text does not say, and a person confirms all of it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from crm.messages import Message, msg
from crm.visits.drafting.chat import Said, messages_in, words_of
from crm.visits.drafting.days import FoundDay
from crm.visits.drafting.figures import FoundFigure, figures_in
from crm.visits.drafting.people import FoundPerson, Person, people_in, phones_in
from crm.visits.drafting.steps import Clause, Step, clauses_of, happened, is_to_come, steps_of
from models.enums import VisitMode

MAX_TEXT = 4000


class Kind(enum.StrEnum):
    """What a marked part of the text was taken for."""

    COMPANY = "company"
    PERSON = "person"
    PHONE = "phone"
    DAY = "day"
    NEXT_STEP = "next_step"
    NEED = "need"
    FIGURE = "figure"
    MODE = "mode"
    PROMISE = "promise"
    OTHER_DAY = "other-day"


@dataclass(frozen=True)
class Mark:
    """A part of the text and what was made of it, in words."""

    start: int
    end: int
    kind: Kind
    why: Message


@dataclass(frozen=True)
class Draft:
    """What the form of the visit opens with; ``marks`` stand in the text's order, apart.

    ``promises`` are the further sentences with a day and a word of a promise or a meeting.
    """

    summary: str
    mode: VisitMode | None
    occurred_at: datetime | None
    people: tuple[FoundPerson, ...]
    need: str
    next_step: str
    next_step_on: date | None
    promises: tuple[Step, ...]
    marks: tuple[Mark, ...]
    figures: tuple[FoundFigure, ...] = ()


_NEED = re.compile(r"(?:希望|想要?|需要|要求|诉求|关心|担心|看重|最在意|问(?:了)?)")
_NEED_NOT = re.compile(
    r"想起|想必|没想|不想|想着|需要我们再|没问题|问了?[\u4e00-\u9fff]{1,8}(?:总|工|经理|主任)$"
)
# 愿意来看, 想过来考察: they have not come yet.
_WISH = re.compile(
    r"(?:想|愿意|希望|打算|计划|准备|考虑|有意|有空|可以|邀请|欢迎|再)[\u4e00-\u9fff]{0,4}$"
)
_MODES: tuple[tuple[VisitMode, re.Pattern[str]], ...] = (
    (
        VisitMode.IN,
        re.compile(
            r"来访|接待|来我们|来嘉|来园区|来看(?:了)?|来.{0,8}(?:参观|考察)|过来考察|陪同.{0,6}考察|参观了?园区"
        ),
    ),
    (VisitMode.VIDEO, re.compile(r"视频(?:会议|沟通|会)?|腾讯会议|线上会|飞书会议")),
    (VisitMode.EVENT, re.compile(r"推介会|论坛|大会上|博览会|活动上|展会|峰会")),
    (
        VisitMode.CALL,
        re.compile(  # 电话13800138000 is a number and no call.
            r"打(?:了)?(?:个)?电话|电话(?:沟通|里|联系|聊)?(?!号|[是为：:\s]{0,3}[+\d])"
            r"|通(?:了)?(?:个)?话|来电"
        ),
    ),
    (
        VisitMode.OUT,
        re.compile(r"拜访|上门|走访|去了(?:趟|一趟)?|到(?:他们|对方)?公司|登门|见(?:到|了)"),
    ),
    (VisitMode.MESSAGE, re.compile(r"微信|发消息|留言|短信")),
)


def draft(
    text: str,
    now: datetime,
    *,
    company: Mark | None = None,
    known: Sequence[Person] = (),
    ours: Sequence[str] = (),
    me: str = "",
    plans: bool = False,
    elsewhere: Sequence[str] = (),
) -> Draft:
    """Read a text of at most ``MAX_TEXT`` characters.

    ``company`` marks where the company's name stands, ``known`` are its contacts, ``ours`` the
    names of colleagues, ``me`` that of who pasted it. ``plans``: there is a lead to learn figures;
    ``elsewhere`` are names of other cities.
    """
    said = messages_in(text, now)
    clauses = clauses_of(text, said, now)
    at = text[company.start : company.end] if company else ""
    people = people_in(text, known, ours, me=me, company=at)
    steps = steps_of(clauses, [text[one.start : one.end] for one in people])
    step, others = (steps[0] if steps else None), steps[1:]
    promises = tuple(one for one in others if one.agreed)
    day, when = happened(clauses, steps, now) or (None, None)
    mode, mode_mark = _mode(text, said, clauses, people)
    need = _need(text, clauses, step, people)
    figures = figures_in(text, clauses, elsewhere=elsewhere, company=at) if plans else []
    marks = [
        *([company] if company else ()),
        *(Mark(one.start, one.end, Kind.FIGURE, one.why) for one in figures),
        *_of_people(people),
        *_of_phones(text, people),
        *([mode_mark] if mode_mark else ()),
        *_of_step(text, step, Kind.NEXT_STEP, msg("下一步"), msg("下一步日期")),
        *([_day_mark(day, msg("什么时候"))] if day else ()),
        *_of_others(text, others),
        *([need] if need else ()),
    ]
    return Draft(
        summary=words_of(text, said),
        mode=mode,
        occurred_at=_moment(when, said),
        people=tuple(sorted(people, key=lambda one: one.greeted)),
        need=text[need.start : need.end].strip() if need else "",
        next_step=step.text if step else "",
        next_step_on=step.day.day if step and step.day else None,
        promises=promises,
        marks=_apart(marks),
        figures=tuple(figures),
    )


def _moment(when: datetime | None, said: Sequence[Said]) -> datetime | None:
    """When it was: the day the text tells of, else when the last message was sent."""
    return when or next((one.at for one in reversed(said) if one.at), None)


def _mode(
    text: str, said: Sequence[Said], clauses: Sequence[Clause], people: Sequence[FoundPerson]
) -> tuple[VisitMode | None, Mark | None]:
    """The first word of a way to meet that something tells of; a chat by itself is a message."""
    told = [clause for clause in clauses if not is_to_come(clause)]
    for mode, pattern in _MODES:
        for clause in told:
            match = pattern.search(text, clause.start, clause.end)
            if match and not (
                mode is VisitMode.IN and _WISH.search(text, clause.start, match.start())
            ):
                return mode, Mark(match.start(), match.end(), Kind.MODE, msg("方式"))
    speaks = any(text[one.end : one.end + 1] in {":", "："} for one in people)
    chat = speaks or len({one.who for one in said if one.who}) > 1
    return (VisitMode.MESSAGE if chat else None), None


def _need(
    text: str, clauses: Sequence[Clause], step: Step | None, people: Sequence[FoundPerson]
) -> Mark | None:
    """The first clause that says what they want, behind whom and which number it begins with."""
    begins = [*(one.end for one in people), *(one.end for one in phones_in(text))]
    for clause in clauses:
        if step and step.start <= clause.start < step.end:
            continue
        words = clause.words
        if _NEED.search(words) and not _NEED_NOT.search(words):
            wanted = _NEED.search(text, clause.start, clause.end)
            behind = [at for at in begins if wanted and clause.start < at <= wanted.start()]
            return Mark(max(behind, default=clause.start), clause.end, Kind.NEED, msg("对方要什么"))
    return None


def _of_people(people: Sequence[FoundPerson]) -> list[Mark]:
    return [
        Mark(one.start, one.end, Kind.PERSON, msg("联系人") if one.known else msg("新的人"))
        for one in people
    ]


def _of_phones(text: str, people: Sequence[FoundPerson]) -> list[Mark]:
    """Only those that somebody has: what is marked stands in the form."""
    taken = {one.phone for one in people}
    return [
        Mark(one.start, one.end, Kind.PHONE, msg("手机号码"))
        for one in phones_in(text)
        if one.number in taken
    ]


def _of_step(text: str, step: Step | None, kind: Kind, why: Message, of_day: Message) -> list[Mark]:
    if step is None:
        return []
    if step.day is None:
        return [Mark(step.start, step.end, kind, why)]
    at = text.find(step.text, step.start, step.end)
    words = Mark(at, at + len(step.text), kind, why)
    if at >= 0 and (words.end <= step.day.start or step.day.end <= words.start):
        return [_day_mark(step.day, of_day), words]
    before = Mark(step.start, step.day.start, kind, why)
    after = Mark(step.day.end, step.end, kind, why)
    around = [mark for mark in (before, after) if mark.start < mark.end]
    return [_day_mark(step.day, of_day), *around]


def _of_others(text: str, steps: Sequence[Step]) -> list[Mark]:
    """A further promise, and a day that is none: it stays in what was said."""
    marks: list[Mark] = []
    for one in steps:
        if one.agreed:
            marks += _of_step(text, one, Kind.PROMISE, msg("承诺"), msg("承诺的日期"))
        elif one.day:
            mark = _day_mark(one.day, msg("另一个日期，只记在谈话里"))
            marks.append(replace(mark, kind=Kind.OTHER_DAY))
    return marks


def _day_mark(day: FoundDay, why: Message) -> Mark:
    return Mark(day.start, day.end, Kind.DAY, msg("%(what)s：%(day)s", what=why, day=day.day))


def _without(mark: Mark, figures: Sequence[Mark]) -> list[Mark]:
    """What is left of a mark beside the figures that stand within it."""
    pieces, start = [], mark.start
    for one in figures:
        if one is not mark and start < one.end and one.start < mark.end:
            pieces.append(replace(mark, start=start, end=one.start))
            start = one.end
    pieces.append(replace(mark, start=start))
    return [piece for piece in pieces if piece.start < piece.end]


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """In the text's order; where two overlap the earlier found of them stays whole.

    A figure within what they want parts it, and both are marked.
    """
    kept: list[Mark] = []
    figures = [mark for mark in marks if mark.kind is Kind.FIGURE]
    for mark in (piece for one in marks for piece in _without(one, figures)):
        if all(mark.end <= other.start or other.end <= mark.start for other in kept):
            kept.append(mark)
    return tuple(sorted(kept, key=lambda mark: mark.start))
