"""What a touch (有效接触) changes: last touches, and how long the holder is protected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa

from crm.access import present
from crm.clock import local_date
from crm.leads.clock import protected_until
from models import db
from models.company import Company, CompanyRelation
from models.enums import Status
from models.lead import Claim, Lead


def apply_touch(company_id: int, occurred_at: datetime, leads: Iterable[Lead]) -> None:
    """A touch of the company at that moment, in the course of ``leads``.

    It counts for the company, its recorded parents and subsidiaries, and all their open leads: no
    last touch goes backwards, so a visit may be recorded late. It protects the leads of the teams
    that took part only.
    """
    companies = [company_id, *relatives(company_id, local_date(occurred_at))]
    for company in db.session.scalars(
        sa.select(Company)
        .where(Company.id.in_(companies))
        .order_by(Company.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ):
        company.last_touch_at = _later(company.last_touch_at, occurred_at)
    given = {lead.id: lead for lead in leads}
    touched = db.session.scalars(
        sa.select(Lead)
        .where(
            sa.or_(
                Lead.id.in_(list(given)),
                sa.and_(Lead.company_id.in_(companies), Lead.status != Status.LOST, present()),
            )
        )
        .order_by(Lead.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for lead in touched:
        lead.last_touch_at = _later(lead.last_touch_at, occurred_at)
    teams = {lead.team_id for lead in given.values()}
    _protect([lead.id for lead in touched], teams, local_date(occurred_at))
    db.session.flush()


def relatives(company_id: int, on: date) -> list[int]:
    """The recorded parents and subsidiaries of a company on that day."""
    relation = CompanyRelation
    holds = sa.and_(
        sa.or_(relation.from_on.is_(None), relation.from_on <= on),
        sa.or_(relation.to_on.is_(None), relation.to_on >= on),
    )
    parents = sa.select(relation.parent_id).where(relation.child_id == company_id, holds)
    children = sa.select(relation.child_id).where(relation.parent_id == company_id, holds)
    return list(db.session.scalars(sa.union(parents, children)))


def _protect(lead_ids: list[int], teams: set[int], touched_on: date) -> None:
    claims = db.session.scalars(
        sa.select(Claim)
        .where(
            Claim.lead_id.in_(lead_ids),
            Claim.team_id.in_(teams),
            Claim.released_at.is_(None),
        )
        .order_by(Claim.id)
    )
    for claim in claims:
        until = protected_until(claim.from_on, touched_on)
        claim.protected_until = max(claim.protected_until, until)


def _later(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else max(known, moment)
