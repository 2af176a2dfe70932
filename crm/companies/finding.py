"""Which records a query finds in a table of tokens: a few ranges of an index, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, zip_longest
from operator import add, itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from crm.companies.tokens import query_words, whole, word_range
from models import db
from models.company import TOKEN_LENGTH
from models.sets import among

FEWEST_CHARACTERS = 2
# Of the records a word finds so many are ranked; of a first word so many are filtered by others,
# and fewer where the first is the rarest.
RANKED = 60
FILTERED = 5000
FILTERED_OF_RAREST = 2500
# A record has few tokens that begin alike, so this many hold the ranked ones: of those that another
# word filtered, each of which is dear, fewer.
_TOKENS = 4 * RANKED
_FILTERED_TOKENS = 3 * RANKED // 2

Condition = sa.ColumnElement[bool]
Column = InstrumentedAttribute[Any]
Row = tuple[int, str]


@dataclass(frozen=True)
class Shelf:
    """A table of tokens: the record that a token finds, and the token."""

    key: Column
    token: Column
    newest: bool = False
    """Of the records that bear the word itself the latest are read first, not the oldest."""
    kind: Condition | None = None
    """Which rows are meant, where the index by key says it: so it is searched and not walked."""
    counted: bool = False
    """Words find so much here that it pays to ask first which of them is the rarest."""

    @property
    def filtered(self) -> int:
        """Of how many tokens of the first word the others are looked for."""
        return FILTERED_OF_RAREST if self.counted else FILTERED

    @property
    def of_kind(self) -> tuple[Condition, ...]:
        """The condition of the kind, if there is one."""
        return () if self.kind is None else (self.kind,)

    def begins(self, word: str) -> Condition:
        """Tokens that begin with the word."""
        low, high = word_range(word)
        return sa.and_(self.token >= low, self.token < high)


def words_of(query: str, fewest: int = FEWEST_CHARACTERS) -> list[str]:
    """The words to look for, the most telling first; none when too little was typed."""
    words = [word[:TOKEN_LENGTH] for word in query_words(query)]
    return words if sum(map(len, words)) >= fewest else []


def hits(
    shelf: Shelf, arms: Sequence[Condition], query: str, words: Sequence[str]
) -> dict[int, bool]:
    """The keys of records that every word finds, and whether one is called just so.

    One query, and one before it where words are counted. ``arms``: parts of the table, read
    in turn, so that none crowds out another. What is called so as a whole comes first, then who
    bears the word itself, then longer ones.
    """
    if not words or not arms:
        return {}
    words, named = _rarest_first(shelf, arms, words), whole(query)
    parts = [part for arm in arms for part in _parts(shelf, arm, words, named)]
    queries = [
        sa.select(part.c.key, part.c.token, sa.literal(number).label("part"))
        for number, part in enumerate(parts)
    ]
    read: list[list[Row]] = [[] for _part in parts]
    for key, token, number in db.session.execute(sa.union_all(*queries)):
        read[number].append((key, token))
    found: dict[int, bool] = {}
    for ranges in (read[number::_RANGES] for number in range(_RANGES)):
        for row in chain.from_iterable(zip_longest(*ranges)):
            if row is not None:
                key, token = row
                found[key] = found.get(key, False) or token in (words[0], named)
    return found


def _rarest_first(shelf: Shelf, arms: Sequence[Condition], words: Sequence[str]) -> Sequence[str]:
    """The words by how many tokens begin with them, counted as far as they would be filtered.

    Of those that are frequent beyond it characters come before letters, which are most often the
    initials of very many.
    """
    if not shelf.counted or len(words) == 1:
        return words
    counts = []
    for word in words:
        ranges = (sa.select(shelf.key).where(arm, shelf.begins(word)) for arm in arms)
        parts = (
            sa.select(sa.func.count()).select_from(part.limit(shelf.filtered).subquery())
            for part in ranges
        )
        counts.append(reduce(add, (part.scalar_subquery() for part in parts)))
    counted = db.session.execute(sa.select(*counts)).one()
    frequent = zip(counted, (word.isascii() for word in words), words, strict=True)
    return [word for *_place, word in sorted(frequent, key=itemgetter(0, 1))]


def looked_up(query: sa.Select[Any]) -> Condition:
    """The query finds something, asked row by row: EXISTS became a join over all that it finds."""
    return query.limit(1).scalar_subquery().is_not(None)


# The ranges of an arm: the whole name, the word itself, what is longer.
_RANGES = 3


def _parts(
    shelf: Shelf, arm: Condition, words: Sequence[str], named: str
) -> tuple[sa.Subquery, ...]:
    first, *others = words
    token, key = shelf.token, shelf.key
    row = sa.select(key.label("key"), token.label("token")).where(arm)
    by_token = row.order_by(token, key)
    itself = row.where(token == first).order_by(key.desc() if shelf.newest else key)
    longer = by_token.where(token > first, token < word_range(first)[1])
    return (
        by_token.where(shelf.begins(named)).limit(RANKED).subquery(),
        *(_filtered(shelf, part, others).subquery() for part in (itself, longer)),
    )


def _filtered(shelf: Shelf, query: sa.Select[Any], words: Sequence[str]) -> sa.Select[Any]:
    """Of the tokens of the first word those whose records the others find, too."""
    if not words:
        return query.limit(_TOKENS)
    part = query.limit(shelf.filtered)
    if db.session.connection().dialect.name == "postgresql":
        return _filtered_at_once(shelf, part.cte(), words)
    of_first = part.subquery()
    found = sa.select(of_first.c.key, of_first.c.token)
    for word in words:
        has_it = sa.select(sa.literal(1)).where(
            shelf.key == of_first.c.key, *shelf.of_kind, shelf.begins(word)
        )
        found = found.where(looked_up(has_it.correlate(of_first)))
    return found.limit(_FILTERED_TOKENS)


def _filtered_at_once(shelf: Shelf, of_first: sa.CTE, words: Sequence[str]) -> sa.Select[Any]:
    """The same by all keys together, in their order: each alone costs PostgreSQL three times as
    much. SQLite is the other way round: it stops when it has found enough."""
    keys = sa.select(of_first.c.key).scalar_subquery()
    found = sa.select(of_first.c.key, of_first.c.token)
    for word in words:
        has_it = sa.select(shelf.key).where(
            among(shelf.key, keys), *shelf.of_kind, shelf.begins(word)
        )
        found = found.where(among(of_first.c.key, has_it.scalar_subquery()))
    return found.limit(_FILTERED_TOKENS)
