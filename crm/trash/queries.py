"""What lies in the trash: all of it or a kind, the latest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed
from crm.errors import NotFound
from crm.paging import Key, Page, after, decode, encode, lost, moment, order_by, row_key
from crm.trash.kinds import Kind, kind_of, kinds, of_kind, oversees, restorable, sees_all
from models import db
from models.archive import ArchiveEntry
from models.attachment import Attachment
from models.comment import Comment
from models.contact import Contact, ContactRole
from models.lead import Lead
from models.offer import Offer
from models.visit import Visit

PAGE = 30

_NEWEST = (
    Key(ArchiveEntry.__table__.c.archived_at, descending=True),
    Key(ArchiveEntry.__table__.c.id, descending=True),
)
# What a row says of its record.
_ABOUT = (
    joinedload(ArchiveEntry.archived_by),
    joinedload(ArchiveEntry.lead).joinedload(Lead.company),
    joinedload(ArchiveEntry.visit).joinedload(Visit.company),
    joinedload(ArchiveEntry.contact).selectinload(Contact.roles).joinedload(ContactRole.company),
    joinedload(ArchiveEntry.company),
    joinedload(ArchiveEntry.comment).joinedload(Comment.lead).joinedload(Lead.company),
    joinedload(ArchiveEntry.attachment).options(
        joinedload(Attachment.lead).joinedload(Lead.company),
        joinedload(Attachment.visit).joinedload(Visit.company),
        joinedload(Attachment.offer).joinedload(Offer.lead).joinedload(Lead.company),
    ),
    joinedload(ArchiveEntry.view),
    joinedload(ArchiveEntry.event),
)


@dataclass(frozen=True)
class Thing:
    """Something that may come back: what it is called, where it was, who put it away and when.

    ``about`` is its company. ``day``: of a visit, when it was. ``restorable`` and ``purgeable``: by
    this reader.
    """

    entry: str
    kind: Kind
    name: str
    about: str
    at: datetime
    by: str
    reason: str
    restorable: bool
    purgeable: bool
    day: datetime | None = None


def trash_page(actor: Actor, kind: Kind | None, cursor: str | None) -> Page[Thing]:
    """What this person may bring back, the latest first, a page at a time (three queries at most).

    Who purges gets everything, and of what stands on a lead the company's name and no content; who
    oversees the city everything, and no comment or view, which were its author's alone.
    Raises NotFound for a kind that is not for them.
    """
    if kind is not None and kind not in kinds(actor):
        raise NotFound
    wanted = kinds(actor) if kind is None else (kind,)
    which = (of_kind(one) if sees_all(actor) else restorable(actor, one) for one in wanted)
    query = sa.select(ArchiveEntry).where(sa.or_(sa.false(), *which)).options(*_ABOUT)
    if (behind := decode(cursor, (moment, row_key))) is not None:
        query = query.where(after(_NEWEST, behind))
    rows = db.session.scalars(query.order_by(*order_by(_NEWEST)).limit(PAGE + 1)).all()
    shown = [_thing(row, actor) for row in rows[:PAGE]]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    more = encode([last.archived_at, last.id]) if last else None
    return Page(shown, more, lost(cursor, behind))


def purgeable(public_id: str, actor: Actor) -> Thing:
    """What who purges may know of an entry. Raises NotFound."""
    return _thing(entry_or_404(public_id), actor)


def entry_or_404(public_id: str) -> ArchiveEntry:
    """An entry of the trash with its record. Raises NotFound."""
    entry = db.session.scalar(
        sa.select(ArchiveEntry)
        .where(ArchiveEntry.public_id == public_id)
        .options(*_ABOUT)
        .execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFound
    found: ArchiveEntry = entry
    return found


def _thing(entry: ArchiveEntry, actor: Actor) -> Thing:
    kind = kind_of(entry)
    about, name = _CALLED[kind](entry)
    purges = allowed(actor, Right.PURGE)
    # What everybody may read anyway is no content of a lead.
    open_to_all = kind in {Kind.CONTACTS, Kind.COMPANIES, Kind.EVENTS}
    reads_only = oversees(actor)
    told = open_to_all or not (purges or (reads_only and kind in _OWN))
    return Thing(
        entry=entry.public_id,
        kind=kind,
        name=name if told else "",
        about=about,
        at=entry.archived_at,
        by=entry.archived_by.name,
        reason=entry.reason if kind is Kind.COMPANIES or not purges else "",
        restorable=not reads_only and (not purges or kind is Kind.COMPANIES),
        purgeable=purges,
        day=entry.visit.occurred_at if entry.visit and not purges else None,
    )


def _company_of_file(file: Attachment) -> str:
    if file.visit is not None:
        return file.visit.company.short_name
    lead = file.lead or (file.offer.lead if file.offer else None)
    assert lead  # noqa: S101 (it hangs on exactly one record)
    return lead.company.short_name


def _place(contact: Contact) -> str:
    standing = sorted(contact.roles, key=lambda role: (role.to_on is not None, -role.id))
    return standing[0].company.short_name if standing else ""


# What nobody but its author reads once it was taken away.
_OWN = frozenset({Kind.COMMENTS, Kind.VIEWS})
# What a record is about, and what it is called.
_CALLED: dict[Kind, Callable[[Any], tuple[str, str]]] = {
    Kind.LEADS: lambda entry: (entry.lead.company.short_name, entry.lead.project),
    Kind.VISITS: lambda entry: (entry.visit.company.short_name, entry.visit.summary),
    Kind.CONTACTS: lambda entry: (_place(entry.contact), entry.contact.name),
    Kind.COMPANIES: lambda entry: ("", entry.company.name),
    Kind.COMMENTS: lambda entry: (entry.comment.lead.company.short_name, entry.comment.text),
    Kind.FILES: lambda entry: (_company_of_file(entry.attachment), entry.attachment.name),
    Kind.VIEWS: lambda entry: ("", entry.view.name),
    Kind.EVENTS: lambda entry: ("", entry.event.name),
}
