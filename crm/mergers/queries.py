"""What is read of two companies that may be one, and of those that are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.access import archived_keys, present
from crm.companies.identity import Answer, candidate, likelier
from crm.companies.relations import ancestors
from crm.companies.search import alike, bearers
from crm.errors import NotFound
from crm.leads.claims import holders_of
from crm.mergers.rules import Facts, Listed, Side
from crm.messages import Name
from models import db
from models.company import Company, CompanyRelation
from models.contact import Contact, ContactRole
from models.lead import Lead, LeadEntity
from models.merger import Merger
from models.referral import Referral
from models.target import ListEdition, ListEntry
from models.visit import Visit


def sides(first: Company, second: Company) -> tuple[Side, Side]:
    """Both companies as they are compared (two statements); each is loaded with its place."""
    keys = (first.id, second.id)
    entries = db.session.scalars(
        sa.select(ListEntry)
        .join(ListEntry.edition)
        .where(ListEntry.company_id.in_(keys))
        .options(joinedload(ListEntry.edition).joinedload(ListEdition.target_list))
        .order_by(ListEdition.year.desc(), ListEntry.id)
    ).all()
    counts = {
        row.id: (row.leads, row.visits, row.contacts)
        for row in db.session.execute(_counts().where(Company.id.in_(keys)))
    }
    one, other = (_side(company, entries, *counts[company.id]) for company in (first, second))
    return one, other


def facts_of(first: Company, second: Company) -> Facts:
    """What may stand against their being one (four statements)."""
    if first.id == second.id:
        return Facts(same=True)
    both, keys = (first, second), (first.id, second.id)
    held = holders_of(keys)
    projects = [{h.project for h in held if h.company_id == key} for key in keys]
    shared = projects[0] & projects[1]
    row = db.session.execute(_ties(*keys)).one()
    return Facts(
        merged=tuple(company.name for company in both if company.merged_into_id is not None),
        archived=tuple(
            company.name
            for company, away in zip(both, (row.first_away, row.second_away), strict=True)
            if away
        ),
        codes=frozenset(company.credit_code for company in both if company.credit_code),
        disputed=tuple(holder.who for holder in held if holder.project in shared),
        # By whatever way: a company above one that is above it would be a circle.
        related=first.id in ancestors(second.id) or second.id in ancestors(first.id),
        settled=row.settled,
        both_local=row.both_local,
        referred=row.referred,
        both_referred=row.both_referred,
    )


def likely_the_same(company: Company) -> Company | None:
    """Another company that this one may well be, by the rule that imports match with.

    The one that bears the same name but for its legal form, else one that looks so alike that it is
    more often the same than not. None where their credit codes differ or one belongs to the other.
    """
    named = (found.company for found in bearers([company.normal_form]) if found.own)
    looks = (
        other
        for other, likeness in alike([company.name])[company.name]
        if likelier(company.name, candidate(other), likeness) is Answer.SAME
    )
    for other in chain(named, looks):
        codes = {company.credit_code, other.credit_code} - {None}
        if other.id == company.id or len(codes) > 1:
            continue
        if not db.session.scalar(sa.select(_related(company.id, other.id))):
            return other
    return None


def mergers_into(company_id: int) -> Sequence[Merger]:
    """What was merged into a company, the latest first."""
    return db.session.scalars(
        sa.select(Merger)
        .where(Merger.into_id == company_id)
        .options(joinedload(Merger.company), joinedload(Merger.merged_by))
        .order_by(Merger.merged_at.desc(), Merger.id.desc())
    ).all()


def merger_or_404(public_id: str, company_id: int) -> Merger:
    """A merger into that company. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Merger)
        .where(Merger.public_id == public_id, Merger.into_id == company_id)
        .options(joinedload(Merger.company), joinedload(Merger.into), joinedload(Merger.merged_by))
    )
    if found is None:
        raise NotFound
    merger: Merger = found
    return merger


def _counts() -> sa.Select[int, int, int, int]:
    leads = sa.select(sa.func.count()).where(Lead.company_id == Company.id, present())
    visits = sa.select(sa.func.count()).where(Visit.company_id == Company.id, present(Visit))
    contacts = (
        sa.select(sa.func.count())
        .select_from(ContactRole)
        .join(Contact, Contact.id == ContactRole.contact_id)
        .where(ContactRole.company_id == Company.id, ContactRole.to_on.is_(None), present(Contact))
    )
    return sa.select(
        Company.id,
        leads.correlate(Company).scalar_subquery().label("leads"),
        visits.correlate(Company).scalar_subquery().label("visits"),
        contacts.correlate(Company).scalar_subquery().label("contacts"),
    )


def _side(
    company: Company, entries: Sequence[ListEntry], leads: int, visits: int, contacts: int
) -> Side:
    return Side(
        public_id=company.public_id,
        name=company.name,
        short_name=company.short_name,
        credit_code=company.credit_code,
        city=company.place.city if company.place else None,
        created_at=company.created_at,
        listed=tuple(_listed(entry) for entry in entries if entry.company_id == company.id),
        leads=leads,
        visits=visits,
        contacts=contacts,
    )


def _listed(entry: ListEntry) -> Listed:
    target = entry.edition.target_list
    return Listed(Name(target.short_zh, target.short_en), entry.edition.year, entry.rank)


def _ties(first: int, second: int) -> sa.Select[bool, bool, bool, bool, bool, bool]:
    """What ties two companies together, each a column."""
    here, there = aliased(LeadEntity), aliased(LeadEntity)
    both_local = (
        sa.select(here.lead_id)
        .join(there, there.lead_id == here.lead_id)
        .where(here.company_id == first, there.company_id == second)
        .exists()
    )
    settled = (
        sa.select(LeadEntity.lead_id)
        .join(Lead, Lead.id == LeadEntity.lead_id)
        .where(_between(Lead.company_id, LeadEntity.company_id, first, second))
        .exists()
    )
    referred = (
        sa.select(Referral.id)
        .where(_between(Referral.company_id, Referral.referrer_id, first, second))
        .exists()
    )
    return sa.select(
        _away(first).label("first_away"),
        _away(second).label("second_away"),
        settled.label("settled"),
        both_local.label("both_local"),
        referred.label("referred"),
        sa.and_(_referred(first), _referred(second)).label("both_referred"),
    )


def _away(key: int) -> sa.ColumnElement[bool]:
    archived: sa.ColumnElement[bool] = sa.literal(key).in_(archived_keys(Company))
    return archived


def _related(first: int, second: int) -> sa.ColumnElement[bool]:
    between = _between(CompanyRelation.parent_id, CompanyRelation.child_id, first, second)
    return sa.select(CompanyRelation.id).where(between).exists()


def _referred(key: int) -> sa.ColumnElement[bool]:
    """Somebody led the company itself to us, not one of its leads."""
    of_itself = sa.and_(Referral.company_id == key, Referral.lead_id.is_(None))
    return sa.select(Referral.id).where(of_itself).exists()


def _between(here: Any, there: Any, first: int, second: int) -> sa.ColumnElement[bool]:
    return sa.or_(sa.and_(here == first, there == second), sa.and_(here == second, there == first))
