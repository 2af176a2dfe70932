"""What the forms and filters of leads let people choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, held_on, present
from crm.companies.badges import Badge, badges_of
from crm.messages import Name
from models import db
from models.channel import Channel
from models.company import Company
from models.enums import Role
from models.lead import Lead
from models.place import District, Park
from models.segment import Segment, SegmentPark
from models.target import TargetList
from models.team import Team
from models.user import Membership, User

Choice = tuple[str, Name]
INDENT = "\u3000"
_Query = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Suggestion:
    """A place that the lead's segment speaks for."""

    place: str
    park: Name
    segment: Name


def segments(*, deepest: int | None = None) -> list[Choice]:
    """The chain map as a list, each segment indented below its parent."""
    query = sa.select(Segment).order_by(Segment.sort)
    if deepest is not None:
        query = query.where(Segment.depth <= deepest)
    return [
        (row.code, Name(INDENT * row.depth + row.zh, INDENT * row.depth + row.en))
        for row in db.session.scalars(query)
    ]


def channels() -> list[Choice]:
    """Where leads come from."""
    query = sa.select(Channel).order_by(Channel.sort)
    return [(row.code, Name(row.zh, row.en)) for row in db.session.scalars(query)]


def teams() -> list[Choice]:
    """All scouting teams."""
    query = sa.select(Team).order_by(Team.sort)
    return [(row.code, Name(row.short_zh, row.en)) for row in db.session.scalars(query)]


def own_teams(actor: Actor) -> list[Choice]:
    """The teams that somebody is in, the one they work in before the others."""
    first = sa.case((Team.id == actor.team, 0), else_=1)
    query = sa.select(Team).where(Team.id.in_(actor.teams)).order_by(first, Team.sort)
    return [(row.code, Name(row.short_zh, row.en)) for row in db.session.scalars(query)]


def target_lists() -> list[Choice]:
    """All lists by their short names."""
    query = sa.select(TargetList).order_by(TargetList.sort)
    return [(row.code, Name(row.short_zh, row.short_en)) for row in db.session.scalars(query)]


def places() -> list[Choice]:
    """Parks, then districts, as the one choice people make (two statements)."""
    parks = db.session.scalars(sa.select(Park).order_by(Park.position))
    districts = db.session.scalars(sa.select(District).order_by(District.position))
    return [
        *((f"park:{row.code}", Name(row.zh, row.en)) for row in parks),
        *((f"district:{row.code}", Name(row.zh, row.en)) for row in districts),
    ]


def owners(actor: Actor, today: date) -> Sequence[User]:
    """Who may own a lead: people of the actor's teams; for a manager those of all teams."""
    return db.session.scalars(_owning(sa.select(User), actor, today)).unique().all()


def owner_names(actor: Actor, today: date) -> list[tuple[str, str]]:
    """The same by public id and name: hundreds of them to choose from."""
    rows = db.session.execute(_owning(sa.select(User.public_id, User.name), actor, today))
    return [(public_id, name) for public_id, name in dict.fromkeys(rows)]


def _owning(query: _Query, actor: Actor, today: date) -> _Query:
    query = (
        query.join(Membership, Membership.user_id == User.id)
        .where(
            User.active.is_(True),
            User.role.in_((Role.SCOUT, Role.TEAM_LEAD)),
            Membership.team_id.is_not(None),
            held_on(today),
        )
        .order_by(Membership.team_id, User.id)
    )
    if actor.role is Role.MANAGER:
        return query
    return query.where(Membership.team_id.in_(actor.teams))


def members(team: str, today: date) -> Sequence[User]:
    """Who of a team, named by its code, may own its leads."""
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Team, Team.id == Membership.team_id)
        .where(
            User.active.is_(True),
            User.role.in_((Role.SCOUT, Role.TEAM_LEAD)),
            Team.code == team,
            held_on(today),
        )
        .order_by(User.id)
    )
    return db.session.scalars(query).unique().all()


def liaisons() -> Sequence[User]:
    """The leaders who may look after a company."""
    query = sa.select(User).where(User.active.is_(True), User.role == Role.LIAISON_LEADER)
    return db.session.scalars(query.order_by(User.id)).all()


def suggested_place(lead: Lead) -> Suggestion | None:
    """The one park whose focus is the lead's segment, when there is just one."""
    rows = db.session.execute(
        sa.select(Park, Segment)
        .join(SegmentPark, SegmentPark.park_id == Park.id)
        .join(Segment, Segment.id == SegmentPark.segment_id)
        .where(SegmentPark.segment_id == lead.segment_id)
    ).all()
    if len(rows) != 1:
        return None
    park, segment = rows[0]
    return Suggestion(
        place=f"park:{park.code}",
        park=Name(park.zh, park.en),
        segment=Name(segment.zh, segment.en),
    )


def untouched_companies(most: int = 3) -> list[tuple[Company, Sequence[Badge]]]:
    """Companies of rewarded lists that nobody has registered yet (two statements)."""
    query = (
        sa.select(Company)
        .where(
            Company.rewarded.is_(True),
            Company.merged_into_id.is_(None),
            present(Company),
            ~sa.select(Lead.id).where(Lead.company_id == Company.id, present()).exists(),
        )
        .order_by(Company.cadence_days, Company.id)
        .limit(most)
    )
    companies = db.session.scalars(query).all()
    badges = badges_of([company.id for company in companies])
    return [(company, badges.get(company.id, ())) for company in companies]
