"""Offers as machines read them: with their lines and everybody's ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm.access import Actor, visible_offers
from crm.errors import NotFound
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from models import db
from models.enums import OfferState
from models.lead import Lead
from models.offer import Offer
from models.user import User

_NEWEST = (Key(Offer.__table__.c.id, descending=True),)


@dataclass(frozen=True)
class Wanted:
    """Which offers: the public id of a lead and a state, None where not asked."""

    lead: str | None = None
    state: OfferState | None = None


def offers_page(
    actor: Actor, wanted: Wanted, *, limit: int, cursor: str | None = None
) -> Page[Offer]:
    """The offers that the actor may see, the newest first, a page at a time."""
    query = _visible(actor).order_by(*order_by(_NEWEST)).limit(limit + 1)
    if wanted.lead is not None:
        query = query.where(Lead.public_id == wanted.lead)
    if wanted.state is not None:
        query = query.where(Offer.state == wanted.state)
    if behind := decode(cursor, (row_key,)):
        query = query.where(after(_NEWEST, behind))
    rows: Sequence[Offer] = db.session.scalars(query).all()
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].id]) if len(rows) > limit else None)


def readable_offer(actor: Actor, public_id: str) -> Offer:
    """One offer; NotFound when it is not there for this actor."""
    query = _visible(actor).where(Offer.public_id == public_id)
    found: Offer | None = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _visible(actor: Actor) -> sa.Select[Offer]:
    return (
        sa.select(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(visible_offers(actor))
        .options(*_options())
    )


def _options() -> tuple[ExecutableOption, ...]:
    people = (Offer.proposer, Offer.approver, Offer.withdrawn_by)
    return (
        joinedload(Offer.lead).load_only(Lead.public_id),
        *(joinedload(person).load_only(User.public_id) for person in people),
        selectinload(Offer.lines),
    )
