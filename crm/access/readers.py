"""Who may read a lead: ``visible_leads`` asked from the other side. The two are tested as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from crm.access.actor import held_on
from crm.access.conditions import PLACE_STAGES, Condition
from crm.access.policy import RIGHTS, Right
from crm.pinyin import by_sound
from models import db
from models.enums import Role
from models.lead import CreditShare, Lead
from models.user import Membership, User

_TEAMS = tuple(
    role
    for role, rights in RIGHTS.items()
    if Right.READ_LEADS in rights
    and role not in {Role.MANAGER, Role.AUDITOR, Role.PARK_OFFICER, Role.LIAISON_LEADER}
)


def readers_of(lead: Lead, today: date) -> Sequence[User]:
    """The active people who may read this lead, by name (one statement)."""
    return _by_name(sa.select(User).where(User.active, _may_read(lead, today)))


def writers_of(lead: Lead, today: date) -> Sequence[User]:
    """The active people of its team and its owner, who may change this lead (one statement)."""
    theirs = sa.or_(User.id == lead.owner_id, _belongs(Membership.team_id == lead.team_id, today))
    query = sa.select(User).where(User.active, User.role.in_(_TEAMS), theirs)
    return _by_name(query)


def _by_name(query: sa.Select[tuple[User]]) -> list[User]:
    return sorted(db.session.scalars(query), key=lambda user: (by_sound(user.name), user.id))


def _may_read(lead: Lead, today: date) -> Condition:
    reads = [role for role, rights in RIGHTS.items() if Right.READ_LEADS in rights]
    share = (
        sa.select(CreditShare.id)
        .outerjoin(Membership, sa.and_(Membership.team_id == CreditShare.team_id, held_on(today)))
        .where(
            CreditShare.lead_id == lead.id,
            sa.or_(CreditShare.user_id == User.id, Membership.user_id == User.id),
        )
        .exists()
    )
    grounds = [
        User.role.in_((Role.MANAGER, Role.AUDITOR)),
        sa.and_(
            User.role.in_(_TEAMS),
            sa.or_(User.id == lead.owner_id, _belongs(Membership.team_id == lead.team_id, today)),
        ),
        sa.and_(User.role == Role.LIAISON_LEADER, User.id == lead.liaison_id),
        share,
    ]
    if lead.stage in PLACE_STAGES:
        here = sa.or_(
            Membership.park_id == lead.park_id, Membership.district_id == lead.district_id
        )
        grounds.append(sa.and_(User.role == Role.PARK_OFFICER, _belongs(here, today)))
    return sa.and_(User.role.in_(reads), sa.or_(*grounds))


def _belongs(to: Condition, today: date) -> Condition:
    """Whether a person has such a membership on that day."""
    return (
        sa.select(Membership.id).where(Membership.user_id == User.id, held_on(today), to).exists()
    )
