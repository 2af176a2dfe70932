"""Which column is what: guessed from headers and samples, or told by a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from crm.errors import Refusal
from crm.messages import Message, msg

Shape = Callable[[Sequence[str]], bool]

_EXACT = 100
_CONTAINS = 90
_FUZZY_FROM = 84
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Meaning:
    """One thing a column can mean: its key, its name for people, header words, shape of values.

    ``lesser`` are headers that say it less outright, the best first: each gives way to those before
    it, without a doubt that a person has to settle (地区 to 市, 市 to 总部所在地).
    """

    key: str
    label: Message
    words: tuple[str, ...]
    shape: Shape | None = None
    required: bool = False
    lesser: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """All meanings of a kind of list, the likelier first, and header words that mean nothing."""

    meanings: tuple[Meaning, ...]
    ignored: tuple[str, ...] = ()

    def meaning(self, key: str) -> Meaning | None:
        """Look a meaning up by its key."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, Meaning]:
        return {meaning.key: meaning for meaning in self.meanings}

    def label(self, key: str) -> Message:
        """What people call a meaning; a column without one is not imported."""
        meaning = self.meaning(key)
        return meaning.label if meaning else msg("不导入")

    def best(self, header: str) -> tuple[str, int] | None:
        """The meaning a header most likely has and how sure that is (to 100), or None.

        An ignored word that fits better than any meaning wins, so that 主要品牌 is no name.
        """
        scores = [
            (max(_likeness(header, m.words), _lesser(header, m.lesser)), m.key)
            for m in self.meanings
        ]
        score, key = max(scores, key=lambda pair: pair[0])
        if not score or score <= _likeness(header, self.ignored):
            return None
        return key, score


@lru_cache(maxsize=2_000)
def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def _likeness(header: str, words: Sequence[str]) -> int:
    plain = _plain(header)
    if not plain or len(plain) > 40:
        return 0
    return max([_word_likeness(plain, _plain(word)) for word in words], default=0)


def _lesser(header: str, words: Sequence[str]) -> int:
    """How sure a header is that is one of these words itself, the first of them the most."""
    plain = _plain(header)
    for rung, word in enumerate(words, start=1):
        if plain == _plain(word):
            return max(_EXACT - rung, _CONTAINS)
    return 0


def _word_likeness(plain: str, word: str) -> int:
    if plain == word:
        return _EXACT
    if len(word) >= 2 and word in plain and len(plain) <= 3 * len(word) + 4:
        return _CONTAINS - min(20, len(plain) - len(word)) // 2
    ratio = int(fuzz.ratio(plain, word, score_cutoff=_FUZZY_FROM)) if len(plain) >= 4 else 0
    return ratio - 20 if ratio else 0


def guess_columns(
    headers: Sequence[str], samples: Sequence[Sequence[str]], vocabulary: Vocabulary
) -> dict[str, int]:
    """Guess a column (from 0) for each meaning: by header words first, then by what stands below.

    No column gets two meanings and no meaning two columns; of two columns that claim one meaning
    the surer wins, then the left one. ``samples`` are rows' cells.
    """
    claims = []
    for column, header in enumerate(headers):
        found = vocabulary.best(header)
        if found:
            claims.append((-found[1], column, found[0]))
    guessed: dict[str, int] = {}
    for _score, column, key in sorted(claims):
        guessed.setdefault(key, column)
    known = {column for _score, column, _key in claims}
    free = [
        column
        for column, header in enumerate(headers)
        if column not in known and not _likeness(header, vocabulary.ignored)
    ]
    for meaning in vocabulary.meanings:
        if meaning.key not in guessed and meaning.shape:
            _guess_by_shape(meaning.key, meaning.shape, free, samples, guessed)
    return guessed


def rivals(
    headers: Sequence[str], mapping: Mapping[str, int], vocabulary: Vocabulary
) -> dict[str, list[int]]:
    """Meanings that several headers name outright, with all their columns: a person has to say.

    企业名称 beside 公司名称 is such a pair; 企业名称 beside Company Name says the same twice.
    """
    found: dict[str, list[int]] = {}
    meant = [vocabulary.best(header) for header in headers]
    for key, chosen in mapping.items():
        named = [
            column
            for column, header in enumerate(headers)
            if meant[column] == (key, _EXACT) and header.isascii() == headers[chosen].isascii()
        ]
        if len(named) > 1 and chosen in named:
            found[key] = named
    return found


def contested(
    headers: Sequence[str], mapping: Mapping[str, int], vocabulary: Vocabulary
) -> list[Message]:
    """A sentence for each meaning that several columns claim alike; the first of them has it."""
    return [
        msg(
            "第 %(columns)s 列都像“%(meaning)s”，现在取第 %(chosen)s 列。",
            columns=" / ".join(str(column + 1) for column in columns),
            meaning=vocabulary.label(key),
            chosen=mapping[key] + 1,
        )
        for key, columns in rivals(headers, mapping, vocabulary).items()
    ]


def _guess_by_shape(
    key: str,
    shape: Shape,
    free: list[int],
    samples: Sequence[Sequence[str]],
    guessed: dict[str, int],
) -> None:
    for column in free:
        values = [row[column] for row in samples if column < len(row) and row[column]]
        if values and shape(values):
            guessed[key] = column
            free.remove(column)
            return


def parse_mapping(text: str, headers: Sequence[str], vocabulary: Vocabulary) -> dict[str, int]:
    """Read ``rank=排名,name=企业名称`` into meaning -> column; a number counts columns from 1.

    Raises Refusal (field ``mapping``) for an unknown meaning or column, a meaning or column named
    twice, and a required meaning left out.
    """
    pairs: list[tuple[str, int]] = []
    for part in filter(None, (part.strip() for part in re.split("[,，]", text))):
        key, equals, header = (piece.strip() for piece in part.partition("="))
        if not equals or not header:
            raise _refuse(msg("看不懂“%(part)s”。请写成“含义=列名”，如 name=企业名称。", part=part))
        pairs.append((key, _column_named(header, headers)))
    return _checked(pairs, vocabulary)


def mapping_from_form(
    choices: Mapping[int, str], columns: int, vocabulary: Vocabulary
) -> dict[str, int]:
    """Turn a form's choice for each column (column -> meaning, "" = none) into meaning -> column.

    ``columns`` is how many the table has. Raises Refusal (field ``mapping``) as parse_mapping.
    """
    for column in choices:
        if not 0 <= column < columns:
            raise _refuse(msg("表里没有第 %(column)s 列。", column=column + 1))
    pairs = [(key, column) for column, key in sorted(choices.items()) if key]
    return _checked(pairs, vocabulary)


def _column_named(header: str, headers: Sequence[str]) -> int:
    plain = _plain(header)
    for column, candidate in enumerate(headers):
        if candidate == header or (plain and _plain(candidate) == plain):
            return column
    if re.fullmatch("[1-9][0-9]{0,5}", header) and int(header) <= len(headers):
        return int(header) - 1
    raise _refuse(msg("表里没有“%(column)s”这一列。请核对列名。", column=header))


def _checked(pairs: Sequence[tuple[str, int]], vocabulary: Vocabulary) -> dict[str, int]:
    mapping: dict[str, int] = {}
    for key, column in pairs:
        meaning = vocabulary.meaning(key)
        if meaning is None:
            raise _refuse(msg("没有“%(meaning)s”这个含义。请核对写法。", meaning=key))
        if key in mapping:
            raise _refuse(msg("有两列都选作“%(meaning)s”。请只留一列。", meaning=meaning.label))
        if column in mapping.values():
            raise _refuse(msg("第 %(column)s 列选了两个含义。请只留一个。", column=column + 1))
        mapping[key] = column
    for meaning in vocabulary.meanings:
        if meaning.required and meaning.key not in mapping:
            raise _refuse(msg("请指出哪一列是“%(meaning)s”。", meaning=meaning.label))
    return mapping


def _refuse(message: Message) -> Refusal:
    return Refusal({"mapping": [message]}, message)
