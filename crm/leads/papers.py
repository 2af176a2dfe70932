"""The files of a lead as its page shows them: its own, those of its visits and of its offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed, may_write, present, visible_offers
from crm.access.conditions import Condition
from crm.messages import Message, msg
from models import db
from models.attachment import Attachment, AttachmentKind
from models.lead import Lead
from models.offer import Offer
from models.visit import Visit, VisitLead

LIMIT = 200


@dataclass(frozen=True)
class Paper:
    """A file in sight: what it is called, and whether this reader may take it away."""

    public_id: str
    name: str
    at: datetime
    agreement: bool
    removable: bool


@dataclass(frozen=True)
class PaperNews:
    """Files that one person brought at one moment, or one that was taken away."""

    at: datetime
    title: Message
    who: str
    papers: tuple[Paper, ...] = ()
    removed: str | None = None


@dataclass(frozen=True)
class Papers:
    """The newest files in sight, and what happened to all of them."""

    shown: Sequence[Paper]
    news: Sequence[PaperNews]


def papers_of(lead: Lead, actor: Actor, *, writable: bool) -> Papers:
    """The files of a lead that this actor may see (one statement)."""
    found = db.session.scalars(
        sa.select(Attachment)
        .where(Attachment.id.in_(keys_of(lead, actor)))
        .options(joinedload(Attachment.created_by), joinedload(Attachment.removed_by))
        .order_by(Attachment.created_at.desc(), Attachment.id.desc())
        .limit(LIMIT)
    ).all()
    may = allowed(actor, Right.ATTACH_FILES)
    papers = {
        one.id: _paper(one, removable=may and (writable or one.created_by_id == actor.id))
        for one in found
    }
    in_sight = [papers[one.id] for one in found if one.removed_at is None]
    return Papers(in_sight, [*_brought(found, papers), *_removed(found)])


def papers_of_visit(visit: Visit, actor: Actor) -> list[Paper]:
    """The files of a visit that the actor was let read; its leads are loaded (one statement)."""
    return _in_sight(Attachment.visit_id == visit.id, visit.leads, actor)


def papers_of_offer(offer: Offer, actor: Actor) -> list[Paper]:
    """The files of an offer that the actor was let read; its lead is loaded (one statement)."""
    return _in_sight(Attachment.offer_id == offer.id, [offer.lead], actor)


def _in_sight(which: Condition, leads: Iterable[Lead], actor: Actor) -> list[Paper]:
    found = db.session.scalars(
        sa.select(Attachment)
        .where(which, Attachment.removed_at.is_(None))
        .order_by(Attachment.created_at, Attachment.id)
        .limit(LIMIT)
    )
    may = allowed(actor, Right.ATTACH_FILES)
    writable = any(may_write(lead, actor) for lead in leads)
    return [
        _paper(one, removable=may and (writable or one.created_by_id == actor.id)) for one in found
    ]


def keys_of(lead: Lead, actor: Actor) -> sa.CompoundSelect[tuple[int]]:
    """The keys of all files of a lead, its visits and those of its offers that the actor sees."""
    own = sa.select(Attachment.id).where(Attachment.lead_id == lead.id)
    of_visits = (
        sa.select(Attachment.id)
        .join(VisitLead, VisitLead.visit_id == Attachment.visit_id)
        .where(VisitLead.lead_id == lead.id, present(Visit, VisitLead.visit_id))
    )
    of_offers = (
        sa.select(Attachment.id)
        .join(Offer, Offer.id == Attachment.offer_id)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(Offer.lead_id == lead.id, visible_offers(actor))
    )
    return sa.union_all(own, of_visits, of_offers)


def _paper(attachment: Attachment, *, removable: bool) -> Paper:
    return Paper(
        public_id=attachment.public_id,
        name=attachment.name,
        at=attachment.created_at,
        agreement=attachment.kind is AttachmentKind.AGREEMENT,
        removable=removable,
    )


def _brought(found: Iterable[Attachment], papers: dict[int, Paper]) -> Iterable[PaperNews]:
    """What came together is told together; what was removed since is told as that."""
    shown = [one for one in found if one.removed_at is None]
    for (at, _, title), group in groupby(shown, key=_together):
        files = list(group)
        yield PaperNews(at, title, files[0].created_by.name, tuple(papers[one.id] for one in files))


def _together(one: Attachment) -> tuple[datetime, int, Message]:
    return one.created_at, one.created_by_id, _title(one)


def _title(one: Attachment) -> Message:
    if one.kind is AttachmentKind.AGREEMENT:
        return msg("签好的协议")
    if one.visit_id is not None:
        return msg("走访附件")
    return msg("测算附件") if one.offer_id is not None else msg("附件")


def _removed(found: Iterable[Attachment]) -> Iterable[PaperNews]:
    for one in found:
        if one.removed_at is not None and one.removed_by is not None:
            yield PaperNews(one.removed_at, msg("移除附件"), one.removed_by.name, removed=one.name)
