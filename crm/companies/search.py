"""Find companies: exactly, for those who bring a list; alike ones; and as somebody types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple, Protocol, TypeVar

import sqlalchemy as sa

from crm.access import present
from crm.companies.keys import stored_form, stored_keys
from crm.companies.names import Forms, Likeness, find_doubtful
from models import db
from models.company import Company, CompanyName, CompanyToken, NameKind, TokenScope
from models.sets import one_of

# So many companies of one key are compared, and so many candidates of one name.
PER_KEY = 100
PER_NAME = 40
# So many companies are asked of for the names in a text.
MOST_BEARERS = 200

# Short names and brands are shared by many companies; these are not.
_OWN_NAMES = (NameKind.LEGAL, NameKind.FORMER, NameKind.ENGLISH)


class _Named(Protocol):
    """What a comparison needs of a company."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


@dataclass(frozen=True)
class Known:
    """Companies that are there already, by stored credit code and by normal form."""

    by_code: dict[str, Company]
    by_form: dict[str, Company]


def find_exact(credit_codes: Iterable[str], normal_forms: Iterable[str]) -> Known:
    """The companies of these credit codes (compact) and normal forms; merged ones are followed.

    Of several companies with one normal form the one that bears it as its legal name now comes
    first, then the oldest.
    """
    codes, forms = set(credit_codes), set(normal_forms)
    by_code: dict[str, Company] = {}
    if codes:
        query = sa.select(Company).where(one_of(Company.credit_code, codes), present(Company))
        by_code = {c.credit_code: c for c in db.session.scalars(query) if c.credit_code}
    by_form: dict[str, Company] = {}
    if forms:
        for form, company in db.session.execute(_by_forms(forms)):
            by_form.setdefault(form, company)
    return Known(_follow(by_code), _follow(by_form))


class Bearer(NamedTuple):
    """A company by a name that it bears; ``own``: one that few others bear, no short name."""

    form: str
    company: Company
    own: bool


def bearers(normal_forms: Iterable[str]) -> list[Bearer]:
    """Every company that bears one of these normal forms, short names and brands too.

    Own names first, then the rewarded. Of a short name that very many bear the oldest are found.
    """
    own = sa.case((CompanyName.kind.in_(_OWN_NAMES), 0), else_=1)
    rows = db.session.execute(
        sa.select(CompanyName.normal_form, Company, own)
        .join(Company, Company.id == CompanyName.company_id)
        .where(one_of(CompanyName.normal_form, normal_forms), present(Company))
        .order_by(own, Company.rewarded.desc(), Company.id)
        .limit(MOST_BEARERS)
    ).all()
    kept = _follow({str(company.id): company for _form, company, _own in rows})
    return [Bearer(form, kept[str(company.id)], not short) for form, company, short in rows]


def find_by_name(names: Iterable[str]) -> dict[str, Company]:
    """The companies that bear one of these names, by normal form (``keys.stored_form``)."""
    return find_exact((), (stored_form(name) for name in names)).by_form


def alike(names: Iterable[str]) -> dict[str, list[tuple[Company, Likeness]]]:
    """For each name the companies that only look like it, the most alike first."""
    return alike_among(names, by_ids)


def alike_among(
    names: Iterable[str],
    read: Callable[[Iterable[int]], Mapping[int, Named]],
    forms: Forms | None = None,
) -> dict[str, list[tuple[Named, Likeness]]]:
    """The same of many names, of whose companies ``read`` gives no more than is needed.

    Few queries for ten thousand names. Of a key that very many companies share only the oldest
    hundred are compared.
    """
    keys = {name: stored_keys(name) for name in set(names)}
    holders = _companies_of_keys({key for found in keys.values() for key in found})
    candidates = {name: _closest(found, holders) for name, found in keys.items()}
    companies = read({key for found in candidates.values() for key in found})
    known = Forms() if forms is None else forms
    return {
        name: _doubtful(name, [companies[key] for key in found if key in companies], known)
        for name, found in candidates.items()
    }


def by_ids(keys: Iterable[int]) -> dict[int, Company]:
    """Companies by their keys; merged ones and those in the trash are left out."""
    wanted = set(keys)
    if not wanted:
        return {}
    query = sa.select(Company).where(
        one_of(Company.id, wanted), Company.merged_into_id.is_(None), present(Company)
    )
    return {company.id: company for company in db.session.scalars(query)}


def _by_forms(forms: Iterable[str]) -> sa.Select[str, Company]:
    legal_first = sa.case((CompanyName.kind == NameKind.LEGAL, 0), else_=1)
    return (
        sa.select(CompanyName.normal_form, Company)
        .join(Company, Company.id == CompanyName.company_id)
        .where(
            one_of(CompanyName.normal_form, forms),
            CompanyName.kind.in_(_OWN_NAMES),
            present(Company),
        )
        .order_by(legal_first, Company.id)
    )


def _follow(found: dict[str, Company]) -> dict[str, Company]:
    """Put the company that a merged one became in its place."""
    while moved := {c.merged_into_id for c in found.values() if c.merged_into_id is not None}:
        query = sa.select(Company).where(Company.id.in_(moved))
        targets = {company.id: company for company in db.session.scalars(query)}
        found = {
            key: company if company.merged_into_id is None else targets[company.merged_into_id]
            for key, company in found.items()
        }
    return found


def _companies_of_keys(keys: Iterable[str]) -> dict[str, list[int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    number = sa.func.row_number().over(
        partition_by=CompanyToken.token, order_by=CompanyToken.company_id
    )
    numbered = (
        sa.select(CompanyToken.token, CompanyToken.company_id, number.label("number"))
        .where(CompanyToken.scope == TokenScope.CORE.value, one_of(CompanyToken.token, keys))
        .subquery()
    )
    query = sa.select(numbered.c.token, numbered.c.company_id).where(numbered.c.number <= PER_KEY)
    for token, company_id in db.session.execute(query):
        holders[token].append(company_id)
    return holders


def _closest(keys: set[str], holders: dict[str, list[int]]) -> list[int]:
    """The companies that share the longest keys with a name."""
    shared: dict[int, int] = defaultdict(int)
    for key in keys:
        for company_id in holders.get(key, ()):
            shared[company_id] += len(key)
    return nlargest(PER_NAME, shared, key=lambda company_id: (shared[company_id], -company_id))


def _doubtful(name: str, candidates: Sequence[Named], forms: Forms) -> list[tuple[Named, Likeness]]:
    likeness = dict(find_doubtful(name, (company.name for company in candidates), forms))
    pairs = [
        (company, likeness[company.name]) for company in candidates if company.name in likeness
    ]
    return sorted(pairs, key=lambda pair: (-pair[1].score, pair[0].id))
