"""What may lie in the trash, and of each kind whose it is to bring back."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa

from crm.access import (
    Actor,
    Right,
    allowed,
    in_trash,
    visible_attachments,
    visible_leads,
    visits_in_trash,
)
from crm.access.archive import Condition
from crm.companies.contact_archiving import contacts_in_trash
from crm.events.service import archivable_events
from models.archive import ArchiveEntry
from models.attachment import Attachment
from models.comment import Comment
from models.company import Company
from models.contact import Contact
from models.event import Event
from models.lead import Lead
from models.saved_view import SavedView
from models.visit import Visit


class Kind(enum.StrEnum):
    """What may lie there."""

    LEADS = "leads"
    VISITS = "visits"
    CONTACTS = "contacts"
    COMPANIES = "companies"
    COMMENTS = "comments"
    FILES = "files"
    VIEWS = "views"
    EVENTS = "events"


_KEYS = {
    Kind.LEADS: ArchiveEntry.lead_id,
    Kind.VISITS: ArchiveEntry.visit_id,
    Kind.CONTACTS: ArchiveEntry.contact_id,
    Kind.COMPANIES: ArchiveEntry.company_id,
    Kind.COMMENTS: ArchiveEntry.comment_id,
    Kind.FILES: ArchiveEntry.attachment_id,
    Kind.VIEWS: ArchiveEntry.view_id,
    Kind.EVENTS: ArchiveEntry.event_id,
}


def kind_of(entry: ArchiveEntry) -> Kind:
    """What an entry is of: exactly one of its keys is set."""
    return next(kind for kind, key in _KEYS.items() if getattr(entry, key.key) is not None)


def kinds(actor: Actor) -> tuple[Kind, ...]:
    """Which kinds this person may look for; who purges or oversees sees that each of all lies
    there."""
    if sees_all(actor):
        return tuple(Kind)
    needed = {
        Kind.LEADS: Right.WRITE_LEADS,
        Kind.VISITS: Right.LOG_VISITS,
        Kind.CONTACTS: Right.LOG_VISITS,
        Kind.COMPANIES: Right.ARCHIVE_COMPANIES,
        Kind.COMMENTS: Right.COMMENT,
        Kind.FILES: Right.ATTACH_FILES,
        Kind.VIEWS: Right.READ_LEADS,
        Kind.EVENTS: Right.WRITE_EVENTS,
    }
    return tuple(kind for kind, right in needed.items() if allowed(actor, right))


def oversees(actor: Actor) -> bool:
    """Whether this person reads the trash and takes nothing out of it."""
    return allowed(actor, Right.TRASH) and not allowed(actor, Right.RESTORE)


def sees_all(actor: Actor) -> bool:
    """Whether they see that something lies there, whosever it is."""
    return allowed(actor, Right.PURGE) or oversees(actor)


def of_kind(kind: Kind) -> Condition:
    """The entries of a kind."""
    return _KEYS[kind].is_not(None)


def restorable(actor: Actor, kind: Kind) -> Condition:
    """The entries of a kind whose record this person may bring back."""
    if kind not in kinds(actor):
        return sa.false()
    key = _KEYS[kind]
    on_lead = sa.exists().where(Lead.id == Comment.lead_id, visible_leads(actor))
    by_them = sa.or_(ArchiveEntry.archived_by_id == actor.id, Attachment.created_by_id == actor.id)
    theirs: dict[Kind, tuple[type[Any], Condition]] = {
        Kind.LEADS: (Lead, in_trash(actor)),
        Kind.VISITS: (Visit, visits_in_trash(actor)),
        Kind.CONTACTS: (Contact, contacts_in_trash(actor)),
        Kind.COMPANIES: (Company, sa.literal(allowed(actor, Right.ARCHIVE_COMPANIES))),
        Kind.COMMENTS: (Comment, sa.and_(Comment.author_id == actor.id, on_lead)),
        Kind.FILES: (Attachment, sa.and_(by_them, visible_attachments(actor))),
        Kind.VIEWS: (SavedView, SavedView.owner_id == actor.id),
        Kind.EVENTS: (Event, archivable_events(actor)),
    }
    noun, condition = theirs[kind]
    return sa.exists().where(noun.id == key, condition)
