"""What lies in the trash, a kind at a time."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed, in_trash, visible_leads
from crm.clock import moment_of
from crm.errors import NotFound
from crm.leads.archiving import ABOUT
from crm.paging import Key, Page, after, decode, encode, order_by
from models import db
from models.archive import ArchiveEntry
from models.attachment import Attachment
from models.comment import Comment
from models.lead import Lead
from models.saved_view import SavedView

PAGE = 30


class Kind(enum.StrEnum):
    """What may lie there."""

    LEADS = "leads"
    COMMENTS = "comments"
    FILES = "files"
    VIEWS = "views"


@dataclass(frozen=True)
class Thing:
    """Something that may come back: what it is called, where it was, who put it away and when.

    ``about`` is its company or lead. ``lead``: the public id of the lead it stands on.
    """

    public_id: str
    name: str
    about: str
    at: datetime
    by: str
    reason: str = ""
    lead: str = ""


def kinds(actor: Actor) -> tuple[Kind, ...]:
    """Which kinds this person may look for; the administrator sees leads, to purge them."""
    if allowed(actor, Right.PURGE):
        return (Kind.LEADS,)
    found = [
        *([Kind.LEADS] if allowed(actor, Right.WRITE_LEADS) else []),
        *([Kind.COMMENTS] if allowed(actor, Right.COMMENT) else []),
        *([Kind.FILES] if allowed(actor, Right.ATTACH_FILES) else []),
        *([Kind.VIEWS] if allowed(actor, Right.READ_LEADS) else []),
    ]
    return tuple(found)


def trash_page(actor: Actor, kind: Kind, cursor: str | None) -> Page[Thing]:
    """What of a kind this person may bring back, the latest first, a page at a time (one query).

    The administrator gets every archived lead, and of it the company's name and no content.
    Raises NotFound for a kind that is not for them.
    """
    if kind not in kinds(actor):
        raise NotFound
    query, at, key, thing = _SOURCES[kind](actor)
    keys = (Key(at, descending=True), Key(key, descending=True))
    if (behind := decode(cursor, (moment_of, int))) is not None:
        query = query.where(after(keys, behind))
    rows = db.session.scalars(query.order_by(*order_by(keys)).limit(PAGE + 1)).all()
    shown = [thing(row) for row in rows[:PAGE]]
    last = [shown[-1].at.isoformat(), rows[PAGE - 1].id] if len(rows) > PAGE else None
    return Page(shown, encode(last) if last else None)


def entry_or_404(public_id: str) -> ArchiveEntry:
    """An entry of the trash, for who may purge it."""
    entry = db.session.scalar(
        sa.select(ArchiveEntry).where(ArchiveEntry.public_id == public_id).options(*ABOUT)
    )
    if entry is None:
        raise NotFound
    found: ArchiveEntry = entry
    return found


def _leads(actor: Actor) -> Any:
    purges = allowed(actor, Right.PURGE)
    query = sa.select(ArchiveEntry).join(Lead, Lead.id == ArchiveEntry.lead_id).options(*ABOUT)

    def thing(entry: ArchiveEntry) -> Thing:
        return Thing(
            public_id=entry.public_id if purges else entry.lead.public_id,
            name="" if purges else entry.lead.project,
            about=entry.lead.company.name,
            at=entry.archived_at,
            by=entry.archived_by.name,
            reason="" if purges else entry.reason,
        )

    which = sa.true() if purges else in_trash(actor)
    columns = ArchiveEntry.__table__.c
    return query.where(which), columns.archived_at, columns.id, thing


def _comments(actor: Actor) -> Any:
    query = (
        sa.select(Comment)
        .join(Lead, Lead.id == Comment.lead_id)
        .where(Comment.author_id == actor.id, Comment.removed_at.is_not(None), visible_leads(actor))
        .options(joinedload(Comment.lead).joinedload(Lead.company), joinedload(Comment.author))
    )

    def thing(comment: Comment) -> Thing:
        assert comment.removed_at  # noqa: S101 (asked for)
        return Thing(
            public_id=comment.public_id,
            name=comment.text,
            about=comment.lead.company.short_name,
            at=comment.removed_at,
            by=comment.author.name,
            lead=comment.lead.public_id,
        )

    columns = Comment.__table__.c
    return query, columns.removed_at, columns.id, thing


def _files(actor: Actor) -> Any:
    query = (
        sa.select(Attachment)
        .join(Lead, Lead.id == Attachment.lead_id)
        .where(
            Attachment.removed_at.is_not(None),
            sa.or_(Attachment.removed_by_id == actor.id, Attachment.created_by_id == actor.id),
            visible_leads(actor),
        )
        .options(
            joinedload(Attachment.lead).joinedload(Lead.company),
            joinedload(Attachment.removed_by),
        )
    )

    def thing(file: Attachment) -> Thing:
        assert file.removed_at and file.removed_by and file.lead  # noqa: S101, PT018 (asked for)
        return Thing(
            public_id=file.public_id,
            name=file.name,
            about=file.lead.company.short_name,
            at=file.removed_at,
            by=file.removed_by.name,
            lead=file.lead.public_id,
        )

    columns = Attachment.__table__.c
    return query, columns.removed_at, columns.id, thing


def _views(actor: Actor) -> Any:
    query = (
        sa.select(SavedView)
        .where(SavedView.owner_id == actor.id, SavedView.removed_at.is_not(None))
        .options(joinedload(SavedView.owner))
    )

    def thing(view: SavedView) -> Thing:
        assert view.removed_at  # noqa: S101 (asked for)
        return Thing(view.public_id, view.name, "", view.removed_at, view.owner.name)

    columns = SavedView.__table__.c
    return query, columns.removed_at, columns.id, thing


_SOURCES = {
    Kind.LEADS: _leads,
    Kind.COMMENTS: _comments,
    Kind.FILES: _files,
    Kind.VIEWS: _views,
}
