"""Put a visit away, and bring it back: what followed from it goes back and comes again.

Stage changes that it was evidence for stay: they hold the facts that the gate saw. So does what
the company said of itself, and a next step that was agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import (
    Actor,
    Right,
    removable_visits,
    require,
    visible_visits,
    visits_in_trash,
)
from crm.archive import put_away, take_out
from crm.companies.archiving import refuse_archived
from crm.errors import Forbidden, NotFound
from crm.held import held
from crm.leads.touches import apply_touch, withdraw_touch
from crm.messages import msg
from crm.visits.rules import is_touch
from models import db
from models.archive import ArchiveEntry
from models.lead import Lead
from models.visit import Visit, VisitContact, VisitLead


def archive_visit(public_id: str, reason: str, actor: Actor, now: datetime) -> ArchiveEntry:
    """Put a visit into the trash: it stands in no list and counts for nothing.

    Raises NotFound, Forbidden (somebody else's) and Refusal.
    """
    visit = removable_visit(public_id, actor)
    entry = put_away(visit, actor, now, reason)
    if _touched(visit):
        withdraw_touch(visit.company_id, visit.occurred_at, _leads(visit))
    return entry


def removable_visit(public_id: str, actor: Actor) -> Visit:
    """A visit, its row held, for who may put it away. Raises NotFound and Forbidden."""
    require(actor, Right.LOG_VISITS)
    visit = held(Visit, Visit.public_id == public_id, visible_visits(actor))
    if not may_archive(visit, actor):
        raise Forbidden(msg("别人记的走访，请找记录人、队长或局领导归档。"))
    return visit


def may_archive(visit: Visit, actor: Actor) -> bool:
    """Whether the actor may put away a visit that they can read (one statement at most)."""
    if visit.author_id == actor.id:
        return True
    theirs = sa.select(Visit.id).where(Visit.id == visit.id, removable_visits(actor))
    return db.session.scalar(theirs) is not None


def archived_visit(public_id: str, actor: Actor) -> ArchiveEntry:
    """The entry of a visit that the actor may bring back. Raises NotFound."""
    entry = db.session.scalar(
        sa.select(ArchiveEntry)
        .join(Visit, Visit.id == ArchiveEntry.visit_id)
        .where(Visit.public_id == public_id, visits_in_trash(actor))
        .options(
            joinedload(ArchiveEntry.visit).joinedload(Visit.company),
            joinedload(ArchiveEntry.archived_by),
        )
    )
    if entry is None:
        raise NotFound
    found: ArchiveEntry = entry
    return found


def restore_visit(public_id: str, actor: Actor) -> Visit:
    """Bring a visit back with all that followed from it.

    Raises NotFound, and Refusal while its company lies in the trash.
    """
    visit = held(Visit, Visit.public_id == public_id, visits_in_trash(actor))
    refuse_archived(visit.company_id)
    take_out(visit)
    if _touched(visit):
        apply_touch(visit.company_id, visit.occurred_at, _leads(visit))
    return visit


def _touched(visit: Visit) -> bool:
    met = sa.select(sa.func.count()).where(VisitContact.visit_id == visit.id)
    return is_touch(reached=visit.reached, contacts=db.session.scalar(met) or 0)


def _leads(visit: Visit) -> Sequence[Lead]:
    named = sa.select(VisitLead.lead_id).where(VisitLead.visit_id == visit.id)
    return db.session.scalars(sa.select(Lead).where(Lead.id.in_(named))).all()
