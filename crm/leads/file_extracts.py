"""Files of leads as machines read them: with their content's record and everybody's ids."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, visible_attachments
from crm.errors import NotFound
from crm.leads.papers import keys_of
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from models import db
from models.attachment import Attachment
from models.lead import Lead
from models.offer import Offer
from models.user import User
from models.visit import Visit

_NEWEST = (Key(Attachment.__table__.c.id, descending=True),)


def files_page(
    lead: Lead, actor: Actor, *, limit: int, cursor: str | None = None
) -> Page[Attachment]:
    """The files in sight of a lead that the actor was let read, the newest first, a page a time."""
    query = _in_sight().where(Attachment.id.in_(keys_of(lead, actor))).limit(limit + 1)
    if behind := decode(cursor, (row_key,)):
        query = query.where(after(_NEWEST, behind))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].id]) if len(rows) > limit else None)


def readable_file(actor: Actor, public_id: str) -> Attachment:
    """One file in sight; NotFound when it is not there for this actor."""
    found = db.session.scalar(
        _in_sight()
        .where(Attachment.public_id == public_id, visible_attachments(actor))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _in_sight() -> sa.Select[Attachment]:
    return (
        sa.select(Attachment)
        .where(Attachment.removed_at.is_(None))
        .options(
            joinedload(Attachment.blob),
            joinedload(Attachment.lead).load_only(Lead.public_id),
            joinedload(Attachment.visit).load_only(Visit.public_id),
            joinedload(Attachment.offer).load_only(Offer.public_id),
            joinedload(Attachment.created_by).load_only(User.public_id),
        )
        .order_by(*order_by(_NEWEST))
    )
