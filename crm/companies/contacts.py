"""People at companies: who they are, what they are there, and how they are reached."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed, present, require, visible_leads
from crm.clock import local_date
from crm.companies.survivors import still_itself
from crm.errors import NotFound, Refusal
from crm.held import held
from crm.messages import Message, msg
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from crm.texts import too_long
from crm.together import Read, merged
from models import db
from models.company import Company
from models.contact import Contact, ContactRole
from models.lead import Lead
from models.sets import one_of_chunk

LONGEST = {"name": 64, "title": 64, "phone": 32, "email": 254, "wechat": 64}
MOST_SHOWN = 200

_BY_ID = (Key(ContactRole.__table__.c.id),)
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{3,30}(?:(?:转|ext\.?|x) ?[0-9]{1,6})?", re.IGNORECASE)
_WECHAT = re.compile(r"[A-Za-z0-9_\-]{5,64}|1[0-9]{10}")
LABELS = {
    "name": msg("姓名"),
    "title": msg("职务"),
    "phone": msg("电话"),
    "email": msg("邮箱"),
    "wechat": msg("微信号"),
}


@dataclass(frozen=True)
class ContactInput:
    """A person as typed; only the name is needed. ``decides``: this person has the last word."""

    name: str
    title: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    decides: bool = False

    def stripped(self) -> ContactInput:
        """Without the spaces around what was typed."""
        texts = {name: getattr(self, name).strip() for name in LONGEST}
        return ContactInput(**texts, decides=self.decides)


def add_contact(company: Company, typed: ContactInput, actor: Actor, now: datetime) -> ContactRole:
    """Write down a person at a company.

    Raises Forbidden, and Refusal when a value can not be right or the person is there already,
    or when the company has become one with another.
    """
    require(actor, Right.LOG_VISITS)
    typed = typed.stripped()
    errors = problems(typed)
    if not errors and same_person(company.id, typed.name, typed.title):
        errors["name"] = [msg("这家企业已有联系人“%(name)s”，请直接选。", name=typed.name)]
    if errors:
        raise Refusal(errors)
    still_itself(company.id)
    contact = Contact(team_id=actor.team, created_by_id=actor.id, created_at=now)
    role = ContactRole(contact=contact, company_id=company.id, from_on=local_date(now))
    _write(contact, role, typed)
    db.session.add_all((contact, role))
    db.session.flush()
    return role


def known_of(role: ContactRole) -> ContactInput:
    """A person as they would be typed."""
    numbers = {name: getattr(role.contact, name) or "" for name in ("phone", "email", "wechat")}
    return ContactInput(role.contact.name, role.title, decides=role.decides, **numbers)


def edit_contact(
    role: ContactRole, typed: ContactInput, actor: Actor, read: Read | None = None
) -> None:
    """Change what is known of a person; only who may see their numbers may change them.

    ``read`` is what somebody had read of them. Raises Forbidden (the role logs no visits), NotFound
    (numbers that the actor may not see), Refusal, and Stale for what two changed.
    """
    require(actor, Right.LOG_VISITS)
    _lock(role)
    if not may_see_numbers(actor, role):
        raise NotFound
    known = asdict(known_of(role))
    typed = ContactInput(**merged(known, asdict(typed.stripped()), read, [role.contact, role]))
    if errors := problems(typed):
        raise Refusal(errors)
    _write(role.contact, role, typed)
    db.session.flush()


def problems(typed: ContactInput) -> dict[str, list[Message]]:
    """What is wrong with a person as typed (stripped), by field."""
    found: dict[str, list[Message]] = {}
    if not typed.name:
        found["name"] = [msg("请填联系人姓名。")]
    for name, most in LONGEST.items():
        if wrong := too_long(getattr(typed, name), most, LABELS[name]):
            found[name] = [wrong]
    if typed.phone and not _PHONE.fullmatch(typed.phone):
        found.setdefault("phone", [msg("电话只用数字、空格和“-”，分机写作“转 801”。请核对。")])
    if typed.wechat and not _WECHAT.fullmatch(typed.wechat):
        found.setdefault("wechat", [msg("微信号是字母、数字、“_”或“-”，5 位以上。请核对。")])
    if typed.email and not _is_email(typed.email):
        found.setdefault("email", [msg("请填完整的邮箱，例如 name@jiaxing.example。")])
    return found


def stands() -> sa.ColumnElement[bool]:
    """Of places at a company those that hold now, of people who are not in the trash."""
    return sa.and_(ContactRole.to_on.is_(None), present(Contact, ContactRole.contact_id))


def contacts_of(company_id: int) -> list[ContactRole]:
    """Who is at a company now: who decides first, then by name (one query)."""
    query = (
        sa.select(ContactRole)
        .join(ContactRole.contact)
        .where(ContactRole.company_id == company_id, stands())
        .options(joinedload(ContactRole.contact))
        .order_by(ContactRole.decides.desc(), Contact.name, ContactRole.id)
        .limit(MOST_SHOWN)
    )
    return list(db.session.scalars(query))


def told_apart(people: Iterable[ContactRole]) -> dict[str, str]:
    """What each is called where one of them is chosen, by public id: two of one name by title."""
    roles = list(people)
    bearing = Counter(role.contact.name for role in roles)
    return {
        role.contact.public_id: f"{role.contact.name} {role.title}".strip()
        if bearing[role.contact.name] > 1
        else role.contact.name
        for role in roles
    }


def contact_at(company: Company, public_id: str) -> ContactRole:
    """A person's present place at a company; NotFound when there is none."""
    return _latest(public_id, ContactRole.company_id == company.id)


def contacts_page(
    company_id: int | None = None, *, limit: int, cursor: str | None = None
) -> Page[ContactRole]:
    """Who is at a company now, or at any, the first known first, a page at a time (one query)."""
    of_company = present(Company, ContactRole.company_id)
    if company_id is not None:
        of_company = ContactRole.company_id == company_id
    query = (
        sa.select(ContactRole)
        .where(of_company, stands())
        .options(joinedload(ContactRole.contact), joinedload(ContactRole.company))
        .order_by(*order_by(_BY_ID))
        .limit(limit + 1)
    )
    if (values := decode(cursor, (row_key,))) is not None:
        query = query.where(after(_BY_ID, values))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].id]) if len(rows) > limit else None)


def present_role(public_id: str) -> ContactRole:
    """Where a person is now, with the company; NotFound when there is no such person."""
    among = present(Company, ContactRole.company_id)
    return _latest(public_id, among, joinedload(ContactRole.company))


def _latest(
    public_id: str, among: sa.ColumnElement[bool], *options: sa.sql.base.ExecutableOption
) -> ContactRole:
    """The last of a person's places that stand. Raises NotFound."""
    query = (
        sa.select(ContactRole)
        .join(ContactRole.contact)
        .where(Contact.public_id == public_id, stands(), among)
        .options(joinedload(ContactRole.contact), *options)
        .order_by(ContactRole.id.desc())
        .limit(1)
    )
    role: ContactRole | None = db.session.scalar(query)
    if role is None:
        raise NotFound
    return role


def held_role(public_id: str, actor: Actor) -> ContactRole:
    """Where a person is now, their row held, for who may change them. Raises NotFound."""
    require(actor, Right.LOG_VISITS)
    held(Contact, Contact.public_id == public_id)
    role = present_role(public_id)
    if not may_see_numbers(actor, role):
        raise NotFound
    return role


def may_see_numbers(actor: Actor, role: ContactRole) -> bool:
    """Whether a person's numbers are shown: to who may read a lead of the company."""
    return wrote_down(actor, role.contact) or sees_leads_of(actor, role.company_id)


def wrote_down(actor: Actor, contact: Contact) -> bool:
    """Whether the actor or the actor's team brought the contact: one may read what one wrote."""
    return contact.created_by_id == actor.id or contact.team_id in actor.teams


def sees_leads_of(actor: Actor, company_id: int) -> bool:
    """Whether the actor may read the content of some lead of the company, lost ones too."""
    query = sa.select(sa.literal(1)).where(
        sa.exists().where(Lead.company_id == company_id, visible_leads(actor))
    )
    return db.session.scalar(query) is not None


def with_numbers(actor: Actor) -> sa.ColumnElement[bool]:
    """``may_see_numbers`` as a condition, of people beside their place at a company."""
    if not allowed(actor, Right.READ_LEADS):
        return sa.false()
    of_lead = sa.exists().where(Lead.company_id == ContactRole.company_id, visible_leads(actor))
    return sa.or_(Contact.team_id.in_(actor.teams), Contact.created_by_id == actor.id, of_lead)


def numbers_seen(actor: Actor, roles: Collection[ContactRole]) -> set[int]:
    """Of people at companies the ids of whose numbers the actor may see (one query)."""
    of_these = one_of_chunk(ContactRole.id, [role.id for role in roles])
    query = sa.select(ContactRole.id).join(ContactRole.contact)
    return set(db.session.scalars(query.where(of_these, with_numbers(actor)))) if roles else set()


def same_person(company_id: int, name: str, title: str) -> bool:
    """Whether somebody of that name and title is at the company now."""
    query = (
        sa.select(ContactRole.id)
        .join(ContactRole.contact)
        .where(
            ContactRole.company_id == company_id,
            stands(),
            Contact.name == name,
            ContactRole.title == title,
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def _lock(role: ContactRole) -> None:
    """Hold the person's row, then read both rows again (SQLite began with the write lock)."""
    of_person = sa.select(Contact).where(Contact.id == role.contact_id).with_for_update(of=Contact)
    of_role = (
        sa.select(ContactRole)
        .where(ContactRole.id == role.id)
        .options(joinedload(ContactRole.contact), joinedload(ContactRole.company))
    )
    for query in (of_person, of_role):
        db.session.scalars(query.execution_options(populate_existing=True)).one()


def _write(contact: Contact, role: ContactRole, typed: ContactInput) -> None:
    contact.name = typed.name
    contact.phone = typed.phone or None
    contact.email = typed.email or None
    contact.wechat = typed.wechat or None
    role.title = typed.title
    role.decides = typed.decides


def _is_email(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
