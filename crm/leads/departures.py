"""The open leads of somebody who leaves their team: how many, and who takes them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from crm.access import present
from crm.clock import local_date
from crm.errors import Refusal
from crm.leads import lookups
from crm.leads.edits import give_to
from crm.leads.inputs import Errors
from crm.messages import msg
from models import db
from models.enums import Status
from models.lead import Lead
from models.team import Team
from models.user import User


def open_leads(owner: User, team: str) -> int:
    """How many open leads of a team (its code) somebody looks after: a number, no content."""
    query = sa.select(sa.func.count()).select_from(Lead).join(Team, Team.id == Lead.team_id)
    return db.session.scalar(query.where(*_left(owner, team))) or 0


def hand_over(owner: User, team: str, heir: str, now: datetime) -> int:
    """Give these leads to a colleague (a public id); how many. Raises Refusal at ``heir``.

    For whoever may change accounts: they need not see the leads.
    """
    errors: Errors = {}
    team_id = lookups.team_id(team, errors)
    person = lookups.person(heir, "heir", errors)
    if person and (person.id == owner.id or not _may_own(person, team_id, now)):
        errors["heir"] = [msg("接手的人要在这支小分队里，请另选一位。")]
    if errors or person is None:
        raise Refusal(errors)
    query = sa.select(Lead).join(Team, Team.id == Lead.team_id).where(*_left(owner, team))
    leads = db.session.scalars(query.order_by(Lead.id).with_for_update(of=Lead)).all()
    for lead in leads:
        give_to(lead, person.id, now)
    return len(leads)


def _left(owner: User, team: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Lead.owner_id == owner.id, Lead.status != Status.LOST, Team.code == team, present()


def _may_own(person: User, team_id: int | None, now: datetime) -> bool:
    return team_id is not None and lookups.may_own(person, team_id, local_date(now))
