"""What a touch (有效接触) changes: last touches, and how long the holder is protected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from crm.access import present
from crm.clock import local_date, midnight
from crm.leads.clock import protected_until
from crm.leads.facts import touched as touched_somebody
from models import db
from models.company import Company, CompanyRelation
from models.enums import Status
from models.lead import Claim, Lead
from models.visit import Visit, VisitLead


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


def withdraw_touch(company_id: int, occurred_at: datetime, leads: Iterable[Lead]) -> None:
    """A touch that does not count after all: what it alone had set goes back to the touch before.

    The same companies, leads and claims as ``apply_touch``, which gives it all back. The visit is
    in the trash by now.
    """
    on = local_date(occurred_at)
    companies = [company_id, *relatives(company_id, on)]
    for company in db.session.scalars(
        sa.select(Company)
        .where(Company.id.in_(companies), Company.last_touch_at == occurred_at)
        .order_by(Company.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ):
        company.last_touch_at = _last(_touches_of(company.id), occurred_at)
    given = {lead.id: lead for lead in leads}
    touched = db.session.scalars(
        sa.select(Lead)
        .where(sa.or_(Lead.id.in_(list(given)), Lead.company_id.in_(companies)))
        .order_by(Lead.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for lead in touched:
        if lead.last_touch_at == occurred_at:
            lead.last_touch_at = _last(_touches_on(lead), occurred_at)
    _unprotect({lead.id: lead for lead in touched}, {lead.team_id for lead in given.values()}, on)
    db.session.flush()


def last_touch_of(company_id: int) -> datetime | None:
    """The last touch that counts for a company, by its visits as they stand."""
    return max(_moments(_touches_of(company_id)), default=None)


def last_touch_on(lead: Lead) -> datetime | None:
    """The last touch that counts for a lead, by the visits as they stand."""
    return max(_moments(_touches_on(lead)), default=None)


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
    for claim in db.session.scalars(_claims(lead_ids, teams)):
        until = protected_until(claim.from_on, touched_on)
        claim.protected_until = max(claim.protected_until, until)


def _claims(lead_ids: list[int], teams: set[int]) -> sa.Select[Claim]:
    return (
        sa.select(Claim)
        .where(Claim.lead_id.in_(lead_ids), Claim.team_id.in_(teams), Claim.released_at.is_(None))
        .order_by(Claim.id)
    )


def _later(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else max(known, moment)


def _unprotect(leads: dict[int, Lead], teams: set[int], touched_on: date) -> None:
    """A protection that ran from this touch runs from the team's touch before, or the report."""
    for claim in db.session.scalars(_claims(list(leads), teams)):
        if claim.protected_until != protected_until(claim.from_on, touched_on):
            continue
        took_part = (
            sa.select(VisitLead.visit_id)
            .join(Lead, Lead.id == VisitLead.lead_id)
            .where(VisitLead.visit_id == Visit.id, Lead.team_id == claim.team_id)
            .exists()
        )
        # The last moment of that day: other touches of it count, too.
        before = _last(
            [query.where(took_part) for query in _touches_on(leads[claim.lead_id])],
            midnight(touched_on + timedelta(days=1)) - timedelta(microseconds=1),
        )
        claim.protected_until = protected_until(
            claim.from_on, local_date(before) if before else None
        )


def _last(touches: Iterable[sa.Select[datetime]], until: datetime) -> datetime | None:
    """The last of these touches that is no later: what was later is no question of this one."""
    earlier = (query.where(Visit.occurred_at <= until) for query in touches)
    return max(_moments(earlier), default=None)


def _moments(touches: Iterable[sa.Select[datetime]]) -> list[datetime]:
    found = (db.session.scalar(query) for query in touches)
    return [moment for moment in found if moment is not None]


def _touches_on(lead: Lead) -> list[sa.Select[datetime]]:
    """The touches that count for a lead: those it was named in, and those of its company and its
    relatives that were written down while the lead was there."""
    named = sa.select(VisitLead.visit_id).where(VisitLead.lead_id == lead.id)
    return [
        _touches().where(Visit.id.in_(named)),
        *(
            query.where(Visit.recorded_at >= lead.created_at)
            for query in _touches_of(lead.company_id)
        ),
    ]


def _touches_of(company_id: int) -> list[sa.Select[datetime]]:
    """The touches that count for a company: its own, and those of relatives while they were."""
    relation = CompanyRelation
    found = [_touches().where(Visit.company_id == company_id)]
    for one in db.session.scalars(
        sa.select(relation).where(
            sa.or_(relation.parent_id == company_id, relation.child_id == company_id)
        )
    ):
        other = one.child_id if one.parent_id == company_id else one.parent_id
        query = _touches().where(Visit.company_id == other)
        if one.from_on:
            query = query.where(Visit.occurred_at >= midnight(one.from_on))
        if one.to_on:
            query = query.where(Visit.occurred_at < midnight(one.to_on + timedelta(days=1)))
        found.append(query)
    return found


def _touches() -> sa.Select[datetime]:
    return sa.select(sa.func.max(Visit.occurred_at)).where(touched_somebody(), present(Visit))
