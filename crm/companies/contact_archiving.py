"""Put a person at a company away, and bring them back. Visits that named them still do."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed, archived_keys, require
from crm.archive import put_away, take_out
from crm.companies.contacts import may_see_numbers, same_person, with_numbers
from crm.errors import NotFound, Refusal
from crm.held import held
from crm.messages import msg
from models import db
from models.archive import ArchiveEntry
from models.contact import Contact, ContactRole


def archive_contact(role: ContactRole, reason: str, actor: Actor, now: datetime) -> ArchiveEntry:
    """Put a person into the trash: offered nowhere and found by no search.

    For who may change what is known of them. Raises NotFound and Refusal.
    """
    require(actor, Right.LOG_VISITS)
    if not may_see_numbers(actor, role):
        raise NotFound
    return put_away(held(Contact, Contact.id == role.contact_id), actor, now, reason)


def contacts_in_trash(actor: Actor) -> sa.ColumnElement[bool]:
    """The people in the trash whom the actor may bring back: whom they put there or may change."""
    if not allowed(actor, Right.LOG_VISITS):
        return sa.false()
    by_them = (
        sa.select(ArchiveEntry.contact_id)
        .where(ArchiveEntry.contact_id.is_not(None), ArchiveEntry.archived_by_id == actor.id)
        .correlate(None)
    )
    theirs = sa.exists().where(ContactRole.contact_id == Contact.id, with_numbers(actor))
    away = Contact.id.in_(archived_keys(Contact))
    return sa.and_(away, sa.or_(Contact.id.in_(by_them), theirs))


def restore_contact(public_id: str, actor: Actor) -> ContactRole:
    """Bring a person back; gives their place at a company, with it.

    Raises NotFound, and Refusal when somebody wrote the same person down meanwhile.
    """
    require(actor, Right.LOG_VISITS)
    contact = held(Contact, Contact.public_id == public_id, contacts_in_trash(actor))
    roles = db.session.scalars(
        sa.select(ContactRole)
        .where(ContactRole.contact_id == contact.id)
        .options(joinedload(ContactRole.company))
        .order_by(ContactRole.to_on.is_not(None), ContactRole.id.desc())
    ).all()
    for role in roles:
        if role.to_on is None and same_person(role.company_id, contact.name, role.title):
            text = msg("这家企业已有联系人“%(name)s”，请直接选。", name=contact.name)
            raise Refusal({}, text, code="contact_exists")
    take_out(contact)
    return roles[0]
