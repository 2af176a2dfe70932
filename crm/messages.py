"""Sentences made by pure code and said later, in the reader's language.

Rules decide and explain without knowing who reads: ``msg("还差 %(n)s 项", n=3)`` is a value that
can be compared, stored and tested. ``crm.formats.say`` turns it into text. A sentence whose English
depends on a number is made by ``nmsg("还差 %(n)s 项", 3)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

Value: TypeAlias = "str | int | date | datetime | Money | Name | Message"


@dataclass(frozen=True)
class Money:
    """An amount in whole CNY, written 5000万元 or 1.2亿元 when it is said.

    ``exact`` writes it to the last CNY (1.2345万元), where a working must add up.
    """

    cny: int
    exact: bool = False

    def __str__(self) -> str:
        return str(self.cny)


@dataclass(frozen=True)
class Name:
    """What data calls a thing (a stage, a list, a park), in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True)
class Message:
    """A sentence (its Chinese msgid) and the values that stand in it.

    ``count`` is the number that decides between singular and plural, where a language has both.
    """

    msgid: str
    params: dict[str, Value] = field(default_factory=dict)
    count: int | None = None

    def __str__(self) -> str:
        """The Chinese sentence, for logs and tests; people read ``say(message)``."""
        return self.msgid % self.params if self.params else self.msgid

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted((k, str(v)) for k, v in self.params.items()))))


def msg(msgid: str, **params: Value) -> Message:
    """Make a sentence; ``msg`` is a keyword of the extraction, so the msgid must be a literal."""
    return Message(msgid, params)


def nmsg(msgid: str, n: int, **params: Value) -> Message:
    """Make a sentence about ``n`` things; a keyword of the extraction too (``nmsg:1,1``)."""
    return Message(msgid, {"n": n, **params}, count=n)


def enumerated(texts: Sequence[Message]) -> Message:
    """Some sentences' parts, one at least, one after another as a sentence lists them."""
    phrase = texts[0]
    for text in texts[1:]:
        phrase = msg("%(before)s、%(next)s", before=phrase, next=text)
    return phrase
