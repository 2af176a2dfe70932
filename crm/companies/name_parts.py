"""Take a company's name apart: legal form off, then place, brand and line of business."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crm.companies.name_words import (
    BRANCHES,
    BUSINESS_WORDS,
    COUNTRY,
    LATIN_LEGAL_FORMS,
    LEGAL_FORMS,
    PLACE_ENDINGS,
    PLACE_NAMES,
)

_BRACKETED = re.compile(
    r"[(\[{<〔【「『《〈]([^()\[\]{}<>〔〕【】「」『』《》〈〉]*)[)\]}>〕】」』》〉]"
)
_BRACKETS = str.maketrans("", "", "()[]{}<>〔〕【】「」『』《》〈〉")
# Asked first: what ends with none of these characters ends with no legal form.
_FORM_ENDS = tuple({form[-1] for form in LEGAL_FORMS})
_SPACED_FORM = re.compile("(?:" + "|".join(" ?".join(form) for form in LEGAL_FORMS) + ")$")
_HAN, _SIGN = "㐀-鿿〇", "()（）〔〕【】「」《》·、"
_NEEDLESS = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}{_SIGN}])|(?<=[{_SIGN}])\s+(?=[{_HAN}])")
_LATIN = "|".join(r"\.?".join(form) for form in sorted(LATIN_LEGAL_FORMS, key=len, reverse=True))
_LATIN_FORM = re.compile(rf"(?<=[\s,.\u3000-\u9fff])(?:{_LATIN})[\s.,]*$")
_BUSINESS = tuple(sorted(BUSINESS_WORDS, key=len, reverse=True))
_BUSINESS_LENGTHS = sorted({len(word) for word in BUSINESS_WORDS}, reverse=True)
_BUSINESS_SET = frozenset(BUSINESS_WORDS)
_LONGEST_PLACE = max(map(len, PLACE_NAMES))
_EDGE = " \t,.;、，。"


def unify(name: str) -> str:
    """One width, one case, no invisible characters; spaces stay, as one space."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(_visible(text).split())


def joined(text: str) -> str:
    """Without the spaces that no name has: between two Chinese characters, or one and a bracket.

    What somebody looks for keeps them, since there each word may stand anywhere.
    """
    return _NEEDLESS.sub("", text)


def tidy(name: str) -> str:
    """A name as it is kept: as it was written, without needless spaces and what nobody sees."""
    return joined(" ".join(_visible(name).split()))


def _visible(text: str) -> str:
    # What is printable holds nothing else, and most names are.
    if text.isprintable():
        return text
    seen = (c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    return "".join(seen)


def without_legal_form(text: str) -> str:
    """Take legal forms off the end of a unified name, spaced ones too; never leaves nothing."""
    text = text.strip(_EDGE) or text
    while (shorter := _one_form_less(text)) != text:
        text = shorter
    return text


def _one_form_less(text: str) -> str:
    branch = text.replace(" ", "").endswith(BRANCHES)
    form = _SPACED_FORM.search(text) if text.endswith(_FORM_ENDS) and not branch else None
    if form:
        return text[: form.start()].strip(_EDGE) or text
    if "一" <= text[-1:] <= "鿿":
        return text.strip(_EDGE) or text
    return _LATIN_FORM.sub("", text).strip(_EDGE) or text


def without_brackets(text: str) -> str:
    """Drop the bracket characters; what stands in them stays."""
    return text.translate(_BRACKETS)


@dataclass(frozen=True)
class NameParts:
    """A name taken apart; ``rest`` is the name without place and legal form."""

    places: tuple[str, ...]
    rest: str
    brand: str
    generic: bool
    """Nothing but business words: the brand is then the whole rest and tells little."""
    branch: bool

    @property
    def business(self) -> str:
        """What follows the brand."""
        return self.rest[len(self.brand) :]


# Comparing a list takes each name apart many times; a name more or less costs half a kilobyte.
@lru_cache(maxsize=20_000)
def take_apart(name: str) -> NameParts:
    """Take a name apart by the word lists; unknown words belong to the brand."""
    text = unify(name).replace(" ", "") if not name.isascii() else unify(name)
    places: list[str] = []
    for content in _BRACKETED.findall(text):
        if _is_place(content) and (place := _leading_place(content)):
            places.append(place[0])
    text = _BRACKETED.sub(lambda match: "" if _is_place(match[1]) else match[0], text)
    text = without_legal_form(without_brackets(text))
    branch = text.endswith(BRANCHES)
    rest = text
    while (found := _leading_place(rest)) and len(rest) - found[1] >= 2:
        places.append(found[0])
        rest = rest[found[1] :]
    brand = _brand(rest)
    generic = _only_business(brand)
    return NameParts(tuple(places), rest, rest if generic else brand, generic, branch)


def _leading_place(text: str) -> tuple[str, int] | None:
    """The place a text begins with and how many characters it takes."""
    for length in range(min(_LONGEST_PLACE, len(text)), 1, -1):
        if text[:length] in PLACE_NAMES:
            for ending in PLACE_ENDINGS if text[:length] != COUNTRY else ():
                if text.startswith(ending, length):
                    return text[:length], length + len(ending)
            return text[:length], length
    return None


def _is_place(text: str) -> bool:
    place = _leading_place(text)
    return place is not None and place[1] == len(text)


def _brand(rest: str) -> str:
    shorter = rest
    while (word := _last_business_word(shorter)) and len(shorter) - len(word) >= 2:
        shorter = shorter[: -len(word)]
    return shorter


def _last_business_word(text: str) -> str:
    """The longest business word a text ends with, or ""."""
    if not text.endswith(_BUSINESS):
        return ""
    ends = (text[-length:] for length in _BUSINESS_LENGTHS)
    return next(end for end in ends if end in _BUSINESS_SET)


def _only_business(text: str) -> bool:
    while text and (word := _last_business_word(text)):
        text = text[: -len(word)]
    return not text


def first_business_word(text: str) -> str:
    """The business word a text begins with, or ""."""
    return next((word for word in _BUSINESS if text.startswith(word)), "")
