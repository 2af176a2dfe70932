"""Files on a lead, its visits and its offers: hung on, taken away, put back.

A file is seen by who sees its record. None is ever destroyed here: what was removed is out of
sight, can be put back, and stays as the evidence that it was.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.access import (
    Actor,
    Right,
    readable_lead,
    require,
    visible_attachments,
    visible_offers,
    visible_visits,
    writable_leads,
)
from crm.archive import put_away, take_out
from crm.errors import Forbidden, NotFound, Refusal
from crm.files import Received
from crm.files.settling import settle_with
from crm.held import held
from crm.messages import msg
from models import db
from models.attachment import Attachment, AttachmentKind, Blob
from models.enums import SIGNED, OfferState
from models.lead import Lead
from models.offer import Offer
from models.stage_change import StageChange
from models.visit import Visit, VisitLead


def attach_to_lead(
    public_id: str, file: Received, kind: AttachmentKind, actor: Actor, now: datetime
) -> Attachment:
    """Hang a file on a lead: a paper of any kind, or the signed agreement that a gate asks for.

    Raises NotFound, and Forbidden when who only reads the lead brings its agreement.
    """
    require(actor, Right.ATTACH_FILES)
    lead = readable_lead(actor, public_id)
    if kind is AttachmentKind.AGREEMENT and not _may_write(lead.id, actor):
        raise Forbidden(msg("协议由负责人、队长或局领导上传。"))
    return _hang(file, actor, now, kind=kind, lead_id=lead.id)


def attach_to_visit(public_id: str, file: Received, actor: Actor, now: datetime) -> Attachment:
    """Hang a file on a visit; a picture is a photo of it. Raises NotFound."""
    require(actor, Right.ATTACH_FILES)
    visit_id = db.session.scalar(
        sa.select(Visit.id).where(Visit.public_id == public_id, visible_visits(actor))
    )
    if visit_id is None:
        raise NotFound
    kind = AttachmentKind.PHOTO if file.kind.picture else AttachmentKind.FILE
    return _hang(file, actor, now, kind=kind, visit_id=visit_id)


def attach_to_offer(public_id: str, file: Received, actor: Actor, now: datetime) -> Attachment:
    """Hang a file on an offer that nobody has decided yet. Raises NotFound and Refusal."""
    require(actor, Right.PROPOSE_OFFERS)
    offer = db.session.scalar(
        sa.select(Offer)
        .join(Lead, Lead.id == Offer.lead_id)
        .where(Offer.public_id == public_id, visible_offers(actor))
        .with_for_update(of=Offer)
    )
    if offer is None:
        raise NotFound
    if offer.state is not OfferState.PROPOSED:
        raise Refusal({"file": [msg("这一版已经定了，附件不能再加。请放到线索的附件里。")]})
    return _hang(file, actor, now, kind=AttachmentKind.FILE, offer_id=offer.id)


def remove_attachment(public_id: str, actor: Actor, now: datetime) -> Attachment:
    """Take a file out of sight. Done twice it is done once.

    Raises NotFound, Forbidden (somebody else's, on a lead that is not theirs to change) and Refusal
    where a gate or a decision rests on it.
    """
    attachment = removable_attachment(public_id, actor)
    if attachment.removed_at is None:
        _refuse_evidence(attachment)
        attachment.removed_at, attachment.removed_by_id = now, actor.id
        put_away(attachment, actor, now)
    return attachment


def restore_attachment(public_id: str, actor: Actor) -> Attachment:
    """Put a removed file back. Raises NotFound and Forbidden."""
    attachment = removable_attachment(public_id, actor)
    if attachment.removed_at is not None:
        attachment.removed_at = attachment.removed_by_id = None
        take_out(attachment)
    return attachment


def readable_attachment(actor: Actor, public_id: str) -> Attachment:
    """A file that is in sight, with its content's record; NotFound for others."""
    attachment = db.session.scalar(
        sa.select(Attachment)
        .where(
            Attachment.public_id == public_id,
            Attachment.removed_at.is_(None),
            visible_attachments(actor),
        )
        .options(joinedload(Attachment.blob))
    )
    if attachment is None:
        raise NotFound
    return attachment


def record_of(public_id: str) -> Attachment:
    """A file with the record it hangs on, for an address that was just let through."""
    return db.session.execute(
        sa.select(Attachment)
        .where(Attachment.public_id == public_id)
        .options(
            joinedload(Attachment.lead),
            joinedload(Attachment.visit),
            joinedload(Attachment.offer),
        )
        .execution_options(populate_existing=True)
    ).scalar_one()


def was_evidence(attachment: Attachment) -> bool:
    """Whether a gate once let the lead sign on it: removing it is then told with more care."""
    if attachment.lead_id is None or attachment.kind is not AttachmentKind.AGREEMENT:
        return False
    moves = sa.select(StageChange.id).where(
        StageChange.lead_id == attachment.lead_id,
        StageChange.to_stage.in_(SIGNED),
        StageChange.recorded_at >= attachment.created_at,
    )
    return db.session.scalar(moves.limit(1)) is not None


def _hang(
    file: Received, actor: Actor, now: datetime, *, kind: AttachmentKind, **record: int
) -> Attachment:
    """The row; the content takes its place in the commit."""
    attachment = Attachment(
        blob_id=_blob(file, now).id,
        kind=kind,
        name=file.name,
        created_by_id=actor.id,
        created_at=now,
        **record,
    )
    db.session.add(attachment)
    db.session.flush()
    settle_with(db.session(), file)
    return attachment


def _blob(file: Received, now: datetime) -> Blob:
    """The record of the content; two who bring the same at once make one.

    It stays until the attachment hangs on it: who purges it at the same moment is waited for.
    """
    known = sa.select(Blob).where(Blob.sha256 == file.sha256)
    known = known.with_for_update(read=True, key_share=True)
    if (blob := db.session.scalar(known)) is not None:
        return blob
    blob = Blob(sha256=file.sha256, size=file.size, media_type=file.kind.media_type, created_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(blob)
    except IntegrityError:
        return db.session.execute(known).scalar_one()
    return blob


def _may_write(lead_id: int, actor: Actor) -> bool:
    return bool(
        db.session.scalar(sa.select(Lead.id).where(Lead.id == lead_id, writable_leads(actor)))
    )


def removable_attachment(public_id: str, actor: Actor) -> Attachment:
    """The file, its row held, for who brought it or may change its lead.

    Raises NotFound and Forbidden.
    """
    require(actor, Right.ATTACH_FILES)
    attachment = db.session.scalar(
        sa.select(Attachment)
        .where(Attachment.public_id == public_id, visible_attachments(actor))
        .options(joinedload(Attachment.offer))
        .with_for_update(of=Attachment)
        .execution_options(populate_existing=True)
    )
    if attachment is None:
        raise NotFound
    if attachment.created_by_id != actor.id and not _changes_the_lead(attachment, actor):
        raise Forbidden(msg("别人传的附件，请找上传人、负责人或队长移除。"))
    return attachment


def _changes_the_lead(attachment: Attachment, actor: Actor) -> bool:
    of_visit = sa.select(VisitLead.lead_id).where(VisitLead.visit_id == attachment.visit_id)
    of_offer = sa.select(Offer.lead_id).where(Offer.id == attachment.offer_id)
    its = sa.or_(Lead.id == attachment.lead_id, Lead.id.in_(of_visit), Lead.id.in_(of_offer))
    return bool(db.session.scalar(sa.select(Lead.id).where(its, writable_leads(actor)).limit(1)))


def _refuse_evidence(attachment: Attachment) -> None:
    if attachment.offer is not None and attachment.offer.state is not OfferState.PROPOSED:
        raise Refusal({}, msg("这一版测算已经定了，定它时看的附件不能移除。"))
    if attachment.lead_id is None or attachment.kind is not AttachmentKind.AGREEMENT:
        return
    # A move looks at the agreement under the same lock.
    lead = held(Lead, Lead.id == attachment.lead_id)
    others = sa.select(Attachment.id).where(
        Attachment.lead_id == lead.id,
        Attachment.kind == AttachmentKind.AGREEMENT,
        Attachment.removed_at.is_(None),
        Attachment.id != attachment.id,
    )
    if lead.stage in SIGNED and not db.session.scalar(others.limit(1)):
        raise Refusal({}, msg("已签约线索的协议不能移除。要换一份，先上传新的协议，再移除这一份。"))
