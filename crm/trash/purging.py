"""Purge an archived lead: its words and files are gone for good, the trail keeps that they were."""

from __future__ import annotations

import sqlalchemy as sa

from crm import audit
from crm.access import Actor, Right, require
from crm.audit.recorder import purging
from crm.errors import NotFound
from crm.files import FileStore, remove_with
from crm.trash.rules import check_purge
from models import db
from models.archive import ArchiveEntry
from models.attachment import Attachment, Blob
from models.base import Model
from models.bulk_edit import BulkEditLine
from models.comment import Comment, Mention
from models.directive import DirectiveAnswer
from models.enums import Via
from models.lead import Claim, Lead
from models.note import Note
from models.reminder import Reminder
from models.snooze import Snooze
from models.task import Task
from models.visit import VisitLead

# What belongs to a lead and goes with it, what refers to others first. Its visits are records of
# their company and of who made them: they stay, and are about it no more.
_ITS_OWN: tuple[type[Model], ...] = (
    *(VisitLead, Reminder, Snooze, BulkEditLine, Comment, Note, Task, Claim, Attachment),
    ArchiveEntry,
)


def purge_lead(entry_id: str, reason: str, actor: Actor, files: FileStore) -> None:
    """Delete an archived lead with all that belongs to it.

    Raises NotFound, and Refusal without a reason or where an official record rests on the lead.
    """
    require(actor, Right.PURGE)
    lead = db.session.scalar(
        sa.select(Lead)
        .join(ArchiveEntry, ArchiveEntry.lead_id == Lead.id)
        .where(ArchiveEntry.public_id == entry_id)
        .with_for_update(of=Lead)
        .execution_options(populate_existing=True)
    )
    if lead is None:
        raise NotFound
    reason = check_purge(reason, _rests_on(lead))
    blobs = set(
        db.session.scalars(sa.select(Attachment.blob_id).where(Attachment.lead_id == lead.id))
    )
    who = audit.current()
    with audit.acting(actor.id, Via.WEB, request_id=who.request_id, reason=reason), purging():
        mentions = sa.select(Comment.id).where(Comment.lead_id == lead.id)
        db.session.execute(sa.delete(Mention).where(Mention.comment_id.in_(mentions)))
        for model in _ITS_OWN:
            for record in db.session.scalars(sa.select(model).where(model.lead_id == lead.id)):  # type: ignore[attr-defined]
                db.session.delete(record)
            db.session.flush()
        db.session.delete(lead)
        db.session.flush()
    _forget_files(blobs, files)


def _rests_on(lead: Lead) -> set[str]:
    """The tables with a row that needs this lead, apart from what goes with it."""
    tasks = sa.select(Task.id).where(Task.lead_id == lead.id)
    found = {
        column.table.name
        for column in pointing_at_leads()
        if db.session.scalar(sa.select(column).where(column == lead.id).limit(1)) is not None
    }
    answered = sa.select(DirectiveAnswer.task_id).where(DirectiveAnswer.task_id.in_(tasks))
    if db.session.scalar(answered.limit(1)) is not None:
        found.add(DirectiveAnswer.__tablename__)
    return found


def pointing_at_leads() -> list[sa.Column[int]]:
    """The columns of other tables that refer to a lead, apart from what goes with it: what is its
    own, and what the database derives from it and lets go along."""
    own = {model.__tablename__ for model in _ITS_OWN}
    return [
        column
        for table in Model.metadata.sorted_tables
        if table.name not in own
        for column in table.columns
        for key in column.foreign_keys
        if key.column is Lead.__table__.c.id and key.ondelete != "CASCADE"
    ]


def _forget_files(blob_ids: set[int], files: FileStore) -> None:
    """Content that hangs on nothing else goes, its file with the commit."""
    for key in sorted(blob_ids):
        used = sa.select(Attachment.id).where(Attachment.blob_id == key).limit(1)
        blob = db.session.get(Blob, key)
        if blob is None or db.session.scalar(used) is not None:
            continue
        remove_with(db.session(), files, blob.sha256)
        db.session.delete(blob)
    db.session.flush()
