"""Put a lead away, and bring it back. Nothing is lost: its visits, files and words stay with it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm import clock
from crm.access import Actor, Right, in_trash, require
from crm.archive import put_away, take_out
from crm.companies.archiving import refuse_archived
from crm.errors import Forbidden, NotFound
from crm.held import held
from crm.leads import claims
from crm.leads.moves import locked_lead
from crm.messages import msg
from models import db
from models.archive import ArchiveEntry
from models.company import Company
from models.enums import SIGNED, Role, Status
from models.lead import Lead


def archive_lead(public_id: str, reason: str, actor: Actor, now: datetime) -> ArchiveEntry:
    """Put a lead into the trash: nobody sees or counts it, and the company is free again.

    Raises NotFound, Forbidden (not theirs to change; signed, and no manager) and Refusal.
    """
    lead = locked_lead(public_id, actor)
    if not may_archive(lead, actor):
        raise Forbidden(msg("已签约的线索是业绩，只有局领导能归档。"))
    entry = put_away(lead, actor, now, reason)
    claims.release_claim(lead, now)
    lead.archived_at = now
    db.session.flush()
    return entry


def may_archive(lead: Lead, actor: Actor) -> bool:
    """Whether the actor may put away a lead that they may change."""
    return actor.role is Role.MANAGER or lead.stage not in SIGNED


def archived_lead(public_id: str, actor: Actor) -> ArchiveEntry:
    """The entry of a lead that the actor may bring back. Raises NotFound."""
    entry = db.session.scalar(
        sa.select(ArchiveEntry)
        .join(Lead, Lead.id == ArchiveEntry.lead_id)
        .where(Lead.public_id == public_id, in_trash(actor))
        .options(*ABOUT)
    )
    if entry is None:
        raise NotFound
    found: ArchiveEntry = entry
    return found


# What a page says of an entry.
ABOUT = (
    joinedload(ArchiveEntry.lead).joinedload(Lead.company),
    joinedload(ArchiveEntry.archived_by),
)


def restore_lead(public_id: str, actor: Actor, now: datetime) -> Lead:
    """Bring a lead back as it was; its team holds the company as it did.

    Raises NotFound, and Refusal (code ``held``) that names who opened another meanwhile.
    """
    require(actor, Right.WRITE_LEADS)
    lead = held(Lead, Lead.public_id == public_id, in_trash(actor))
    refuse_archived(lead.company_id)
    if lead.status is Status.LOST:
        lead.archived_at = None
    else:
        claims.refuse_held(lead.company_id, lead.project, but=lead.id)
        with claims.index_decides(lead.company_id, lead.project, but=lead.id):
            lead.archived_at = None
        _catch_up(lead)
        claims.open_claim(lead, clock.local_date(now))
        claims.protect_as_before(lead)
    take_out(lead)
    found: Lead = lead
    return found


def _catch_up(lead: Lead) -> None:
    """The company was touched while the lead lay there: that counts for its open leads."""
    touched = db.session.scalar(
        sa.select(Company.last_touch_at).where(Company.id == lead.company_id)
    )
    if touched is not None and (lead.last_touch_at is None or lead.last_touch_at < touched):
        lead.last_touch_at = touched
