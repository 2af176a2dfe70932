"""People whom a text names in Latin letters: John Smith from ServiceNow, 见到 Kevin Liu. Pure.

Capitals make no person: Red Hat and Google Cloud have them too. A contact that is known is found
by the name; of a stranger a title must stand beside it, or it must be a likely name (one that many
people bear) where the words around it tell of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crm.visits.drafting.latin_words import BEFORE, FAMILY, GIVEN, NO_NAMES, TITLE, WORDS_TOO

_POLITE = "Mr|Ms|Mrs|Miss|Dr|Prof"
_PART = r"(?:Mc|Mac|O'|D')?[A-Z][a-z]+(?:-[A-Z]?[a-z]+)?"
_RUN = re.compile(
    rf"(?<![A-Za-z0-9_.@/&'-])(?:(?P<polite>{_POLITE})\.?[ \t]+)?"
    rf"(?P<words>{_PART}(?:[ \t]+(?:[A-Z]\.?[ \t]+)?{_PART}){{0,4}})"
    # Something longer than a word: GitHub, foo.com, T-Mobile, R2D2; John's is of John.
    r"(?![A-Za-z0-9_@/&]|-[A-Za-z0-9]|\.[A-Za-z0-9])"
)
_MOST_WORDS = 3
_CHINESE_TITLE = (
    r"副?董事长|副?总裁|副?总经理|[\u4e00-\u9fff]{0,4}总监|合伙人|创始人|首席[\u4e00-\u9fff]{2,3}官|副总|副?主任"
    r"|副?部长|[\u4e00-\u9fff]{0,4}经理|主管|董秘|博士|教授|负责人"
)
# They follow a name out of politeness and say nothing of the person.
_CALLED = r"总|老师|先生|女士"
_TITLE_BEHIND = re.compile(
    rf"\s?[(（]\s?(?P<bracket>[^()（）\d]{{0,40}}?(?:{TITLE}|{_CHINESE_TITLE})[^()（）\d]{{0,20}})[)）]"
    rf"|\s?[,，]\s?(?P<comma>{TITLE})\b"
    rf"|\s?(?P<chinese>{_CHINESE_TITLE})|\s?(?:{_CALLED})(?![\u4e00-\u9fff]部)"
)
_TITLE_BEFORE = re.compile(rf"(?:\b(?P<latin>{TITLE})|(?P<chinese>{_CHINESE_TITLE}))[:：]?\s*$")
_PRESENTED = re.compile(
    r"(?:联系人|对接人|代表|我是|[名就]?叫|contact(?: person)? is|my name is|I am|I'm)[:：]?\s*$",
    re.I,
)
_TOLD_BEFORE = re.compile(
    r"(?:见到|见了|见|拜访了?|约了?|联系上?了?|碰到了?|遇到了?|认识了?|请|给|问了?|[跟和与同陪、]|加了)\s*$"
    r"|\b(?:met|meet|with|spoke to|talked to|called|visited|saw|told|asked|emailed|and)\s+$",
    re.I,
)
_TOLD_BEHIND = re.compile(
    r"\s*(?:[也还又]?(?:说|表示|提到|提出|问|回复|告诉|认为|希望|介绍|觉得|反馈|来电|打电话|确认)|[，,]\s?[他她])"
    r"|\s+(?:from|of|at)\s+[A-Z]"
    r"|\s+(?:said|says|told|asked|asks|mentioned|wants?|replied|confirmed|thinks|suggested|needs?|joined)\b"
)
# 见到 Morgan Stanley 的团队.
_OF_MANY = re.compile(
    r"\s?(?:公司|集团|团队|中国|总部|那边|方面|产品|平台|系统|软件|的(?:人|团队|同事|产品|方案|平台|系统|总部))"
    r"|(?:'s)?\s(?:team|platform|product|people)\b",
    re.I,
)


class Named(NamedTuple):
    """Somebody whom the text names, where, and whom of the contacts one takes them for."""

    start: int
    end: int
    name: str
    title: str = ""
    known: str | None = None


@dataclass(frozen=True)
class _Run:
    """Capitalised words that may be a name; ``title`` is what stands beside it."""

    start: int
    end: int
    words: tuple[str, ...]
    polite: bool
    title: str | None

    @property
    def name(self) -> str:
        return " ".join(self.words)


def is_latin(name: str) -> bool:
    """Whether a contact's name is written in Latin letters, so that it stands between blanks."""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z .,'-]*", name))


def place_of_name(text: str, name: str) -> tuple[int, int] | None:
    """Where a Latin name stands, whatever its blanks and, of several words, its case.

    Ann is not in Annual, nor is somebody called Will named in "we will".
    """
    parts = name.split()
    pattern = r"[ \t]+".join(map(re.escape, parts))
    case = re.I if len(parts) > 1 else re.NOFLAG
    found = re.search(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9]|-[A-Za-z])", text, case)
    return found.span() if found else None


def latin_names(text: str) -> set[str]:
    """Every run of capitalised words, and each part of it, that may be a contact's name."""
    found: set[str] = set()
    for match in _RUN.finditer(text):
        words = match["words"].split()
        found |= {
            " ".join(words[first:last])
            for first in range(len(words))
            for last in range(first + 1, min(len(words), first + _MOST_WORDS) + 1)
        }
    return {name for name in found if len(name) > 2}


def latin_people(text: str, known: Sequence[str], company: str = "") -> list[Named]:
    """Who is named in Latin letters, in the text's order; ``known`` are the names of contacts.

    Kevin is the contact Kevin Liu when only one is called so, as is Mr Liu; a stranger who is named
    in full elsewhere is the same person.
    """
    runs = [run for run in _runs(text) if not _is_of(run, text, company)]
    full = [run.name for run in runs if len(run.words) > 1 and _tells(run, text)]
    found = []
    for run in runs:
        whose = _known(run, known)
        if whose is not None:
            found.append(Named(run.start, run.end, whose, run.title or "", whose))
        elif _tells(run, text):
            # A single name that several known people bear is nobody's for sure.
            same = {name for name in full if len(run.words) == 1 and _bears(run, name)}
            called = text[run.start : run.end] if len(run.words) == 1 else run.name
            name = same.pop() if len(same) == 1 else called
            found.append(Named(run.start, run.end, name, run.title or ""))
    return found


def _runs(text: str) -> Iterator[_Run]:
    for match in _RUN.finditer(text):
        words = match["words"].split()
        start = match.start("words")
        while len(words) > 1 and words[0] in BEFORE:
            start = text.index(words[1], start + len(words[0]))
            words = words[1:]
        if len(words) > _MOST_WORDS or not NO_NAMES.isdisjoint(words) or words[0] in BEFORE:
            continue
        polite = match["polite"] is not None and start == match.start("words")
        begins = match.start() if polite else start
        title = _title(text, begins, match.end())
        yield _Run(begins, match.end(), tuple(words), polite, title)


def _title(text: str, start: int, end: int) -> str | None:
    """The title beside a name, "" where it says no more than that there is one; None without."""
    if behind := _TITLE_BEHIND.match(text, end):
        return (behind["bracket"] or behind["comma"] or behind["chinese"] or "").strip()
    before = _TITLE_BEFORE.search(text[max(0, start - 60) : start])
    return (before["latin"] or before["chinese"]).strip() if before else None


def _is_of(run: _Run, text: str, company: str) -> bool:
    """Whether it is the company's own name, or speaks of many."""
    if company:
        around = text[max(0, run.start - len(company)) : run.end + len(company)].casefold()
        if run.name.casefold() in company.casefold() and company.casefold() in around:
            return True
    return bool(_OF_MANY.match(text, run.end))


def _known(run: _Run, known: Sequence[str]) -> str | None:
    """The contact who is called so in full, or alone bears a name that stands by itself."""
    named = [name for name in known if name.casefold() == run.name.casefold()]
    if named or len(run.words) > 1:
        return named[0] if named else None
    if not run.polite and (run.words[0] in WORDS_TOO or len(run.words[0]) < 3):
        return None
    same = [name for name in known if is_latin(name) and _bears(run, name)]
    return same[0] if len(same) == 1 else None


def _bears(run: _Run, name: str) -> bool:
    """Whether a single name is another's: Kevin of Kevin Liu, Mr Liu of Kevin Liu."""
    parts = name.casefold().split()
    return run.words[0].casefold() == parts[-1 if run.polite else 0]


def _tells(run: _Run, text: str) -> bool:
    """Whether the words around tell of a person, and it is a likely name where they may not."""
    before = text[max(0, run.start - 24) : run.start]
    single = len(run.words) == 1
    likely = run.words[0] in GIVEN if single else bool({run.words[0]} & (GIVEN | FAMILY))
    likely = likely or (not single and run.words[-1] in FAMILY)
    if run.polite or (run.title is not None and (likely or not single)):
        return True
    if _PRESENTED.search(before) and (likely or not single):
        return True
    told = _TOLD_BEFORE.search(before) or _TOLD_BEHIND.match(text, run.end)
    return bool(told) and likely and not (single and run.words[0] in WORDS_TOO)
