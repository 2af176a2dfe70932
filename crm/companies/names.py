"""When two names are one company, when they only look alike, and how a name is said short.

Only equality of the normal form says *same*. Everything else that looks alike is *doubtful* and
waits for a person: two provinces' companies, or two companies of one group, are never one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from crm.companies.name_parts import (
    NameParts,
    first_business_word,
    take_apart,
    unify,
    without_brackets,
    without_legal_form,
)
from crm.companies.name_words import COMMON_BEGINNINGS
from crm.messages import Message, msg

_ORDINALS = frozenset("一二三四五六七八九十0123456789")


class Verdict(StrEnum):
    """What two names are to each other."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are (0 to 100), what that means, and why."""

    score: int
    verdict: Verdict
    reason: Message


_OTHER_PLACE, _NO_PLACE = msg("地名不同"), msg("只有一个带地名")
_SAME_BRAND, _NEAR_BRAND = msg("字号相同，其余不同"), msg("字号相近")


@dataclass(frozen=True, slots=True)
class Form:
    """A name as it is compared: in its normal form, and taken apart."""

    normal: str
    parts: NameParts


class Forms(dict[str, Form]):
    """The forms of names that are compared with many others, each made once."""

    def __missing__(self, name: str) -> Form:
        """A name that was not asked for before."""
        made = self[name] = Form(normal_form(name), take_apart(name))
        return made


@lru_cache(maxsize=20_000)
def normal_form(name: str) -> str:
    """The form in which one company's spellings are equal.

    Width, case, spaces, brackets and legal forms do not matter; what stands in brackets does
    (金蝶软件（中国）), and so does 集团. Idempotent.
    """
    text = name
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def _plainer(text: str) -> str:
    unified = without_brackets(unify(text))
    return without_legal_form(unified).replace(" ", "")


def short_name(name: str) -> str:
    """A short name to show when a list gives none.

    The brand without place and legal form; a brand of two characters takes its first business
    word along (汉得信息, 用友网络). A name of business words alone keeps its place (四川通信产业).
    """
    parts = take_apart(name)
    if name.isascii():
        return _as_written(name)
    if parts.generic:
        first = first_business_word(parts.rest)
        second = first_business_word(parts.rest[len(first) :])
        second = second if len(second) > 1 else ""
        return f"{parts.places[-1] if parts.places else ''}{first}{second}" or parts.rest
    if len(parts.brand) > 2:
        return _as_written(name, parts.brand)
    if parts.business:
        return _as_written(name, parts.brand + first_business_word(parts.business))
    return _as_written(name, (parts.places[-1] if parts.places else "") + parts.rest)


def _as_written(name: str, folded: str = "") -> str:
    """Give a folded piece back in the capitals of the name."""
    original = " ".join(name.split())
    folded = folded or without_legal_form(unify(name))
    start = original.casefold().find(folded)
    return original[start : start + len(folded)] if start >= 0 else folded


def core_keys(name: str) -> set[str]:
    """Keys that names which may be alike share, to find candidates with one IN query.

    Store them for every company; look up those of a new name; then ask ``likeness`` of the few
    found. Keys are the brand (the name without place, legal form and business words), its first
    two and three characters, the first Latin word, and, for a name of business words alone, all
    of them without the place. So 京东集团 and 北京京东尚科信息技术 meet at 京东, while 上海 or 中国
    alone brings nobody together, nor do common beginnings such as 东方.
    """
    parts = take_apart(name)
    compact = parts.brand.replace(" ", "")
    keys = {compact, parts.rest.replace(" ", "")} if compact else set()
    if parts.generic:
        return keys
    if compact.isascii():
        word = parts.brand.split(" ")[0]
        return keys | ({word} if len(word) >= 4 else set())
    beginnings = {compact[:2], compact[:3]}
    return keys | {key for key in beginnings if len(key) >= 2 and key not in COMMON_BEGINNINGS}


def likeness(a: str, b: str) -> Likeness:
    """Compare two names; ``same`` only when their normal forms are equal."""
    forms = Forms()
    first, second = forms[a], forms[b]
    if first.normal == second.normal:
        return Likeness(100, Verdict.SAME, msg("名称相同"))
    doubtful = _doubtful(first, second)
    return doubtful or Likeness(_score(first, second), Verdict.DIFFERENT, msg("名称不同"))


def _doubtful(a: Form, b: Form) -> Likeness | None:
    """How two names only look alike, or None when they are the same or different."""
    if a.normal == b.normal:
        return None
    reason = _doubt(a.parts, b.parts, a.normal, b.normal)
    return Likeness(_score(a, b), Verdict.DOUBTFUL, reason) if reason else None


def _score(a: Form, b: Form) -> int:
    return min(99, round(fuzz.ratio(a.normal, b.normal)))


def _doubt(a: NameParts, b: NameParts, first: str, second: str) -> Message | None:
    """Why two unequal names may still be one company, or None."""
    if a.branch != b.branch and (first.startswith(second) or second.startswith(first)):
        return msg("其中一个是分支机构")
    if a.rest == b.rest:
        return _OTHER_PLACE if a.places and b.places else _NO_PLACE
    if not (a.generic or b.generic) and _brands_meet(a.brand, b.brand):
        return _SAME_BRAND if a.brand == b.brand else _NEAR_BRAND
    if min(len(a.brand), len(b.brand)) >= 3 and _one_character_apart(a.rest, b.rest):
        return _slip_reason(a.rest, b.rest)
    return None


def _brands_meet(a: str, b: str) -> bool:
    """Equal, or one begins with the other and that beginning distinguishes."""
    shorter, longer = sorted((a, b), key=len)
    if shorter == longer:
        return True
    return len(shorter) >= 2 and longer.startswith(shorter) and shorter not in COMMON_BEGINNINGS


def _one_character_apart(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 4 and Levenshtein.distance(a, b, score_cutoff=1) <= 1


def _slip_reason(a: str, b: str) -> Message:
    differing = {
        c
        for piece, differs in (*difference(a, b)[0], *difference(a, b)[1])
        if differs
        for c in piece
    }
    return msg("序号不同") if differing and differing <= _ORDINALS else msg("只差一个字")


def find_doubtful(
    name: str, candidates: Iterable[str], forms: Forms | None = None
) -> list[tuple[str, Likeness]]:
    """The candidates that only look like a name, the most alike first.

    Who asks for many names hands ``forms`` from one question to the next.
    """
    known = Forms() if forms is None else forms
    own = known[name]
    doubtful = [
        (candidate, found)
        for candidate in candidates
        if (found := _doubtful(own, known[candidate])) is not None
    ]
    return sorted(doubtful, key=lambda pair: (-pair[1].score, pair[0]))


Segments = list[tuple[str, bool]]


def difference(a: str, b: str) -> tuple[Segments, Segments]:
    """Cut both names into pieces (text, differs), to mark what differs side by side."""
    first: Segments = []
    second: Segments = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if i2 > i1:
            first.append((a[i1:i2], kind != "equal"))
        if j2 > j1:
            second.append((b[j1:j2], kind != "equal"))
    return first, second
