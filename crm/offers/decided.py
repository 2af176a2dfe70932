"""Decided offers, and who is to hear of each until it is answered.

A newer version answers it (``service.propose``), the word of who was told does, and an approval is
answered by the signing that it opens, as long as the lead stays signed (``crm/leads/moves.py``).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import Actor, Right, require, visible_offers
from crm.held import held
from models import db
from models.enums import OfferState, Role
from models.lead import Lead
from models.offer import Offer
from models.user import User

PROPOSER = aliased(User, name="proposer")


def unanswered() -> sa.ColumnElement[bool]:
    """Offers that were decided, and nobody has answered it."""
    return sa.and_(Offer.decided_at.is_not(None), Offer.answered_at.is_(None))


def of_kind(*, approved: bool) -> sa.ColumnElement[bool]:
    """Decided offers that were approved, or those that were refused."""
    # Not by what they are: of the index of states that would be all that were ever approved.
    return Offer.state != (OfferState.REFUSED if approved else OfferState.APPROVED)


def who_hears() -> sa.ColumnElement[int]:
    """Who is to hear of a decision, of a query that joins its lead and ``PROPOSER``.

    It is who proposed it; where they are gone, or the lead is not theirs any more, its owner.
    """
    works_on_it = sa.or_(Offer.proposer_id == Lead.owner_id, PROPOSER.role != Role.SCOUT)
    return sa.case((sa.and_(PROPOSER.active, works_on_it), Offer.proposer_id), else_=Lead.owner_id)


def see(lead_id: str, actor: Actor, now: datetime) -> Lead:
    """What was decided on this lead the actor has seen, and need not be told again.

    Only who is to hear of it is heard; once is enough. Raises Forbidden (the role proposes none)
    and NotFound.
    """
    require(actor, Right.PROPOSE_OFFERS)
    lead = held(Lead, Lead.public_id == lead_id, visible_offers(actor))
    theirs = (
        sa.select(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .join(PROPOSER, PROPOSER.id == Offer.proposer_id)
        .where(Offer.lead_id == lead.id, unanswered(), who_hears() == actor.id)
    )
    for offer in db.session.scalars(theirs):
        offer.answered_at = now
    db.session.flush()
    return lead
