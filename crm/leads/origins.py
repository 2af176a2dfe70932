"""What leads came of, as conditions: an event, an import, or somebody who led them to us."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from models.company import Company
from models.event import Event, EventLead
from models.import_batch import ImportBatch, ImportChange
from models.lead import Lead
from models.referral import Referral

Condition = sa.ColumnElement[bool]

COMPANY, OUTSIDE = "company", "outside"


def of_event(public_id: str) -> Condition:
    """The leads that came of an event."""
    return Lead.id.in_(
        sa.select(EventLead.lead_id)
        .join(Event, Event.id == EventLead.event_id)
        .where(Event.public_id == public_id)
    )


def of_import(public_id: str) -> Condition:
    """The leads that an import wrote down or changed."""
    return Lead.id.in_(
        sa.select(ImportChange.subject_id)
        .join(ImportBatch, ImportBatch.id == ImportChange.batch_id)
        .where(ImportBatch.public_id == public_id, ImportChange.subject == Lead.audit_subject)
    )


def led_by(choice: str) -> Condition:
    """The leads that ``company:PUBLIC_ID`` or ``outside:TEXT`` led to us, itself or through those
    it led to us. A company's own referral speaks for its leads that have none."""
    return leads_of(from_source(choice))


def from_source(choice: str) -> Condition:
    """The referrals that a source made itself."""
    kind, _, value = choice.partition(":")
    if kind == COMPANY:
        key = sa.select(Company.id).where(Company.public_id == value).scalar_subquery()
        return Referral.referrer_id == key
    return Referral.source == value if kind == OUTSIDE and value else sa.false()


def below(first: Condition) -> Any:
    """The companies that some referrals led to us, and those whom these led in turn (a CTE).

    UNION drops what was seen, so it ends whatever stands in the table.
    """
    start = sa.select(Referral.company_id.label("id")).where(first).cte(recursive=True)
    further = sa.select(Referral.company_id).join(start, Referral.referrer_id == start.c.id)
    return start.union(further)


def leads_of(first: Condition) -> Condition:
    """The leads of these referrals and of all below them."""
    companies = sa.select(below(first).c.id)
    rows = sa.or_(first, Referral.referrer_id.in_(companies))
    own = sa.select(Referral.lead_id).where(Referral.lead_id.is_not(None), rows)
    spoken_for = sa.select(Referral.company_id).where(Referral.lead_id.is_(None), rows)
    return sa.or_(
        Lead.id.in_(own.correlate(None)),
        sa.and_(Lead.company_id.in_(spoken_for.correlate(None)), has_none()),
    )


def has_none() -> Condition:
    """Leads that have no referral of their own."""
    return Lead.id.not_in(
        sa.select(Referral.lead_id).where(Referral.lead_id.is_not(None)).correlate(None)
    )


def known_referrer(choice: str) -> sa.Select[int]:
    """A referral that the source made, where there is one."""
    return sa.select(Referral.id).where(from_source(choice))
