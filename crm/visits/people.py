"""Who was there: theirs (contacts) and ours (companions)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm.access import Actor, present
from crm.companies.contacts import ContactInput, add_contact, problems
from crm.errors import Refusal
from crm.messages import Message, msg
from models import db
from models.company import Company
from models.contact import Contact, ContactRole
from models.user import User


@dataclass(frozen=True)
class NewPerson:
    """Somebody of theirs who was met for the first time."""

    name: str
    title: str = ""
    phone: str = ""


def their_people(
    company: Company,
    known: Sequence[str],
    new: Sequence[NewPerson],
    actor: Actor,
    now: datetime,
    kept: Collection[int] = (),
) -> list[int]:
    """The keys of the contacts who were met; new people become contacts of the company.

    ``known`` are public ids. A name that the company's contacts already have is that contact.
    ``kept``: who stands there already may stay, wherever they are now. Raises Refusal when one is
    nobody of this company.
    """
    theirs = sa.or_(Contact.id.in_(_of_company(company.id)), Contact.id.in_(kept))
    keys = list(
        db.session.scalars(
            sa.select(Contact.id).where(Contact.public_id.in_(known), theirs).order_by(Contact.id)
        )
    )
    if len(keys) < len(set(known)):
        raise Refusal({"contacts": [msg("有一位不是这家企业的联系人，请重新选。")]})
    for person in new:
        key = _of_that_name(company.id, person.name) or _add(company, person, actor, now)
        keys.append(key)
    return list(dict.fromkeys(keys))


def wrong_people(new: Iterable[NewPerson]) -> dict[str, list[Message]]:
    """What is wrong with people who are met for the first time, by the form's own names."""
    wrong: dict[str, list[Message]] = {}
    for person in new:
        wrong |= _of_form(problems(_typed(person).stripped()))
    return wrong


def our_people(companions: Sequence[str], author_id: int, kept: Collection[int] = ()) -> list[int]:
    """The keys of the colleagues who come along, without the author. Refusal for a stranger.

    ``kept``: who stands there already may stay without an account.
    """
    wanted = set(companions)
    known = sa.or_(User.active, User.id.in_(kept))
    found = db.session.scalars(
        sa.select(User.id).where(User.public_id.in_(wanted), known).order_by(User.id)
    ).all()
    if len(found) < len(wanted):
        raise Refusal({"companions": [msg("有一位同去的人没有账号，请重新选。")]})
    return [key for key in found if key != author_id]


def _of_company(company_id: int) -> sa.Select[int]:
    return sa.select(ContactRole.contact_id).where(
        ContactRole.company_id == company_id, present(Contact, ContactRole.contact_id)
    )


def _of_that_name(company_id: int, name: str) -> int | None:
    found: int | None = db.session.scalar(
        sa.select(Contact.id)
        .where(Contact.name == name.strip(), Contact.id.in_(_of_company(company_id)))
        .order_by(Contact.id)
        .limit(1)
    )
    return found


def _add(company: Company, person: NewPerson, actor: Actor, now: datetime) -> int:
    try:
        return add_contact(company, _typed(person), actor, now).contact_id
    except Refusal as refusal:
        raise Refusal(_of_form(refusal.errors)) from None


def _typed(person: NewPerson) -> ContactInput:
    return ContactInput(person.name, person.title, person.phone)


def _of_form(errors: Mapping[str, Sequence[Message]]) -> dict[str, list[Message]]:
    """A visit's form names these fields apart from its own."""
    return {f"new_{name}": list(texts) for name, texts in errors.items()}
