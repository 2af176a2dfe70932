"""Finds and ranks what a query means, within what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import (
    Actor,
    Right,
    allowed,
    present,
    sees_the_city,
    visible_leads,
    visible_visits,
)
from crm.companies.contacts import stands, with_numbers, wrote_down
from crm.companies.finding import FEWEST_CHARACTERS, RANKED, hits, words_of
from crm.companies.suggest import Hit, suggest
from crm.companies.tokens import digits_of
from crm.search.rules import Rank, as_number, rank
from crm.search.shelves import CONTACTS, LEADS, arms
from models import db
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import Status
from models.lead import Lead
from models.visit import Visit, VisitContact

LONGEST_QUERY = 100
# The words of so many visits are read, the latest that one has written (who sees the city: of all).
VISITS_READ = 300
# The visits of so many found companies are looked at.
VISITED = 40


@dataclass(frozen=True)
class Found:
    """What a query found, each kind with the best first."""

    companies: Sequence[Hit] = ()
    leads: Sequence[Lead] = ()
    contacts: Sequence[ContactRole] = ()
    visits: Sequence[Visit] = ()
    query: str = field(default="", kw_only=True)


def normal_query(text: str) -> str:
    """What is looked for: what can be read of it, no longer than a query can be."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_QUERY]


def search(text: str, actor: Actor, limit: int) -> Found:
    """At most ``limit`` of each kind (eight queries, whatever the database holds).

    Companies are everybody's. Leads, visits and people only as far as ``crm.access`` lets the
    actor read a lead's content: a person is found by whom may read the person's number, and then
    by the number too. Visits are found by company, by whom was met, and by the words of the
    latest that one wrote oneself.
    """
    query = normal_query(text)
    if not query:
        return Found()
    companies = suggest(query, RANKED)
    if not allowed(actor, Right.READ_LEADS):
        return Found(companies[:limit], query=query)
    where = arms(actor)
    leads = _leads(query, actor, where.leads)
    contacts = _contacts(query, actor, where.contacts)
    visited = [*(lead.company_id for lead in leads), *(hit.id for hit in companies)]
    return Found(
        companies[:limit],
        leads[:limit],
        contacts[:limit],
        _visits(query, actor, visited, [role.contact_id for role in contacts], limit),
        query=query,
    )


def _leads(query: str, actor: Actor, where: Sequence[Any]) -> list[Lead]:
    found = hits(LEADS, where, query, words_of(query))
    if not found:
        return []
    rows = db.session.scalars(
        sa.select(Lead)
        .where(Lead.id.in_(_first(found)), visible_leads(actor))
        .options(joinedload(Lead.owner), joinedload(Lead.team), joinedload(Lead.company))
    )

    def place(lead: Lead) -> tuple[Rank, int]:
        company = lead.company
        names = (company.short_name, company.name, lead.project)
        whole = f"{company.short_name}{lead.project}"
        own, is_open = lead.owner_id == actor.id, lead.status is not Status.LOST
        at = lead.updated_at
        return rank(query, (*names, whole), own=own, is_open=is_open, at=at), -lead.id

    return sorted(rows, key=place)


def _contacts(query: str, actor: Actor, where: Sequence[Any]) -> list[ContactRole]:
    number = as_number(query)
    # A surname is one character; one letter is not yet a name.
    fewest = FEWEST_CHARACTERS if query.isascii() else 1
    found = hits(CONTACTS, where, number or query, words_of(number or query, fewest))
    if not found:
        return []
    rows = db.session.scalars(
        sa.select(ContactRole)
        .join(ContactRole.contact)
        .where(
            Contact.id.in_(_first(found)),
            stands(),
            present(Company, ContactRole.company_id),
            with_numbers(actor),
        )
        .options(joinedload(ContactRole.contact), joinedload(ContactRole.company))
    )

    def place(role: ContactRole) -> tuple[Rank, int]:
        contact = role.contact
        own, at = wrote_down(actor, contact), contact.created_at
        names = (contact.name, digits_of(contact.phone or ""))
        return rank(number or query, names, own=own, is_open=True, at=at), role.id

    return sorted(rows, key=place)


def _first(found: dict[int, bool]) -> list[int]:
    return list(islice(found, RANKED))


def _visits(
    query: str, actor: Actor, companies: Sequence[int], contacts: Collection[int], limit: int
) -> list[Visit]:
    """The latest visits at these companies, to these people, or in whose words it stands."""
    row = sa.select(Visit.id, Visit.occurred_at)
    ways = []
    if companies:
        some = list(islice(dict.fromkeys(companies), VISITED))
        ways.append(row.where(Visit.company_id.in_(some)))
    if contacts:
        met = VisitContact.contact_id.in_(contacts)
        ways.append(row.join(VisitContact, VisitContact.visit_id == Visit.id).where(met))
    if len(query) >= FEWEST_CHARACTERS:
        latest = sa.select(Visit.id, Visit.occurred_at, Visit.summary)
        if not sees_the_city(actor):
            latest = latest.where(Visit.author_id == actor.id)
        read = latest.order_by(Visit.occurred_at.desc()).limit(VISITS_READ).subquery()
        said = read.c.summary.icontains(query, autoescape=True)
        ways.append(sa.select(read.c.id, read.c.occurred_at).where(said))
    if not ways:
        return []
    found = sa.union(*ways).subquery()
    return list(
        db.session.scalars(
            sa.select(Visit)
            .join(found, found.c.id == Visit.id)
            .where(visible_visits(actor))
            .options(joinedload(Visit.company), joinedload(Visit.author))
            .order_by(found.c.occurred_at.desc(), found.c.id.desc())
            .limit(limit)
        )
    )
