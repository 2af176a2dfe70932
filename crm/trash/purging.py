"""Purge what lies in the trash: its words and files are gone for good, the trail keeps that they
were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from crm import audit
from crm.access import Actor, Right, require
from crm.audit.recorder import purging
from crm.files import FileStore, remove_with
from crm.held import held
from crm.leads.attachments import was_evidence
from crm.trash.kinds import Kind, kind_of
from crm.trash.rules import check_purge
from models import db
from models.appointment import Appointment, AppointmentContact
from models.archive import SUBJECTS, ArchiveEntry
from models.attachment import Attachment, Blob
from models.base import Model
from models.bulk_edit import BulkEditLine
from models.comment import Comment, Mention
from models.company import Company, CompanyName, CompanySegment
from models.contact import Contact, ContactRole
from models.directive import DirectiveAnswer, DirectiveDay
from models.enums import MessageState, Via
from models.event import Event, EventLead, EventUser, Invitation
from models.figure import Figure
from models.import_batch import ImportChange
from models.lead import Claim, Lead
from models.message import Message
from models.note import Note
from models.promise import Promise
from models.referral import Referral
from models.reminder import Reminder
from models.saved_view import SavedView
from models.snooze import Snooze
from models.task import Task
from models.visit import Visit, VisitContact, VisitLead, VisitUser

# What goes with a record, what refers to others first; the attribute is the record's noun. A
# lead's visits are records of their company and of who made them: they stay.
_ITS_OWN: dict[type[Model], tuple[type[Model], ...]] = {
    Lead: (
        *(VisitLead, Reminder, Snooze, BulkEditLine, Comment, Note, Task, Claim, Attachment),
        *(EventLead, Referral, Appointment),
    ),
    Visit: (VisitLead, VisitContact, VisitUser, Attachment, Appointment),
    # What was arranged with it was called off: anything else keeps it out of the trash.
    Company: (CompanySegment, CompanyName, Figure, ContactRole, Appointment),
    Comment: (Mention,),
    Attachment: (),
    SavedView: (),
    Event: (EventLead, EventUser, Invitation),
}
_NOUNS: dict[Kind, type[Model]] = {
    Kind.LEADS: Lead,
    Kind.VISITS: Visit,
    Kind.COMPANIES: Company,
    Kind.COMMENTS: Comment,
    Kind.FILES: Attachment,
    Kind.VIEWS: SavedView,
    Kind.EVENTS: Event,
}
# What goes on having somebody who was purged, by no name.
_NAMING = (VisitContact, Invitation, Referral, Promise)
# What stands where a visit named somebody who was purged.
NOBODY = "（已清除）"


def purge(entry_id: str, reason: str, actor: Actor, files: FileStore) -> None:
    """Delete what an entry is of with all that belongs to it.

    Raises NotFound, and Refusal without a reason or where something official rests on the record.
    """
    require(actor, Right.PURGE)
    entry = held(ArchiveEntry, ArchiveEntry.public_id == entry_id)
    record = _record_of(entry)
    reason = check_purge(reason, _rests_on(record))
    who = audit.current()
    with audit.acting(actor.id, Via.WEB, request_id=who.request_id, reason=reason), purging():
        blobs = _files_of(record)
        db.session.delete(entry)
        db.session.flush()
        if isinstance(record, Contact):
            _purge_contact(record)
        else:
            _purge(record)
    _forget_files(blobs, files)


def pointing_at(noun: type[Model]) -> list[sa.Column[int]]:
    """The columns of other tables that refer to a noun, apart from what goes with it: what is its
    own, and what the database derives from it and lets go along."""
    own = {model.__tablename__ for model in _ITS_OWN[noun]} | {ArchiveEntry.__tablename__}
    return [
        column
        for table in Model.metadata.sorted_tables
        if table.name not in own
        for column in table.columns
        for key in column.foreign_keys
        if key.column is noun.__table__.c.id and key.ondelete not in {"CASCADE", "SET NULL"}
    ]


def _record_of(entry: ArchiveEntry) -> Any:
    """The record that lies there, its row held."""
    kind = kind_of(entry)
    noun: Any = Contact if kind is Kind.CONTACTS else _NOUNS[kind]
    key = next(k for k in (getattr(entry, f"{name}_id") for name in SUBJECTS) if k is not None)
    return db.session.scalars(
        sa.select(noun)
        .where(noun.id == key)
        .with_for_update(of=noun)
        .execution_options(populate_existing=True)
    ).one()


def _rests_on(record: Any) -> set[str]:
    """The tables with a row that needs the record, apart from what goes with it."""
    if isinstance(record, Contact):
        return set()
    found = {
        column.table.name
        for column in pointing_at(type(record))
        if db.session.scalar(sa.select(column).where(column == record.id).limit(1)) is not None
    }
    if isinstance(record, Lead):
        tasks = sa.select(Task.id).where(Task.lead_id == record.id)
        for model in (DirectiveAnswer, DirectiveDay):
            theirs = sa.select(model.task_id).where(model.task_id.in_(tasks)).limit(1)
            if db.session.scalar(theirs) is not None:
                found.add(model.__tablename__)
    if isinstance(record, Attachment) and was_evidence(record):
        found.add("stage_change")
    return found


def _files_of(record: Any) -> set[int]:
    """The contents of the files that go with a record."""
    if isinstance(record, Attachment):
        return {record.blob_id}
    column = {Lead: Attachment.lead_id, Visit: Attachment.visit_id}.get(type(record))
    if column is None:
        return set()
    return set(db.session.scalars(sa.select(Attachment.blob_id).where(column == record.id)))


def _purge(record: Any) -> None:
    noun = type(record)
    its_own = {model: _belonging(model, noun, record.id) for model in _ITS_OWN[noun]}
    people = {role.contact_id for role in its_own.get(ContactRole, ())}
    comments = [comment.id for comment in its_own.get(Comment, ())]
    if comments:
        db.session.execute(sa.delete(Mention).where(Mention.comment_id.in_(comments)))
    _delete(_entries(ArchiveEntry.comment_id, comments))
    files = [file.id for file in its_own.get(Attachment, ())]
    _delete(_entries(ArchiveEntry.attachment_id, files))
    for records in its_own.values():
        _delete(records)
    _delete([record])
    for contact in db.session.scalars(sa.select(Contact).where(Contact.id.in_(people))):
        if not _belonging(ContactRole, Contact, contact.id):
            _delete(_entries(ArchiveEntry.contact_id, [contact.id]))
            _purge_contact(contact)


def _purge_contact(contact: Contact) -> None:
    """Nothing of the person is left; a visit that named them goes on having met somebody."""
    _delete(_belonging(ContactRole, Contact, contact.id))
    brought = sa.and_(ImportChange.subject == "contact", ImportChange.subject_id == contact.id)
    db.session.execute(sa.delete(ImportChange).where(brought))
    for letter in _belonging(Message, Contact, contact.id):
        letter.to_address = letter.subject = letter.text_body = letter.html_body = ""
        letter.calendar_body = letter.contact_id = None
        if letter.state is not MessageState.SENT:
            letter.state = MessageState.FAILED
    for named in _belonging(AppointmentContact, Contact, contact.id):
        db.session.delete(named)
    if not any(_belonging(model, Contact, contact.id) for model in _NAMING):
        _delete([contact])
        return
    contact.name = NOBODY
    contact.phone = contact.email = contact.wechat = None
    db.session.flush()


def _belonging(model: type[Any], noun: type[Model], key: int) -> list[Any]:
    """The rows of a table that belong to a record."""
    column = next(
        column
        for column in model.__table__.columns
        for one in column.foreign_keys
        if one.column is noun.__table__.c.id
    )
    return list(db.session.scalars(sa.select(model).where(column == key)))


def _entries(column: Any, keys: Iterable[int]) -> list[ArchiveEntry]:
    return list(db.session.scalars(sa.select(ArchiveEntry).where(column.in_(list(keys)))))


def _delete(records: Iterable[Any]) -> None:
    for record in records:
        db.session.delete(record)
    db.session.flush()


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
