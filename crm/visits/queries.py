"""What the pages of visits read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm import paging
from crm.access import Actor, Right, held_on, present, readable_lead, visible_leads, visible_visits
from crm.access.policy import RIGHTS
from crm.companies.badges import Badge, badges_of
from crm.companies.contacts import contacts_of
from crm.companies.survivors import company_of
from crm.errors import NotFound
from crm.leads.touches import relatives
from crm.messages import Name
from crm.paging import Key, Page
from crm.visits.filters import VisitFilter, conditions, total_in_summary
from models import db
from models.company import Company
from models.contact import ContactRole
from models.enums import Status
from models.lead import Lead
from models.team import Team
from models.user import Membership, User
from models.visit import Visit, VisitContact

PAGE = 30
MOST_OFFERED = 12
MOST_COLLEAGUES = 300
# So many visits back somebody's recent companies are looked for.
_LOOKED_BACK = 60
_VISITING = [role for role, rights in RIGHTS.items() if Right.LOG_VISITS in rights]

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
    meant: Sequence[Lead]
    """The leads that a next step and promises may hang on: the chosen one, else the actor's."""


def meant_unnamed(actor: Actor) -> sa.ColumnElement[bool]:
    """The leads of a company that a visit is about when it names none: the actor's open ones."""
    # Who has no team (a manager, a park officer) speaks for every lead they see.
    theirs = (
        sa.or_(Lead.team_id.in_(actor.teams), Lead.owner_id == actor.id)
        if actor.teams
        else sa.true()
    )
    return sa.and_(Lead.status != Status.LOST, theirs)


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
    if (key := paging.decode(cursor, (paging.moment, paging.row_key))) is not None:
        query = query.where(paging.after(_NEWEST, key))
    rows = db.session.scalars(
        query.order_by(*paging.order_by(_NEWEST))
        .limit(limit + 1)
        .options(*(_whole(actor) if whole else _brief()))
    ).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = paging.encode((last.occurred_at, last.id)) if last else None
    return Page(rows[:limit], more, paging.lost(cursor, key))


def _brief() -> tuple[ExecutableOption, ...]:
    return joinedload(Visit.company), joinedload(Visit.author), selectinload(Visit.contacts)


def _whole(actor: Actor) -> tuple[ExecutableOption, ...]:
    return (
        *_brief(),
        selectinload(Visit.companions),
        joinedload(Visit.reception),
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
    found = company_of(company)
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


@dataclass(frozen=True)
class Colleague:
    """Somebody who may have come along; ``team`` is empty for those of no team."""

    id: str
    name: str
    team: Name | None
    near: bool


def colleagues(actor: Actor, today: date) -> list[Colleague]:
    """Who may have come along: the actor's own teams, then the others and leaders (one query)."""
    current = sa.and_(
        Membership.user_id == User.id,
        Membership.team_id.is_not(None),
        held_on(today),
    )
    rows = db.session.execute(
        sa.select(User.public_id, User.name, Team.id, Team.short_zh, Team.short_en)
        .outerjoin(Membership, current)
        .outerjoin(Team, Team.id == Membership.team_id)
        .where(User.active, User.id != actor.id, User.role.in_(_VISITING))
        .order_by(Team.sort.nulls_last(), Team.id, User.name, User.id)
        .limit(MOST_COLLEAGUES)
    )
    found: dict[str, Colleague] = {}
    for key, name, team, zh, en in rows:
        one = Colleague(key, name, Name(zh, en) if zh else None, near=team in actor.teams)
        if key not in found or one.near:
            found[key] = one
    return sorted(found.values(), key=lambda one: not one.near)


def recent_companies(actor: Actor, leads: Sequence[Lead]) -> Sequence[Company]:
    """Companies that the actor met last and that none of these leads is about (one query)."""
    latest = (
        sa.select(Visit.company_id, Visit.occurred_at)
        .where(Visit.author_id == actor.id, present(Visit))
        .order_by(Visit.occurred_at.desc())
        .limit(_LOOKED_BACK)
        .subquery()
        .c
    )
    last = (
        sa.select(latest.company_id, sa.func.max(latest.occurred_at).label("met_at"))
        .group_by(latest.company_id)
        .subquery()
    )
    return db.session.scalars(
        sa.select(Company)
        .join(last, last.c.company_id == Company.id)
        .where(Company.id.not_in([lead.company_id for lead in leads]), present(Company))
        .order_by(last.c.met_at.desc())
        .limit(MOST_OFFERED - len(leads))
    ).all()


def further_leads(actor: Actor, subject: Subject, today: date) -> Sequence[Lead]:
    """Other open leads of the company and of its parents and subsidiaries that the actor sees."""
    companies = [subject.company.id, *relatives(subject.company.id, today)]
    return db.session.scalars(
        sa.select(Lead)
        .where(
            Lead.company_id.in_(companies),
            Lead.status != Status.LOST,
            Lead.id != (subject.lead.id if subject.lead else 0),
            visible_leads(actor),
        )
        .order_by(Lead.updated_at.desc(), Lead.id)
        .limit(MOST_OFFERED)
        .options(joinedload(Lead.company))
    ).all()


def _subject(actor: Actor, company: Company, lead: Lead | None) -> Subject:
    last = db.session.scalar(
        sa.select(Visit)
        .where(Visit.company_id == company.id, visible_visits(actor))
        .order_by(Visit.occurred_at.desc())
        .limit(1)
    )
    badges = badges_of([company.id]).get(company.id, ())
    meant = [lead] if lead else _meant(actor, company)
    return Subject(company, lead, badges, people_to_meet(company.id), last, meant)


def _meant(actor: Actor, company: Company) -> Sequence[Lead]:
    return db.session.scalars(
        sa.select(Lead)
        .where(Lead.company_id == company.id, meant_unnamed(actor), visible_leads(actor))
        .order_by(Lead.id)
        .limit(MOST_OFFERED)
    ).all()


def people_to_meet(company_id: int) -> list[ContactRole]:
    """The people of a company as a form offers them: who was met last stands first."""
    return _by_last_met(contacts_of(company_id))


def _by_last_met(people: list[ContactRole]) -> list[ContactRole]:
    """Who was met last stands first; the others keep their order (one query)."""
    rows = db.session.execute(
        sa.select(VisitContact.contact_id, sa.func.max(Visit.occurred_at))
        .join(Visit, Visit.id == VisitContact.visit_id)
        .where(VisitContact.contact_id.in_([role.contact_id for role in people]), present(Visit))
        .group_by(VisitContact.contact_id)
    )
    met = {row[0]: row[1] for row in rows}
    never = datetime.min.replace(tzinfo=timezone.utc)
    return sorted(people, key=lambda role: met.get(role.contact_id, never), reverse=True)
