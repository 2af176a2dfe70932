"""Find as you type: the tokens a company is found under, and the range a query reads.

A token is what stands from some character of the name on: four Chinese characters, eight letters
of pinyin, five initials; Latin words and the credit code stand whole. A query is then a range of
an index, ``low <= token < high``, alike on every engine. Each name also stands as a whole behind a
sign that no word begins with, so that who is called exactly so is found before all who are not.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from functools import lru_cache

from crm.companies.credit_code import compact_code
from crm.companies.name_parts import joined, unify, without_legal_form
from crm.companies.names import normal_form
from crm.pinyin import OTHER_READINGS, reading
from models.company import TOKEN_LENGTH

CHARACTERS, LETTERS, INITIALS = 4, 8, 5
WHOLE = "="
# People say the end of a phone number.
NUMBER_ENDS = 4

_RUN = re.compile(r"[㐀-鿿]+|[^\W㐀-鿿_]+")
_LETTERS_ONLY = re.compile("[a-z]+")
# Where the usual reading of a single character is wrong inside a word.
_WORD_READINGS = {
    **{"银行": ("yin", "hang"), "行业": ("hang", "ye"), "商行": ("shang", "hang")},
    **{"重庆": ("chong", "qing"), "厦门": ("xia", "men"), "单县": ("shan", "xian")},
    **{"音乐": ("yin", "yue"), "快乐": ("kuai", "le"), "长安": ("chang", "an")},
    **{"长城": ("chang", "cheng"), "长春": ("chang", "chun"), "长沙": ("chang", "sha")},
    **{"成长": ("cheng", "zhang"), "成都": ("cheng", "du"), "首都": ("shou", "du")},
    **{"西藏": ("xi", "zang"), "朝阳": ("chao", "yang"), "六安": ("lu", "an")},
    **{"蚌埠": ("beng", "bu"), "会计": ("kuai", "ji"), "调度": ("diao", "du")},
    **{"重工": ("zhong", "gong"), "重型": ("zhong", "xing"), "数据": ("shu", "ju")},
}


def tokens(name: str, short_name: str | None = None, credit_code: str | None = None) -> set[str]:
    """Everything a company is found under; none is longer than what the tables hold."""
    found: set[str] = set()
    for text in {name, short_name or name}:
        plain = without_legal_form(joined(unify(text)))
        found.add(whole(text))
        for run in _RUN.findall(plain):
            if run[0] < "㐀":
                found.add(run[:TOKEN_LENGTH])
            else:
                _add_chinese(run, found)
    if credit_code:
        found.add(compact_code(credit_code).lower()[:TOKEN_LENGTH])
    return found


def whole(name: str) -> str:
    """The token of a whole name; a query's is the beginning of those of the names that begin so."""
    return (WHOLE + normal_form(name))[:TOKEN_LENGTH]


def in_order(short_name: str) -> str:
    """What a company is sorted by: syllable by syllable, each before its character.

    Latin words and figures stand as they are, signs do not count; it is cut to what the tables
    hold, so that some long names stand alike.
    """
    runs = _RUN.findall(joined(unify(short_name)))
    heard = (
        [f"{sound} {character}" for sound, character in zip(_readings(run), run, strict=True)]
        if run[0] >= "㐀"
        else [f"{run} "]
        for run in runs
    )
    return "".join(syllable for run in heard for syllable in run)[:TOKEN_LENGTH]


def number_tokens(phone: str | None) -> set[str]:
    """What a phone number is found by: its digits, and the last of them."""
    digits = digits_of(phone or "")
    return {digits[:TOKEN_LENGTH], digits[-NUMBER_ENDS:]} - {""}


def digits_of(text: str) -> str:
    """The digits of a text, in one width."""
    return re.sub("[^0-9]", "", unify(text))


def _add_chinese(run: str, found: set[str]) -> None:
    readings = _readings(run)
    found.update([run[start : start + CHARACTERS] for start in range(len(run))])
    _add_sounds(readings, range(len(run)), found)
    for position, character in enumerate(run):
        if character in OTHER_READINGS:
            for other in OTHER_READINGS[character]:
                if other != readings[position]:
                    varied = [*readings[:position], other, *readings[position + 1 :]]
                    first = max(0, position - LETTERS + 1)
                    _add_sounds(varied, range(first, position + 1), found)


def _readings(run: str) -> list[str]:
    readings = list(map(reading, run))
    for position, pair in enumerate(map(str.__add__, run, run[1:])):
        if pair in _WORD_READINGS:
            readings[position : position + 2] = _WORD_READINGS[pair]
    return readings


def _add_sounds(readings: list[str], starts: range, found: set[str]) -> None:
    """What stands from these characters on, in letters and in initials."""
    if "" in readings:
        for start in starts:
            heard = readings[start : start + LETTERS]
            found.add("".join(heard)[:LETTERS])
            found.add("".join([sound[:1] for sound in heard[:INITIALS]]))
        found.discard("")
        return
    # Each character is heard: so many of them have more letters than a token.
    letters, firsts = "".join(readings), "".join([sound[0] for sound in readings])
    at = sum(map(len, readings[: starts.start]))
    for start in starts:
        found.add(letters[at : at + LETTERS])
        found.add(firsts[start : start + INITIALS])
        at += len(readings[start])


def normalise_query(query: str) -> str:
    """A query as it is compared: one width and case, without legal form and needless spaces."""
    return without_legal_form(unify(query))


def query_words(query: str) -> list[str]:
    """The words of a query, cut as tokens are; the longest, which mostly finds fewest, first.

    Read the range of one and keep the companies that the ranges of the others hold too. A long
    Chinese word becomes several: all its characters count.
    """
    words = [piece for run in _RUN.findall(normalise_query(query)) for piece in _pieces(run)]
    return sorted(dict.fromkeys(words), key=len, reverse=True)


def _pieces(word: str) -> list[str]:
    if word[0] >= "㐀":
        return [word[at : at + CHARACTERS] for at in range(0, len(word), CHARACTERS)]
    return [word[:LETTERS] if _LETTERS_ONLY.fullmatch(word) else word]


def word_range(word: str) -> tuple[str, str]:
    """Bounds (low inclusive, high exclusive) of the tokens that begin with a word."""
    return word, word[:-1] + chr(ord(word[-1]) + 1)


class Place(enum.IntEnum):
    """How a name answers a query, the best first: spelled as typed, then sounding as typed."""

    EXACT = 0
    BEGINS = 1
    CONTAINS = 2
    SOUNDS = 3
    """Its pinyin or its initials, all of them."""
    BEGINS_SOUNDING = 4
    OTHERWISE = 5


def place_of(query: str, names: Iterable[str]) -> Place:
    """The best place that one of the names gives a record; width, case and spaces do not count."""
    wanted = _bare(query)
    return min((_place(wanted, _bare(name)) for name in names if name), default=Place.OTHERWISE)


def _place(wanted: str, name: str) -> Place:
    sounds = _sounds(name) if wanted.isascii() and not name.isascii() else ()
    fits = {
        Place.EXACT: wanted == name,
        Place.BEGINS: name.startswith(wanted),
        Place.CONTAINS: wanted in name,
        Place.SOUNDS: wanted in sounds,
        Place.BEGINS_SOUNDING: any(sound.startswith(wanted) for sound in sounds),
    }
    return next((place for place, fit in fits.items() if wanted and fit), Place.OTHERWISE)


@lru_cache(maxsize=5_000)
def _bare(text: str) -> str:
    return normalise_query(text).replace(" ", "")


@lru_cache(maxsize=5_000)
def _sounds(name: str) -> tuple[str, str]:
    """A bare name as it sounds, and by its initials; what is not Chinese stands as it is."""
    full, initials = "", ""
    for run in _RUN.findall(name):
        readings = _readings(run) if run[0] >= "㐀" else [run]
        full += "".join(readings)
        initials += "".join(r[:1] for r in readings) if run[0] >= "㐀" else run
    return full, initials


def rank_key(query: str, name: str, short_name: str | None = None) -> tuple[int, int, str]:
    """Order hits by how their names answer (``place_of``), among equals the shorter first."""
    full = _bare(name)
    return place_of(query, (name, short_name or "")), len(full), full
