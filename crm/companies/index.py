"""Keeps ``lead_token`` and ``contact_token``, what leads and people are found by, in each flush.

A lead is found by what its company is found by, copied, and by its project: in its team, and in
those that share in its credit. A person is found by name and number in every team that may read the
number: the one that wrote the person down, and those that have a lead of the company, or a share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.access import present
from crm.companies.keys import TOKEN_COLUMNS
from crm.companies.tokens import in_order, number_tokens, tokens
from models.archive import ArchiveEntry
from models.company import Company, CompanyToken, TokenScope
from models.contact import Contact, ContactRole
from models.creating import Created
from models.enums import Status
from models.flushed import before, changed, follow, records_of
from models.lead import CreditShare, Lead
from models.sets import insert_missing, one_of, or_nothing, write_rows
from models.token import NO_TEAM, ContactToken, LeadToken

_AT_ONCE = 5_000
_ORDER = TokenScope.ORDER.value
_OF_LEAD = ("team_id", "owner_id", "company_id", "project")
_OF_CONTACT = ("name", "phone", "team_id")
_OF_ROLE = ("company_id", "to_on")
_LEAD_TOKEN = ("team_id", "token", "lead_id", "owner_id", "lost")
_CONTACT_TOKEN = ("team_id", "token", "contact_id")
LeadRow = tuple[int, str, int, int, bool]
ContactRow = tuple[int, str, int]


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _find_created)


def rebuild(session: Session) -> None:
    """Write both anew from the leads and people, and where companies stand in lists by name
    (a command, and after a bulk load).
    """
    connection = session.connection()
    for table in (LeadToken, ContactToken):
        connection.execute(sa.delete(table))
    gone = _of_gone(CompanyToken.company_id, Company)
    connection.execute(sa.delete(CompanyToken).where(sa.or_(gone, CompanyToken.scope == _ORDER)))
    names = connection.execute(sa.select(Company.id, Company.short_name).where(present(Company)))
    places = sorted((_ORDER, in_order(name), key) for key, name in names)
    _write(connection, CompanyToken, TOKEN_COLUMNS, places)
    for some in _parts(connection.execute(_named(sa.true()))):
        _write(connection, LeadToken, _LEAD_TOKEN, _project_rows(some))
    _copy_company_tokens(connection, sa.true())
    for keys in _parts(connection.scalars(sa.select(Contact.id).order_by(Contact.id))):
        _write(connection, ContactToken, _CONTACT_TOKEN, sorted(_wanted(connection, keys)))


def unfindable(session: Session) -> int:
    """How many leads are not found though their company is, or stand in no list by name: none,
    unless written past a session.
    """
    in_order = sa.exists().where(
        CompanyToken.company_id == Lead.company_id, CompanyToken.scope == _ORDER
    )
    named = sa.exists().where(
        CompanyToken.company_id == Lead.company_id, CompanyToken.scope == TokenScope.FIND.value
    )
    found = sa.exists().where(
        LeadToken.lead_id == Lead.id,
        LeadToken.owner_id == Lead.owner_id,
        LeadToken.lost == _LOST,
    )
    own = sa.select(Lead.id).where(named, ~found.where(LeadToken.team_id == Lead.team_id))
    shared = _shared(sa.select(Lead.id)).where(
        named, ~found.where(LeadToken.team_id == CreditShare.team_id)
    )
    missing = own.union(shared, sa.select(Lead.id).where(~in_order)).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(missing)) or 0


def of_nobody(session: Session) -> int:
    """How many tokens are of records that are gone: none, unless these were deleted past a session.

    They find nothing, for what is found is read again; they only take room.
    """
    counted = (
        sa.select(sa.func.count()).select_from(key.class_).where(_of_gone(key, noun))
        for key, noun in _KEYS
    )
    return sum(session.scalars(sa.union_all(*counted)))


def refresh_leads_of(session: Session, company_id: int) -> None:
    """Write anew what the leads of a company are found by, after it got another name or code."""
    connection = session.connection()
    keys = connection.scalars(sa.select(Lead.id).where(Lead.company_id == company_id)).all()
    _refresh_leads(connection, set(keys))


def _keep(session: Session, _flush: Any) -> None:
    leads, companies = _changed_leads(session)
    contacts = _changed_contacts(session)
    shared = _changed_shares(session)
    if not (leads or companies or contacts or shared or session.deleted):
        return
    connection = session.connection()
    if shared:
        leads |= shared
        companies |= _companies_of(connection, shared)
    if leads:
        _refresh_leads(connection, leads)
    contacts |= _people_at(connection, companies)
    if contacts:
        _refresh_contacts(connection, contacts)
    for key, noun in _KEYS:
        _forget(connection, key, records_of(noun, session.deleted))


def _find_created(session: Session, created: Created) -> None:
    """The same of records that were made as rows: nothing stands there of what nobody knew."""
    connection = session.connection()
    leads, roles = created.get(Lead, ()), created.get(ContactRole, ())
    shared = {row["lead_id"] for row in created.get(CreditShare, ())}
    if leads:
        keys = one_of(Lead.id, {row["id"] for row in leads})
        copied = sa.insert(LeadToken).from_select(_LEAD_TOKEN, _company_tokens(keys))
        connection.execute(copied)
        named = [
            (r["team_id"], r["id"], r["owner_id"], r["status"] is Status.LOST, r["project"])
            for r in leads
            if r["project"]
        ]
        _insert(connection, LeadToken, _LEAD_TOKEN, _project_rows(named))
    _refresh_leads(connection, shared)
    new = {row["id"] for row in created.get(Contact, ())}
    at = {row["company_id"] for row in leads} | _companies_of(connection, shared)
    known = _people_at(connection, at)
    known |= {row["contact_id"] for row in roles}
    if known - new:
        _refresh_contacts(connection, known - new)
    if new:
        _write(connection, ContactToken, _CONTACT_TOKEN, sorted(_wanted(connection, new)))


def _changed_leads(session: Session) -> tuple[set[int], set[int]]:
    """The leads to write anew, and the companies at which another team has a lead now."""
    leads: set[int] = set()
    companies: set[int] = set()
    for lead in records_of(Lead, session.new):
        leads.add(lead.id)
        companies.add(lead.company_id)
    for lead in records_of(Lead, session.dirty):
        if changed(lead, _OF_LEAD) or _lost_or_found(lead):
            leads.add(lead.id)
        if changed(lead, ("team_id", "company_id")):
            companies |= {lead.company_id, *before(lead, "company_id")}
    companies |= {lead.company_id for lead in records_of(Lead, session.deleted)}
    return leads, companies


def _changed_contacts(session: Session) -> set[int]:
    found = {contact.id for contact in records_of(Contact, session.new)}
    found |= {c.id for c in records_of(Contact, session.dirty) if changed(c, _OF_CONTACT)}
    # Who lies in the trash is not found.
    found |= {
        e.contact_id for e in records_of(ArchiveEntry, session.new) if e.contact_id is not None
    }
    found |= {
        e.contact_id for e in records_of(ArchiveEntry, session.deleted) if e.contact_id is not None
    }
    found |= {role.contact_id for role in records_of(ContactRole, session.new)}
    found |= {role.contact_id for role in records_of(ContactRole, session.deleted)}
    found |= {r.contact_id for r in records_of(ContactRole, session.dirty) if changed(r, _OF_ROLE)}
    return found - {contact.id for contact in records_of(Contact, session.deleted)}


def _changed_shares(session: Session) -> set[int]:
    """The leads in whose credit another team shares now, or one less."""
    found = {s.lead_id for s in records_of(CreditShare, (*session.new, *session.deleted))}
    for share in records_of(CreditShare, session.dirty):
        if changed(share, ("team_id", "lead_id")):
            found |= {share.lead_id, *before(share, "lead_id")}
    return found - {lead.id for lead in records_of(Lead, session.deleted)}


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def _lost_or_found(lead: Lead) -> bool:
    return any(
        (was is Status.LOST) != (lead.status is Status.LOST) for was in before(lead, "status")
    )


_KEYS: tuple[tuple[Any, type[Any]], ...] = (
    (LeadToken.lead_id, Lead),
    (ContactToken.contact_id, Contact),
    (CompanyToken.company_id, Company),
)
_LOST = Lead.status == Status.LOST
_LEAD = (Lead.team_id, Lead.id, Lead.owner_id, _LOST, Lead.project)


def _refresh_leads(connection: sa.Connection, keys: set[int]) -> None:
    """Out with the old, in with the new; who changes a lead has locked it."""
    if not keys:
        return
    connection.execute(sa.delete(LeadToken).where(one_of(LeadToken.lead_id, keys)))
    rows = _project_rows(connection.execute(_named(one_of(Lead.id, keys))).all())
    _insert(connection, LeadToken, _LEAD_TOKEN, rows)
    _copy_company_tokens(connection, one_of(Lead.id, keys))


def _named(which: sa.ColumnElement[bool]) -> Any:
    """Leads with a project, in each team that finds them."""
    own = sa.select(*_LEAD).where(which, Lead.project != "")
    shared = _shared(sa.select(CreditShare.team_id, *_LEAD[1:]).select_from(Lead)).where(
        which, Lead.project != ""
    )
    return own.union(shared).order_by("id")


def _shared(query: sa.Select[Any]) -> sa.Select[Any]:
    """Of leads in whose credit another team shares, with each such team."""
    return query.join(CreditShare, CreditShare.lead_id == Lead.id).where(
        CreditShare.team_id.is_not(None), CreditShare.team_id != Lead.team_id
    )


def _project_rows(leads: Iterable[Any]) -> list[LeadRow]:
    return [
        (team_id, token, key, owner_id, lost)
        for team_id, key, owner_id, lost, project in leads
        for token in sorted(tokens(project))
    ]


def _copy_company_tokens(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Under the teams of each of these leads what its company is found by; the project's stay."""
    anew = or_nothing(connection, LeadToken.__table__)
    connection.execute(anew.from_select(_LEAD_TOKEN, _company_tokens(which)))
    shared = _shared(_company_tokens(which, CreditShare.team_id))
    connection.execute(anew.from_select(_LEAD_TOKEN, shared))


def _company_tokens(which: sa.ColumnElement[bool], team: Any = Lead.team_id) -> sa.Select[Any]:
    return (
        sa.select(team, CompanyToken.token, Lead.id, Lead.owner_id, _LOST)
        .join_from(Lead, CompanyToken, CompanyToken.company_id == Lead.company_id)
        # Not by the scope alone, which SQLite would read whole: from each lead to its company's.
        .where(CompanyToken.scope + 0 == TokenScope.FIND.value, which)
        .order_by(team, CompanyToken.token, Lead.id)
    )


def _refresh_contacts(connection: sa.Connection, keys: set[int]) -> None:
    """Only what differs is written: two teams that meet at a company do not wait for each other."""
    ContactKey = tuple(ContactToken.__table__.primary_key)  # noqa: N806 (the columns of a key)
    there = connection.execute(sa.select(*ContactKey).where(one_of(ContactToken.contact_id, keys)))
    known = {(row.team_id, row.token, row.contact_id) for row in there}
    wanted = _wanted(connection, keys)
    gone = sorted(known - wanted)
    if gone:
        same = (column == sa.bindparam(f"old_{column.name}") for column in ContactKey)
        names = [f"old_{name}" for name in _CONTACT_TOKEN]
        rows = [dict(zip(names, row, strict=True)) for row in gone]
        connection.execute(sa.delete(ContactToken).where(*same), rows)
    _insert(connection, ContactToken, _CONTACT_TOKEN, sorted(wanted - known))


def _wanted(connection: sa.Connection, keys: Iterable[int]) -> set[ContactRow]:
    """What must stand there for these people."""
    wanted = set(keys)
    teams = _teams_at(connection, wanted)
    people = sa.select(Contact.id, Contact.name, Contact.phone, Contact.team_id).where(
        one_of(Contact.id, wanted), present(Contact)
    )
    return {
        (team, token, key)
        for key, name, phone, team_id in connection.execute(people)
        for token in tokens(name) | number_tokens(phone)
        for team in teams[key] | ({team_id} if team_id else set()) or {NO_TEAM}
    }


def _people_at(connection: sa.Connection, companies: set[int]) -> set[int]:
    if not companies:
        return set()
    at = sa.select(ContactRole.contact_id).where(one_of(ContactRole.company_id, companies))
    return set(connection.scalars(at))


def _companies_of(connection: sa.Connection, leads: set[int]) -> set[int]:
    if not leads:
        return set()
    return set(connection.scalars(sa.select(Lead.company_id).where(one_of(Lead.id, leads))))


def _of_gone(key: Any, noun: type[Any]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(noun.id == key)


def _forget(connection: sa.Connection, key: Any, records: Iterable[Any]) -> None:
    """What is gone is not found: no foreign key says so, see decision 12."""
    gone = {record.id for record in records}
    if gone:
        connection.execute(sa.delete(key.class_).where(one_of(key, gone)))


def _teams_at(connection: sa.Connection, keys: set[int]) -> dict[int, set[int]]:
    """The teams that have a lead, or share in one, of the company where a person is now."""
    found: dict[int, set[int]] = defaultdict(set)
    at = sa.and_(one_of(ContactRole.contact_id, keys), ContactRole.to_on.is_(None))
    of_company = Lead.company_id == ContactRole.company_id
    query = sa.select(ContactRole.contact_id, Lead.team_id).join(Lead, of_company).where(at)
    shared = (
        sa.select(ContactRole.contact_id, CreditShare.team_id)
        .join(Lead, of_company)
        .join(CreditShare, CreditShare.lead_id == Lead.id)
        .where(at, CreditShare.team_id.is_not(None))
    )
    for key, team_id in connection.execute(query.union(shared)):
        found[key].add(team_id)
    return found


def _write(
    connection: sa.Connection, model: type[Any], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows of which none is there yet."""
    write_rows(connection, model.__table__, names, rows)


def _insert(
    connection: sa.Connection, model: type[Any], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Somebody else may have written the same row a moment before."""
    values = [dict(zip(names, row, strict=True)) for row in rows]
    insert_missing(connection, model.__table__, values)
