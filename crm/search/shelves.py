"""Where an actor's search may look: the parts of the token tables whose records they may read.

What is found there is read again under the conditions of ``crm.access``: these parts only see to
it that nobody's records are crowded out by those of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, Right, allowed, beyond, sees_the_city, visible_beyond_teams
from crm.companies.finding import Condition, Shelf
from models import db
from models.contact import Contact, ContactRole
from models.lead import Lead
from models.team import Team
from models.token import NO_TEAM, ContactToken, LeadToken

LEADS = Shelf(LeadToken.lead_id, LeadToken.token, newest=True)
CONTACTS = Shelf(ContactToken.contact_id, ContactToken.token, newest=True)
# Of leads that are not the team's (one's own share, headed for a park, a leader's own) so many are
# looked through one by one, the latest.
LOOKED_THROUGH = 1000


@dataclass(frozen=True)
class Arms:
    """The parts to look into, of leads and of people; both empty for who reads none."""

    leads: Sequence[Condition]
    contacts: Sequence[Condition]


def arms(actor: Actor) -> Arms:
    """One part a team, one's own, and what one may read beside them (a query for who sees all)."""
    if not allowed(actor, Right.READ_LEADS):
        return Arms((), ())
    if sees_the_city(actor):
        teams = [*db.session.scalars(sa.select(Team.id).order_by(Team.id)), NO_TEAM]
        return Arms(
            [LeadToken.team_id == key for key in teams],
            [ContactToken.team_id == key for key in teams],
        )
    mine = [
        sa.and_(LeadToken.team_id == key, LeadToken.owner_id == actor.id) for key in actor.teams
    ]
    return Arms(
        [
            *mine,
            *(LeadToken.team_id == key for key in actor.teams),
            LeadToken.lead_id.in_(sa.select(_other(actor))),
        ],
        [
            *(ContactToken.team_id == key for key in actor.teams),
            ContactToken.contact_id.in_(sa.select(_other_people(actor))),
        ],
    )


def _other(actor: Actor) -> sa.CTE:
    """The leads one may read that are not found under a team of one's own."""
    return _latest(sa.select(Lead.id).where(ground) for ground in visible_beyond_teams(actor))


def _other_people(actor: Actor) -> sa.CTE:
    """The people at the companies of those leads, and those one has written down for no team."""
    at = sa.select(ContactRole.contact_id).join(Lead, Lead.company_id == ContactRole.company_id)
    mine = sa.select(Contact.id).where(Contact.created_by_id == actor.id)
    elsewhere = (Contact.team_id.is_(None), *beyond(Contact.team_id, actor.teams))
    return _latest(
        [
            *(mine.where(gap) for gap in elsewhere),
            at.where(Lead.id.in_(sa.select(_other(actor)))),
        ]
    )


def _latest(queries: Iterable[sa.Select[Any]]) -> sa.CTE:
    """Worked out once, though each range of the tokens is looked through for them."""
    found = sa.union_all(*queries).subquery()
    key = found.c[0]
    return sa.select(key).distinct().order_by(key.desc()).limit(LOOKED_THROUGH).cte()
