"""What the pages about referrals read: the tree, a lead's referrer, a company's both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, present, visible_leads
from crm.errors import NotFound
from crm.leads.origins import COMPANY, OUTSIDE, below, has_none
from crm.paging import Page, decode, encode, row_key
from crm.referrals.rules import Branch, Led, grow
from models import db
from models.company import Company
from models.enums import Stage
from models.lead import Lead
from models.referral import Referral
from models.sets import one_of

PAGE = 30
# So many referrals a page shows; a source with more is shown on its own.
MOST = 2_000
LISTED = 50


@dataclass(frozen=True)
class Tree:
    """Some sources with all below them; companies and leads by their keys.

    ``sources`` are keys of companies or texts, in order with ``branches``. ``cut``: there are more
    referrals below these sources than a page shows.
    """

    sources: Sequence[int | str]
    branches: Sequence[Branch]
    companies: Mapping[int, Company]
    leads: Mapping[int, Lead]
    followed: frozenset[int]
    next: str | None
    cut: bool

    def landed(self, branch: Branch) -> int:
        """How many leads under a branch have landed."""
        return sum(self.leads[key].stage is Stage.LANDED for key in branch.under)

    def choice(self, source: int | str) -> str:
        """A source as the filter of leads names it."""
        if isinstance(source, str):
            return f"{OUTSIDE}:{source}"
        return f"{COMPANY}:{self.companies[source].public_id}"


def tree_page(actor: Actor, cursor: str | None) -> Tree:
    """The sources that nobody led to us, the latest first, a page at a time (six statements)."""
    rows = _sources(cursor)
    shown = rows[:PAGE]
    sources: list[int | str] = [row.source or row.referrer_id for row in shown]
    more = encode([shown[-1].last]) if len(rows) > PAGE else None
    return _tree(actor, sources, more)


def tree_of(actor: Actor, company: Company) -> Tree:
    """One company with all that it led to us."""
    return _tree(actor, [company.id], None)


def _sources(cursor: str | None) -> Sequence[sa.Row[Any]]:
    """Who led somebody to us and came by themselves, by the last that they led."""
    came = sa.select(Referral.company_id).where(Referral.referrer_id.is_not(None))
    through = sa.select(Referral.company_id).where(Referral.source != "")
    last = sa.func.max(Referral.id)
    query = (
        sa.select(Referral.referrer_id, Referral.source, last.label("last"))
        .where(
            sa.or_(
                Referral.referrer_id.is_(None),
                sa.and_(Referral.referrer_id.not_in(came), Referral.referrer_id.not_in(through)),
            )
        )
        .group_by(Referral.referrer_id, Referral.source)
        .order_by(last.desc())
        .limit(PAGE + 1)
    )
    if (behind := decode(cursor, (row_key,))) is not None:
        query = query.having(last < behind[0])
    rows: Sequence[sa.Row[*tuple[Any, ...]]] = db.session.execute(query).all()
    return rows


def _tree(actor: Actor, sources: list[int | str], more: str | None) -> Tree:
    texts = [one for one in sources if isinstance(one, str)]
    keys = [one for one in sources if isinstance(one, int)]
    first = sa.or_(
        one_of(Referral.referrer_id, keys),
        sa.and_(one_of(Referral.source, texts), Referral.source != ""),
    )
    rows = db.session.scalars(
        sa.select(Referral)
        .where(sa.or_(first, Referral.referrer_id.in_(sa.select(below(first).c.id))))
        .order_by(Referral.id)
        .limit(MOST + 1)
    ).all()
    shown = rows[:MOST]
    leads, mine = _leads(shown, actor)
    led = [
        Led(row.company_id, row.referrer_id, row.source, frozenset(mine.get(row.id, ())))
        for row in shown
    ]
    companies = {row.company_id for row in shown} | {
        row.referrer_id for row in shown if row.referrer_id
    }
    return Tree(
        sources,
        grow(led, sources),
        _companies(companies | set(keys)),
        leads,
        _followed({row.company_id for row in shown}),
        more,
        cut=len(rows) > MOST,
    )


def _leads(rows: Sequence[Referral], actor: Actor) -> tuple[dict[int, Lead], dict[int, list[int]]]:
    """The readable leads of referrals, by their keys, and the keys by the referral."""
    of_lead = {row.lead_id: row.id for row in rows if row.lead_id is not None}
    of_company = {row.company_id: row.id for row in rows if row.lead_id is None}
    if not rows:
        return {}, {}
    query = (
        sa.select(Lead)
        .where(
            sa.or_(
                one_of(Lead.id, of_lead),
                sa.and_(one_of(Lead.company_id, of_company), has_none()),
            ),
            visible_leads(actor),
        )
        .options(joinedload(Lead.owner))
        .order_by(Lead.id)
    )
    found: dict[int, Lead] = {}
    by_row: dict[int, list[int]] = defaultdict(list)
    for lead in db.session.scalars(query):
        found[lead.id] = lead
        by_row[of_lead.get(lead.id) or of_company[lead.company_id]].append(lead.id)
    return found, by_row


def _companies(keys: Iterable[int]) -> dict[int, Company]:
    rows = db.session.scalars(sa.select(Company).where(one_of(Company.id, keys)))
    return {company.id: company for company in rows}


def _followed(keys: Iterable[int]) -> frozenset[int]:
    """The companies that somebody follows, which everybody may know."""
    query = sa.select(Lead.company_id).where(one_of(Lead.company_id, keys), present())
    return frozenset(db.session.scalars(query.distinct()))


def referral_of_lead(lead: Lead) -> Referral | None:
    """Who led a lead to us, as was said of the lead itself (one statement)."""
    return _one(Referral.lead_id == lead.id)


def referral_of_company(company: Company) -> Referral | None:
    """Who led a company to us, lead or not: what was said of the company itself."""
    return _one(sa.and_(Referral.company_id == company.id, Referral.lead_id.is_(None)))


def _one(which: sa.ColumnElement[bool]) -> Referral | None:
    found: Referral | None = db.session.scalar(
        sa.select(Referral)
        .where(which)
        .options(joinedload(Referral.referrer), joinedload(Referral.contact))
        .execution_options(populate_existing=True)
    )
    return found


@dataclass(frozen=True)
class Sides:
    """Through whom a company came, and whom it led to us, the latest first."""

    came: Sequence[Referral]
    led: Sequence[Referral]


def sides_of(company: Company) -> Sides:
    """Both sides of a company (one statement). Companies and people are no content of a lead."""
    rows = db.session.scalars(
        sa.select(Referral)
        .where(sa.or_(Referral.company_id == company.id, Referral.referrer_id == company.id))
        .options(
            joinedload(Referral.company),
            joinedload(Referral.referrer),
            joinedload(Referral.contact),
        )
        .order_by(Referral.id.desc())
        .limit(2 * LISTED)
    ).all()
    return Sides(
        came=_once((r for r in rows if r.company_id == company.id), "referrer_id", "source"),
        led=_once((r for r in rows if r.referrer_id == company.id), "company_id"),
    )


def _once(rows: Iterable[Referral], *names: str) -> list[Referral]:
    """The first of those that say the same."""
    found = {tuple(getattr(row, name) for name in names): row for row in reversed(list(rows))}
    return list(reversed(found.values()))[:LISTED]


@dataclass(frozen=True)
class Wanted:
    """Which referrals a list shows, by public ids."""

    lead: str = ""
    company: str = ""
    referrer: str = ""


def referrals_page(actor: Actor, wanted: Wanted, cursor: str | None, limit: int) -> Page[Referral]:
    """Referrals, the latest first: of companies, and of the leads that the actor may read."""
    query = _readable(actor).order_by(Referral.id.desc()).limit(limit + 1)
    of: dict[Any, tuple[Any, str]] = {
        Referral.lead_id: (Lead, wanted.lead),
        Referral.company_id: (Company, wanted.company),
        Referral.referrer_id: (Company, wanted.referrer),
    }
    for column, (noun, public_id) in of.items():
        if public_id:
            query = query.where(column.in_(sa.select(noun.id).where(noun.public_id == public_id)))
    if (behind := decode(cursor, (row_key,))) is not None:
        query = query.where(Referral.id < behind[0])
    rows = db.session.scalars(query).all()
    more = encode([rows[limit - 1].id]) if len(rows) > limit else None
    return Page(rows[:limit], more)


def readable_referral(actor: Actor, public_id: str) -> Referral:
    """One of them. Raises NotFound."""
    found: Referral | None = db.session.scalar(
        _readable(actor)
        .where(Referral.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _readable(actor: Actor) -> sa.Select[Referral]:
    there = sa.select(Company.id).where(present(Company))
    mine = sa.select(Lead.id).where(visible_leads(actor))
    return (
        sa.select(Referral)
        .where(
            Referral.company_id.in_(there),
            sa.or_(Referral.lead_id.is_(None), Referral.lead_id.in_(mine)),
        )
        .options(
            joinedload(Referral.lead),
            joinedload(Referral.company),
            joinedload(Referral.referrer),
            joinedload(Referral.contact),
        )
    )
