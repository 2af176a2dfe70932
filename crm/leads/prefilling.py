"""What the form of a new lead can say before anybody has typed, and of what was chosen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm.access import present
from crm.leads.claims import Holder, holders_of
from models import db
from models.company import Company, CompanySegment
from models.event import Event
from models.segment import Segment
from models.target import ListEntry


@dataclass(frozen=True)
class Chosen:
    """What a form names, as far as it is there; who holds the company already."""

    company: Company | None
    holders: Sequence[Holder]
    referrer: Company | None
    event: Event | None


def company_of_entry(entry_id: int) -> str:
    """The company of a list's entry as the form names it: by its id, or by the name as listed."""
    row = db.session.execute(
        sa.select(Company.public_id, ListEntry.name)
        .select_from(ListEntry)
        .outerjoin(Company, Company.id == ListEntry.company_id)
        .where(ListEntry.id == entry_id)
    ).one_or_none()
    return (row.public_id or row.name) if row else ""


def segment_of(company_id: str) -> str:
    """The narrowest chain segment that a company (its public id) is known for, by its code."""
    code: str | None = db.session.scalar(
        sa.select(Segment.code)
        .join(CompanySegment, CompanySegment.segment_id == Segment.id)
        .join(Company, Company.id == CompanySegment.company_id)
        .where(Company.public_id == company_id)
        .order_by(Segment.depth.desc(), Segment.sort)
        .limit(1)
    )
    return code or ""


def chosen(company: str, referrer: str, event: str) -> Chosen:
    """What a form names: a company by its public id or its name, the others by their ids."""
    named = sa.or_(Company.public_id == company, Company.name == company)
    found = _company(named) if company else None
    held = sa.select(Event).where(Event.public_id == event, present(Event))
    return Chosen(
        company=found,
        holders=holders_of([found.id]) if found else (),
        referrer=_company(Company.public_id == referrer) if referrer else None,
        event=db.session.scalar(held) if event else None,
    )


def _company(which: sa.ColumnElement[bool]) -> Company | None:
    found: Company | None = db.session.scalar(sa.select(Company).where(which, present(Company)))
    return found
