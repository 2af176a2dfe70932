"""Find a company as its name is typed: characters, pinyin, initials or the credit code.

Two steps, each a range or a handful of keys, so that a million companies cost no more than a
thousand: the tokens that begin with the word, then the companies themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.companies.tokens import query_words, rank_key, word_range
from models import db
from models.company import TOKEN_LENGTH, UNLISTED_CADENCE_DAYS, Company, CompanyToken, TokenScope

FEWEST_CHARACTERS = 2
# Of the companies a word finds so many are ranked; of a first word so many are filtered by others.
RANKED = 60
FILTERED = 5000
# A company has few tokens that begin alike, so this many hold the ranked ones.
_TOKENS = 4 * RANKED


class Hit(NamedTuple):
    """A company that was found: what a list of suggestions shows of it."""

    id: int
    public_id: str
    name: str
    short_name: str
    cadence_days: int


def suggest(query: str, limit: int = 10) -> list[Hit]:
    """The companies that best match what was typed so far, at most ``limit`` (two queries).

    What is spelled as typed comes first, then what begins so, contains it, sounds so; among
    equals companies of target lists first. A merged company shows what it was merged into.
    """
    words = [word[:TOKEN_LENGTH] for word in query_words(query)]
    if sum(map(len, words)) < FEWEST_CHARACTERS:
        return []
    hits = _hits(words)
    if not hits:
        return []
    ranked = sorted(
        _companies(list(hits)), key=lambda company: _rank(query, company, hits.get(company.id))
    )
    return ranked[: min(limit, RANKED)]


def matching(
    query: str, key: Any = Company.id, *, by_row: bool = False
) -> sa.ColumnElement[bool] | None:
    """The condition that the company of a key is found by every word of a query; None without one.

    ``by_row``: each company is looked up by its key, where very many are found and few are wanted.
    """
    words = [word[:TOKEN_LENGTH] for word in query_words(query)]
    if sum(map(len, words)) < FEWEST_CHARACTERS:
        return None
    found = [sa.select(CompanyToken.company_id).where(_begins(word)) for word in words]
    if by_row:
        return sa.and_(
            *(
                one.where(CompanyToken.company_id == key).correlate_except(CompanyToken).exists()
                for one in found
            )
        )
    return sa.and_(*(key.in_(one) for one in found))


def _companies(keys: Sequence[int]) -> list[Hit]:
    """The companies of these keys, a merged one as what it became."""
    found = aliased(Company)
    shown = (Company.id, Company.public_id, Company.name, Company.short_name, Company.cadence_days)
    rows = db.session.execute(
        sa.select(*shown)
        .join(found, Company.id == sa.func.coalesce(found.merged_into_id, found.id))
        .where(found.id.in_(keys))
    )
    return [Hit(*row) for row in dict.fromkeys(rows)]


def _begins(word: str) -> sa.ColumnElement[bool]:
    low, high = word_range(word)
    return sa.and_(
        CompanyToken.scope == TokenScope.FIND.value,
        CompanyToken.token >= low,
        CompanyToken.token < high,
    )


def _hits(words: Sequence[str]) -> dict[int, bool]:
    """The keys of companies that every word finds, and whether the first is a token as it stands.

    Tokens in order bring what is exactly the word first, whatever else begins with it.
    """
    first, *others = words
    query = sa.select(CompanyToken.company_id, CompanyToken.token).where(_begins(first))
    query = query.order_by(CompanyToken.token, CompanyToken.company_id)
    if others:
        query = _filtered(query.limit(FILTERED), others)
    hits: dict[int, bool] = {}
    for company_id, token in db.session.execute(query.limit(_TOKENS)):
        hits[company_id] = hits.get(company_id, False) or token == first
    return dict(list(hits.items())[:RANKED])


def _filtered(query: sa.Select[int, str], words: Sequence[str]) -> sa.Select[int, str]:
    of_first = query.subquery()
    found = sa.select(of_first.c.company_id, of_first.c.token)
    for word in words:
        # An aggregate is looked up hit by hit; EXISTS became a join over the other word's range.
        found = found.where(
            sa.select(sa.func.count())
            .where(CompanyToken.company_id == of_first.c.company_id, _begins(word))
            .correlate(of_first)
            .scalar_subquery()
            > 0
        )
    return found


def _rank(query: str, company: Hit, exact: bool | None) -> tuple[int, bool, bool, int, str]:
    place, length, text = rank_key(query, company.name, company.short_name)
    return place, not exact, company.cadence_days >= UNLISTED_CADENCE_DAYS, length, text
