"""What a text says is still to be done, and what of it was: its clauses, days and tenses. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from crm import clock
from crm.visits.drafting.chat import Said
from crm.visits.drafting.days import FoundDay, days_in, part_in
from models.enums import Side

_LONGEST_STEP = 60
# A day that is told without a time.
_WORK_BEGINS = time(9)

# An English full stop ends a clause too; that of Dec. 3, 3.5 and Mr. Li does not.
_CLAUSE = re.compile(
    r"(?:[^。！？!?；;\n，,.]|(?<=Mr)\.|(?<=M[rs]s)\.|(?<=Ms)\.|(?<=Dr)\.|\.(?!\s+[A-Z]|\s*(?:\n|\Z)))+"
)
_STOP = re.compile(r"[。！？!?；;\n.]")
_PAST = re.compile(
    r"(?<![为除])了(?!解)|(?<![通不超经])过(?![去来目程])|刚|已经|昨|前天|今早|上午去|见到|都在$|来电(?!脑|子)"
    r"|\b(?:met|saw|visited|called|spoke|talked)\b"
)
_COMING = re.compile(r"约|再|会|将|准备|计划|打算|安排|要|到时|之前|前给|前发|来")
# Of today only these tell of what is still to come: 今天来电话 is over, and so is 今天主要聊.
_LATER_TODAY = re.compile(
    r"(?<![签大])约|再|(?<![事大开聚])会(?![议面谈上])|准备|计划|打算|(?<![主需重])要(?!求)|到时|之前|[前请]给|前发|记得"
)
_TOLD = re.compile(
    r"来电|来访|拜访|走访|登门|见|通话|电话|聊|谈|吃饭|参观|座谈|碰|\b(?:met|saw|visited|called|spoke|talked)\b"
)
_LATER = re.compile(r"约好|改天|到时|准备|计划|打算|安排|将|之后再")
# Words of something agreed or promised: such a sentence is a next step before any other.
_ARRANGED = re.compile(
    r"约|再(?!说)|下次|发(?![展现改生布票力挥达])|答复|回复|反馈|给|交(?![通流易])|送|寄|报(?![告道名])"
    r"|安排|对接|拜访|上门|考察|接待|来访|见(?![到了过])|碰|带队|视频|签|准备|落实|回(?![来避国家])"
    r"|改[到在]|打(?:给|电话)|联系|出(?:具|[一个两])|来(?:看|园区|我们)"
    r"|\b(?:meet|send|call|reply|visit|sign)\b"
)
_LABEL = re.compile(r"\s*下一步(?:工作|计划)?\s*[:：是]?")
_LEADING = re.compile(
    r"^(?:(?:\d{1,2}[、.)）]|下一步(?:工作|计划)?|之前|以前|之后|以后|之内|前|左右|上午|下午|晚上|我们|咱们|你|您|他们|他|她"
    r"|约好|约了|约定|约在|说好|定了|定在|另外|开完"
    r"|说|在|就|再|可以|请|麻烦|记得|预计|计划|打算|准备|那|的|，|,|：|:|(?:on|by|before|until|at)\b|\s)+)"
)
_TRAILING = re.compile(
    r"(?:[\s的吧哈啊呢哦了]|(?:方便|可以|行|好)?吗|(?<=\s)(?:on|by|before|until|at))+$"
)
# Behind a day: what will not be on it.
_OFF = re.compile(r".{0,6}?(?:[来去到]不了|取消|没空|没有空|没时间|不在|不行|不方便|不来|不去)")
_SPEAKER = re.compile(r"^.*[：](?=\s*\D)|^[^\d]{1,16}:")
# 后天没问题 agrees to what was asked and says nothing of it.
_ASSENT = re.compile(
    r"^(?:没问题|可以|行|好|好的|有空|有时间|方便|改到|改在|推迟到|OK|ok|works|见|吧)*$"
)
_THEIRS = re.compile(
    r"[给发回]复?(?:我|咱)|答复(?:我|咱)|对方|他们|^\s*[他她]|[\u4e00-\u9fff]总(?:会|说|[^，。]{0,4}前)"
)


# Who a sentence is about, until another is named.
_THEY, _WE = re.compile(r"对方|他们"), re.compile(r"我|咱|给(?:对方|他)|您")


@dataclass(frozen=True)
class Clause:
    """A piece between two stops, and the days it names, counted from the day it was written.

    ``past``: it tells of something that was. Clauses of one ``sentence`` stand in one.
    """

    start: int
    end: int
    words: str
    said: Said
    written: datetime
    days: tuple[FoundDay, ...]
    past: bool
    sentence: int


@dataclass(frozen=True)
class Step:
    """Something to be done; ``agreed`` when its sentence has a word of a promise or a meeting."""

    text: str
    day: FoundDay | None
    start: int
    end: int
    agreed: bool = False
    side: Side = Side.OURS


def clauses_of(text: str, said: Sequence[Said], now: datetime) -> list[Clause]:
    """Every clause; what a message says is counted from the moment it was sent.

    Without such a moment it was written now; told in the morning, what was this afternoon was
    yesterday's.
    """
    sent = next((one.at for one in said if one.at), None)
    clauses = _clauses(text, said, sent or now)
    if sent is None and any(_before_its_time(clauses, number) for number in range(len(clauses))):
        midnight = datetime.combine(clock.local_date(now), time(), tzinfo=clock.ZONE)
        clauses = _clauses(text, said, midnight - timedelta(minutes=1))
    return clauses


def _clauses(text: str, said: Sequence[Said], written: datetime) -> list[Clause]:
    found: list[Clause] = []
    sentence = 0
    for one in said:
        written = one.at or written
        sentence += 1
        last = one.start
        for match in _CLAUSE.finditer(text, one.start, one.end):
            sentence += bool(_STOP.search(text, last, match.start()))
            last = match.end()
            found.append(_clause(match, one, written, sentence))
    return found


def _clause(match: re.Match[str], said: Said, written: datetime, sentence: int) -> Clause:
    past = bool(_PAST.search(match.group()))
    base = clock.local_date(written)
    days = days_in(match.group(), base, back=past)
    if not days and (part := part_in(match.group(), base)) and not _COMING.search(match.group()):
        days = [part]
    moved = (
        replace(day, start=match.start() + day.start, end=match.start() + day.end) for day in days
    )
    return Clause(
        match.start(), match.end(), match.group(), said, written, tuple(moved), past, sentence
    )


def _over(clauses: Sequence[Clause], number: int) -> bool:
    """Whether a clause tells of what was, itself or by what follows: 今天下午去那里，见到方总."""
    clause = clauses[number]
    if clause.past or number + 1 == len(clauses):
        return clause.past
    following = clauses[number + 1]
    same = following.sentence == clause.sentence
    return same and following.past and not following.days


def _not_yet(clause: Clause, day: FoundDay) -> bool:
    """Whether that time of the clause's own day was still to come when it was written."""
    begins = day.begins or day.at
    local = clause.written.astimezone(clock.ZONE)
    return begins is not None and day.day == local.date() and begins > local.time()


def _before_its_time(clauses: Sequence[Clause], number: int) -> bool:
    """Whether a clause tells as over what its day had not reached yet."""
    clause = clauses[number]
    if not _over(clauses, number) or _LATER_TODAY.search(clause.words):
        return False
    return any(_not_yet(clause, day) for day in clause.days)


def _to_come(clauses: Sequence[Clause], number: int, day: FoundDay) -> bool:
    """Whether a clause speaks of something to be done on that day."""
    clause = clauses[number]
    if _OFF.match(clause.words, day.end - clause.start):
        return False
    today = clock.local_date(clause.written)
    over = _over(clauses, number)
    if day.day != today:
        return day.day > today and (not over or bool(_COMING.search(clause.words)))
    if _not_yet(clause, day):
        return not over or bool(_LATER_TODAY.search(clause.words))
    return not over and bool(_LATER_TODAY.search(clause.words))


def steps_of(clauses: Sequence[Clause], theirs: Sequence[str] = ()) -> list[Step]:
    """All that is to be done on a day to come, the next step first, nothing twice.

    The next step is the first sentence with a word of a promise or a meeting, else the first with a
    day; without a day it is what stands behind the words 下一步. ``theirs`` are the names of those
    whom the other side sent.
    """
    found: list[Step] = []
    for number, clause in enumerate(clauses):
        for day in clause.days:
            if _to_come(clauses, number, day) and (step := _step(clauses, number, day, theirs)):
                found.append(step)
    if not found:
        return _labelled(clauses)
    found.sort(key=lambda step: not step.agreed)
    once = {(step.day and step.day.day, step.text): step for step in reversed(found)}
    first = found[0]
    others = sorted((step for step in once.values() if step is not first), key=lambda s: s.start)
    return [first, *others]


def _labelled(clauses: Sequence[Clause]) -> list[Step]:
    """What stands behind the words 下一步, without a day."""
    for clause in clauses:
        if match := _LABEL.match(clause.words):
            words = _trimmed(clause.words[match.end() :])
            if len(words) > 1:
                return [Step(words[:_LONGEST_STEP], None, clause.start, clause.end)]
    return []


def _step(
    clauses: Sequence[Clause], number: int, day: FoundDay, theirs: Sequence[str]
) -> Step | None:
    clause = clauses[number]
    words, end = _to_do(clauses, number, day)
    if len(words) < 2:
        return None
    agreed = bool(_ARRANGED.search(clause.words) or _ARRANGED.search(words))
    so_far = [one for one in clauses[:number] if one.sentence == clause.sentence]
    side = _side(clause, words, so_far, theirs)
    return Step(words[:_LONGEST_STEP], day, clause.start, end, agreed, side)


def _side(clause: Clause, words: str, so_far: Sequence[Clause], theirs: Sequence[str]) -> Side:
    """Who is to do it, as far as the sentence says: 给我们 is theirs, 给他 and no word are ours.

    In what the other side said it is the other way round.
    """
    told = bool(_THEIRS.search(clause.words) or _THEIRS.search(words))
    if not told and not _WE.search(clause.words):
        named = [bool(_THEY.search(c.words)) for c in so_far if _names_somebody(c)]
        told = bool(named) and named[-1]
    other_side = bool(clause.said.who) and any(name in clause.said.who for name in theirs)
    return Side.THEIRS if told != other_side else Side.OURS


def _names_somebody(clause: Clause) -> bool:
    return bool(_THEY.search(clause.words) or _WE.search(clause.words))


def _to_do(clauses: Sequence[Clause], number: int, day: FoundDay) -> tuple[str, int]:
    """What the clause says without its day; a day alone takes the clause that follows.

    A clause that only agrees to a day (下周二有空) takes along what was agreed.
    """
    clause = clauses[number]
    at, end = day.start - clause.start, day.end - clause.start
    before = _trimmed(_SPEAKER.sub("", clause.words[:at]))
    after = _trimmed(clause.words[end:])
    words = after if len(after) > 1 else before
    if _ASSENT.match(words):
        words = ""
    following = clauses[number + 1] if number + 1 < len(clauses) else None
    if following and following.said is clause.said and not following.days:
        near = following.sentence == clause.sentence and _ARRANGED.search(following.words)
        if near and not words and _ARRANGED.search(clause.words) is None:
            return _trimmed(following.words), following.end
        if not words and not near:
            words = "" if _ARRANGED.search(clause.words) else _trimmed(following.words)
            if words:
                return words, following.end
    return words or _whole(clause), clause.end


def _whole(clause: Clause) -> str:
    """A clause as it stands, without who said it, where its parts alone say too little."""
    words = _SPEAKER.sub("", clause.words).strip()
    return words if len(words) > 3 and _ARRANGED.search(words) else ""


def _trimmed(words: str) -> str:
    return _TRAILING.sub("", _LEADING.sub("", words.strip())).strip()


def happened(
    clauses: Sequence[Clause], steps: Sequence[Step], now: datetime
) -> tuple[FoundDay, datetime] | None:
    """The first day that is over, or today where the clause tells of something that was; and when.

    A part of the day is its usual hour, or as late as it was written; never is it to come.
    """
    planned = {step.day for step in steps}
    for number, clause in enumerate(clauses):
        today = clock.local_date(clause.written)
        for day in clause.days:
            told = _over(clauses, number) or bool(_TOLD.search(clause.words))
            today_told = day.day == today and told and not _not_yet(clause, day)
            if day not in planned and (day.day < today or today_told):
                written = min(clause.written, now)
                if day.at is None and day.day == today:
                    return day, written
                at = day.at or _WORK_BEGINS
                return day, min(datetime.combine(day.day, at, tzinfo=clock.ZONE), written)
    return None


def is_to_come(clause: Clause) -> bool:
    """Whether a clause speaks of later: 下周来访 is no visit yet, 今天电话里说下周来 was a call."""
    today = clock.local_date(clause.written)
    if any(day.day > today for day in clause.days):
        return all(day.day > today for day in clause.days)
    return bool(_LATER.search(clause.words)) and not clause.past
