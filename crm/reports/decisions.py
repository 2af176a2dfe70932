"""What waits for the one who looks: leads that stand still after signing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.leads.counting import all_conditions
from crm.leads.filters import LeadFilter
from models import db
from models.lead import Lead

SHOWN = 5


def stuck(actor: Actor, wanted: LeadFilter, today: date) -> Sequence[Lead]:
    """The first of the leads that a figure counts, those that stand still longest on top."""
    return db.session.scalars(
        sa.select(Lead)
        .where(*all_conditions(actor, wanted, today))
        .order_by(Lead.stalls_on, Lead.id)
        .limit(SHOWN)
        .options(joinedload(Lead.company), joinedload(Lead.team), joinedload(Lead.owner))
    ).all()
