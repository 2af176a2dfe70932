"""People at companies; their numbers for who may see them."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.companies import contacts
from crm.companies.contact_archiving import archive_contact
from crm.companies.queries import company_or_404
from models.contact import ContactRole
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.companies import (
    ContactChangesSchema,
    ContactQuery,
    ContactSchema,
    NewContactSchema,
)
from views.guard import actor

noun = Noun("contacts", "Contacts: people at companies, and how they are reached.")

_NUMBERS = ("phone", "email", "wechat")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ContactQuery, location="query")
@noun.pages(ContactSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List contacts

    Of one company or of all, those who are there now. Phone, mail and WeChat are null where
    `numbers_visible` is false: they are for who may read a lead of the company, and for the team
    that wrote them down.
    """
    company = company_or_404(query["company"]) if "company" in query else None
    cursor = answers.check_cursor(query.get("cursor"), (answers.row_key,))
    among = company.id if company else None
    found = contacts.contacts_page(among, limit=query["limit"], cursor=cursor)
    seen = contacts.numbers_seen(actor(), found.items)
    rows = [_row(role, role.id in seen) for role in found.items]
    return answers.page(found, rows)


@noun.get("/<id:contact_id>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(ContactSchema)
def show(contact_id: str) -> Response:
    """Get a contact"""
    return answers.read(_dumped(contacts.present_role(contact_id)))


@noun.post("")
@noun.needs(Right.LOG_VISITS)
@noun.arguments(NewContactSchema)
@noun.makes(ContactSchema)
def create(sent: dict[str, Any]) -> Response:
    """Write down a contact

    Who has the same name and title at the company already is refused.
    """

    def make() -> Response:
        with answers.named("company"):
            company = company_or_404(sent["company"])
        typed = _typed(sent, contacts.ContactInput(""))
        contact = contacts.add_contact(company, typed, actor(), clock.now()).contact
        dumped = _dumped(contacts.present_role(contact.public_id))
        return answers.made(dumped, f"contacts/{contact.public_id}")

    return answers.once(make)


@noun.patch("/<id:contact_id>")
@noun.needs(Right.LOG_VISITS)
@noun.arguments(ContactChangesSchema)
@noun.answers(ContactSchema)
def change(sent: dict[str, Any], contact_id: str) -> Response:
    """Change a contact

    For who may see the numbers; for others there is no such record to change (404).
    """
    role = answers.matched(lambda: contacts.held_role(contact_id, actor()), _dumped)
    contacts.edit_contact(role, _typed(sent, contacts.known_of(role)), actor())
    return answers.changed(_dumped(role))


@noun.delete("/<id:contact_id>")
@noun.needs(Right.LOG_VISITS)
@noun.gone
def remove(contact_id: str) -> Response:
    """Put a contact away

    For who may change it. No list offers the person any more; visits that named them still do. It
    lies in the trash and can be brought back there.
    """
    role = answers.matched(lambda: contacts.held_role(contact_id, actor()), _dumped)
    archive_contact(role, "", actor(), clock.now())
    return answers.gone()


def _typed(sent: dict[str, Any], before: contacts.ContactInput) -> contacts.ContactInput:
    """What is sent over what was there; null is nothing."""
    values = {name: sent[name] if sent[name] is not None else "" for name in sent}
    values.pop("company", None)
    return contacts.ContactInput(**{**vars(before), **values})


def _dumped(role: ContactRole) -> dict[str, Any]:
    visible = contacts.may_see_numbers(actor(), role)
    dumped: dict[str, Any] = ContactSchema().dump(_row(role, visible))
    return dumped


def _row(role: ContactRole, visible: bool) -> dict[str, Any]:
    contact = role.contact
    numbers = {name: getattr(contact, name) if visible else None for name in _NUMBERS}
    return {
        "contact": {"public_id": contact.public_id, "name": contact.name, **numbers},
        "company": {"public_id": role.company.public_id},
        "title": role.title,
        "decides": role.decides,
        "numbers_visible": visible,
    }
