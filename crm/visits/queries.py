"""What the pages of visits read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm import paging
from crm.access import Actor, present, readable_lead, visible_leads, visible_visits
from crm.clock import moment_of
from crm.companies.badges import Badge, badges_of
from crm.companies.contacts import contacts_of
from crm.errors import NotFound
from crm.paging import Key, Page
from crm.visits.filters import VisitFilter, conditions, total_in_summary
from models import db
from models.company import Company
from models.contact import ContactRole
from models.enums import Status
from models.lead import Lead
from models.user import Membership, User
from models.visit import Visit

PAGE = 30
MOST_OFFERED = 12

_NEWEST = tuple(
    Key(column, descending=True) for column in (Visit.__table__.c.occurred_at, Visit.__table__.c.id)
)


@dataclass(frozen=True)
class Subject:
    """Whom a visit is about, and what its form offers."""

    company: Company
    lead: Lead | None
    badges: Sequence[Badge]
    people: Sequence[ContactRole]
    last: Visit | None


def readable_visit(actor: Actor, public_id: str) -> Visit:
    """A visit for its author, or for who may see one of its leads; NotFound for others."""
    visit: Visit | None = db.session.scalar(
        sa.select(Visit)
        .where(Visit.public_id == public_id, visible_visits(actor))
        .options(*_whole(actor))
        .execution_options(populate_existing=True)
    )
    if visit is None:
        raise NotFound
    return visit


def visits_page(
    actor: Actor,
    wanted: VisitFilter,
    cursor: str | None = None,
    limit: int = PAGE,
    *,
    whole: bool = False,
) -> Page[Visit]:
    """Visits, the newest first: the actor's own, or all that the actor may read.

    ``whole`` loads all who were there and the leads that the actor may read, too.
    """
    query = sa.select(Visit).where(*conditions(actor, wanted))
    if key := paging.decode(cursor, (moment_of, int)):
        query = query.where(paging.after(_NEWEST, key))
    rows = db.session.scalars(
        query.order_by(*paging.order_by(_NEWEST))
        .limit(limit + 1)
        .options(*(_whole(actor) if whole else _brief()))
    ).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], paging.encode((last.occurred_at, last.id)) if last else None)


def _brief() -> tuple[ExecutableOption, ...]:
    return joinedload(Visit.company), joinedload(Visit.author), selectinload(Visit.contacts)


def _whole(actor: Actor) -> tuple[ExecutableOption, ...]:
    return (
        *_brief(),
        selectinload(Visit.companions),
        selectinload(Visit.leads.and_(visible_leads(actor, by_row=True))),
    )


def visits_total(actor: Actor, wanted: VisitFilter) -> int | None:
    """How many visits a filter finds; None without days: that would be all there are."""
    if wanted.between is None:
        return None
    if (n := total_in_summary(actor, wanted)) is not None:
        return n
    query = sa.select(sa.func.count()).select_from(Visit)
    return db.session.scalar(query.where(*conditions(actor, wanted))) or 0


def subject_of(actor: Actor, *, lead: str | None, company: str | None) -> Subject | None:
    """What is known where a visit is logged; None while nobody is chosen or there is none such.

    Raises NotFound for a lead the actor may not see.
    """
    if lead:
        chosen = readable_lead(actor, lead, joinedload(Lead.company))
        return _subject(actor, chosen.company, chosen)
    if not company:
        return None
    found = db.session.scalar(
        sa.select(Company).where(Company.public_id == company, present(Company))
    )
    return _subject(actor, found, None) if found else None


def recent_leads(actor: Actor) -> Sequence[Lead]:
    """The leads the actor worked on last, to choose from."""
    query = (
        sa.select(Lead)
        .where(Lead.owner_id == actor.id, Lead.status == Status.ACTIVE, present())
        .order_by(Lead.updated_at.desc(), Lead.id.desc())
        .limit(MOST_OFFERED)
        .options(joinedload(Lead.company))
    )
    return db.session.scalars(query).all()


def colleagues(actor: Actor, today: date) -> Sequence[User]:
    """Who may have come along: the people of the actor's teams."""
    members = sa.select(Membership.user_id).where(
        Membership.team_id.in_(actor.teams),
        Membership.from_on <= today,
        sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
    )
    return db.session.scalars(
        sa.select(User)
        .where(User.id.in_(members), User.active, User.id != actor.id)
        .order_by(User.name)
    ).all()


def _subject(actor: Actor, company: Company, lead: Lead | None) -> Subject:
    last = db.session.scalar(
        sa.select(Visit)
        .where(Visit.company_id == company.id, visible_visits(actor))
        .order_by(Visit.occurred_at.desc())
        .limit(1)
    )
    badges = badges_of([company.id]).get(company.id, ())
    return Subject(company, lead, badges, contacts_of(company.id), last)
