"""Contacts by the thousand: as an import looks for them, brings them and takes them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from crm.access import archived_keys
from crm.clock import local_date
from crm.companies.contacts import ContactInput, known_of
from crm.imports.changes import records_of, referred_to
from models import db
from models.contact import Contact, ContactRole
from models.creating import create, numbered
from models.import_batch import ImportChange
from models.sets import one_of

# What belongs to a person and goes with them; any other table that refers to them keeps them.
_ITS_OWN = frozenset({"contact_role"})
_OF_ROLE = frozenset({"title"})
Record = dict[str, Any]


@dataclass(frozen=True)
class KnownContact:
    """A person at a company as they would be typed; ``away``: they lie in the trash."""

    role_id: int
    typed: ContactInput
    away: bool = False


@dataclass(frozen=True)
class NewContact:
    """A person whom nobody wrote down yet, and whose they are."""

    company_id: int
    typed: ContactInput
    team_id: int | None
    created_by_id: int | None


def people_at(companies: Iterable[int]) -> Mapping[int, Sequence[KnownContact]]:
    """Who is at these companies now, those in the trash too, the first known first."""
    away = Contact.id.in_(archived_keys(Contact))
    query = (
        sa.select(
            *(ContactRole.id, ContactRole.company_id, ContactRole.title, ContactRole.decides),
            *(Contact.name, Contact.phone, Contact.email, Contact.wechat, away.label("away")),
        )
        .join(Contact, Contact.id == ContactRole.contact_id)
        .where(one_of(ContactRole.company_id, companies), ContactRole.to_on.is_(None))
        .order_by(ContactRole.id)
    )
    found: dict[int, list[KnownContact]] = defaultdict(list)
    for row in db.session.execute(query):
        numbers = (row.phone or "", row.email or "", row.wechat or "")
        typed = ContactInput(row.name, row.title, *numbers, decides=row.decides)
        found[row.company_id].append(KnownContact(row.id, typed, row.away))
    return found


def write_down(news: Sequence[NewContact], now: datetime) -> list[int]:
    """Make these people, in order; their keys. ``contacts.problems`` was asked of each."""
    session = db.session()
    contacts = numbered(session, Contact, [_person(new, now) for new in news])
    roles = [
        {
            "contact_id": contact["id"],
            "company_id": new.company_id,
            "title": new.typed.title,
            "decides": new.typed.decides,
            "from_on": local_date(now),
        }
        for contact, new in zip(contacts, news, strict=True)
    ]
    create(session, {Contact: contacts, ContactRole: numbered(session, ContactRole, roles)})
    return [contact["id"] for contact in contacts]


def _person(new: NewContact, now: datetime) -> Record:
    return {
        "name": new.typed.name,
        "phone": new.typed.phone or None,
        "email": new.typed.email or None,
        "wechat": new.typed.wechat or None,
        "team_id": new.team_id,
        "created_by_id": new.created_by_id,
        "created_at": now,
    }


def rewrite(values: Mapping[int, Mapping[str, str]]) -> list[tuple[int, Record, Record]]:
    """Write other values (by role) of people; of each their key, what was and what is."""
    if not values:
        return []
    query = (
        sa.select(ContactRole)
        .where(one_of(ContactRole.id, values))
        .options(joinedload(ContactRole.contact, innerjoin=True))
        .order_by(ContactRole.id)
        .with_for_update()
    )
    found: list[tuple[int, Record, Record]] = []
    for role in db.session.scalars(query):
        wanted = dict(values[role.id])
        known = asdict(known_of(role))
        for name, text in wanted.items():
            _set(role, name, text)
        found.append((role.contact_id, {name: known[name] for name in wanted}, wanted))
    db.session.flush()
    return found


def take_back(changes: Sequence[ImportChange]) -> list[str]:
    """What an import filled in or replaced is as before, where it is still the import's.

    The names of those of whom something was changed since.
    """
    known = _with_places(changes)
    kept = []
    for one in changes:
        contact = known.get(one.subject_id)
        role = next((r for r in contact.roles if r.to_on is None), None) if contact else None
        if role is None or one.before is None or one.after is None:
            continue
        now = asdict(known_of(role))
        still = [name for name, text in one.after.items() if now[name] == text]
        for name in still:
            _set(role, name, one.before[name])
        if len(still) < len(one.after):
            kept.append(role.contact.name)
    db.session.flush()
    return kept


def remove_unused(changes: Sequence[ImportChange], spared: set[int]) -> list[str]:
    """Remove the people whom an import made and nobody has used or changed since.

    Those at the companies ``spared`` stay; the names of the others that had to.
    """
    known = _with_places(changes)
    used = referred_to(Contact, known, _ITS_OWN)
    kept: list[str] = []
    for one in changes:
        contact = known.get(one.subject_id)
        if contact is None:
            continue
        if contact.id in used or not _as_made(contact, one.after):
            kept.append(contact.name)
        elif contact.roles[0].company_id not in spared:
            for record in (*contact.roles, contact):
                db.session.delete(record)
    db.session.flush()
    return kept


def _with_places(changes: Sequence[ImportChange]) -> dict[int, Contact]:
    """The people whom changes are of, locked, with all their places at hand."""
    known = records_of(Contact, changes)
    places: dict[int, list[ContactRole]] = defaultdict(list)
    if known:
        query = sa.select(ContactRole).where(one_of(ContactRole.contact_id, known))
        for role in db.session.scalars(query.order_by(ContactRole.id)):
            places[role.contact_id].append(role)
    for contact in known.values():
        # One statement for all of them, and none for each when it is deleted.
        set_committed_value(contact, "roles", places[contact.id])
        for role in places[contact.id]:
            set_committed_value(role, "contact", contact)
    return known


def _as_made(contact: Contact, after: Record | None) -> bool:
    """Whether a person is where an import put them, and as it wrote them down."""
    here = contact.roles[0] if len(contact.roles) == 1 else None
    return here is not None and here.to_on is None and asdict(known_of(here)) == after


def _set(role: ContactRole, name: str, text: str) -> None:
    if name in _OF_ROLE:
        setattr(role, name, text)
    else:
        setattr(role.contact, name, text or None)
