"""Refused offers, and who is to do something about each until it is answered.

A newer version answers it (``service.propose``), and so does the word of who was told.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import Actor, Right, require, visible_offers
from crm.held import held
from models import db
from models.enums import Role
from models.lead import Lead
from models.offer import Offer
from models.user import User

PROPOSER = aliased(User, name="proposer")


def unanswered() -> sa.ColumnElement[bool]:
    """Offers that were refused, and nobody has answered it."""
    # Spelt out: an index of some rows alone is not found by a value that comes later.
    return sa.and_(Offer.state == sa.literal_column("'refused'"), Offer.answered_at.is_(None))


def who_answers() -> sa.ColumnElement[int]:
    """Who is to do something about a refusal, of a query that joins its lead and ``PROPOSER``.

    It is who proposed it; where they are gone, or the lead is not theirs any more, its owner.
    """
    works_on_it = sa.or_(Offer.proposer_id == Lead.owner_id, PROPOSER.role != Role.SCOUT)
    return sa.case((sa.and_(PROPOSER.active, works_on_it), Offer.proposer_id), else_=Lead.owner_id)


def see(lead_id: str, actor: Actor, now: datetime) -> Lead:
    """What was refused on this lead the actor has seen, and need not be told again.

    Only who is to answer it is heard; once is enough. Raises Forbidden (the role proposes none)
    and NotFound.
    """
    require(actor, Right.PROPOSE_OFFERS)
    lead = held(Lead, Lead.public_id == lead_id, visible_offers(actor))
    theirs = (
        sa.select(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(PROPOSER, PROPOSER.id == Offer.proposer_id)
        .where(Offer.lead_id == lead.id, unanswered(), who_answers() == actor.id)
    )
    for offer in db.session.scalars(theirs):
        offer.answered_at = now
    db.session.flush()
    return lead
