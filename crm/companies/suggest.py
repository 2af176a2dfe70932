"""Find a company as its name is typed: characters, pinyin, initials or the credit code.

Two steps, each a few ranges or a handful of keys, so that a million companies cost no more than a
thousand: the tokens that begin with the word, then the companies themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.companies.finding import RANKED, Shelf, hits, looked_up, words_of
from crm.companies.tokens import rank_key
from models import db
from models.company import UNLISTED_CADENCE_DAYS, Company, CompanyToken, TokenScope

_FIND = CompanyToken.scope == TokenScope.FIND.value
_SHELF = Shelf(CompanyToken.company_id, CompanyToken.token, kind=_FIND, counted=True)


class Hit(NamedTuple):
    """A company that was found: what a list of suggestions shows of it."""

    id: int
    public_id: str
    name: str
    short_name: str
    cadence_days: int


def suggest(query: str, limit: int = 10) -> list[Hit]:
    """The companies that best match what was typed so far, at most ``limit`` (3 queries at most).

    What is spelled as typed comes first, then what begins so, contains it, sounds so; among
    equals companies of target lists first. A merged company shows what it was merged into.
    """
    found = dict(islice(hits(_SHELF, [_FIND], query, words_of(query)).items(), RANKED))
    if not found:
        return []
    ranked = sorted(
        _companies(list(found)), key=lambda company: _rank(query, company, found.get(company.id))
    )
    return ranked[: min(limit, RANKED)]


def matching(
    query: str, key: Any = Company.id, *, by_row: bool = False
) -> sa.ColumnElement[bool] | None:
    """The condition that the company of a key is found by every word of a query; None without one.

    ``by_row``: each company is looked up by its key, where very many are found and few are wanted.
    """
    words = words_of(query)
    if not words:
        return None
    found = [sa.select(CompanyToken.company_id).where(_FIND, _SHELF.begins(w)) for w in words]
    if by_row:
        each = (one.with_only_columns(sa.literal(1)) for one in found)
        return sa.and_(
            *(
                looked_up(one.where(CompanyToken.company_id == key).correlate_except(CompanyToken))
                for one in each
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


def _rank(query: str, company: Hit, exact: bool | None) -> tuple[int, bool, bool, int, str]:
    place, length, text = rank_key(query, company.name, company.short_name)
    return place, not exact, company.cadence_days >= UNLISTED_CADENCE_DAYS, length, text
