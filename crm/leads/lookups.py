"""Finds the rows that codes and public ids in an input name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.access import held_on
from crm.companies.reserving import find_or_reserve
from crm.companies.service import create_company
from crm.companies.survivors import company_of, survivor
from crm.errors import Refusal
from crm.leads.inputs import Errors
from crm.messages import msg
from models import db
from models.base import PUBLIC_ID
from models.channel import Channel
from models.company import Company
from models.enums import Role
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import Membership, User

OWNERS = (Role.SCOUT, Role.TEAM_LEAD, Role.MANAGER)


def segment_id(code: str, errors: Errors) -> int | None:
    """The chain segment of that code."""
    return by_code(Segment, code, "segment", errors)


def channel_id(code: str, errors: Errors) -> int | None:
    """The source channel of that code."""
    return by_code(Channel, code, "channel", errors)


def team_id(code: str, errors: Errors) -> int | None:
    """The team of that code."""
    return by_code(Team, code, "team", errors)


def by_code(model: type[Any], code: str, field: str, errors: Errors) -> int | None:
    """The key of the row of that code; none without one, a sentence at the field for another."""
    if not code:
        return None
    found: int | None = db.session.scalar(sa.select(model.id).where(model.code == code))
    if found is None:
        errors[field] = [msg("没有代码为“%(code)s”的这一项，请核对。", code=code[:64])]
    return found


def place_ids(choice: str, errors: Errors) -> tuple[int | None, int | None]:
    """District and park of one choice, ``park:CODE`` or ``district:CODE``; a park sets both."""
    kind, _, code = choice.partition(":")
    row: Any = None
    if kind == "park":
        query = sa.select(Park.district_id, Park.id).where(Park.code == code)
        row = db.session.execute(query).one_or_none()
    elif kind == "district":
        found = sa.select(District.id, sa.null()).where(District.code == code)
        row = db.session.execute(found).one_or_none()
    if row is None:
        if choice:
            errors["district"] = [msg("没有这个区县或园区，请从列表里选。")]
        return None, None
    return row[0], row[1]


def place_choice(sent: dict[str, Any], district_id: int | None = None) -> str | None:
    """District and park, two fields where machines send them, as the one choice of ``place_ids``;
    None: neither was sent.

    ``district_id`` is where the record is now: with a park taken away it stays in its district.
    Raises Refusal for a park that is none or elsewhere.
    """
    district, park = sent.get("district", ...), sent.get("park", ...)
    if (district, park) == (..., ...):
        return None
    if park not in {None, ...}:
        of_park = _district_of(park)
        if of_park is None:
            raise Refusal({"park": [msg("没有代码为“%(code)s”的这一项，请核对。", code=park)]})
        if district not in {of_park, ...}:
            raise Refusal({"park": [msg("这个园区不在这个区县，请核对。")]})
        return f"park:{park}"
    if district is ... and district_id is not None:
        district = db.session.get_one(District, district_id).code
    return f"district:{district}" if district not in {None, ...} else ""


def _district_of(park: str) -> str | None:
    query = sa.select(District.code).join(Park, Park.district_id == District.id)
    code: str | None = db.session.scalar(query.where(Park.code == park))
    return code


def person(public_id: str, field: str, errors: Errors) -> User | None:
    """The active account of that id."""
    if not public_id:
        return None
    query = sa.select(User).where(User.public_id == public_id, User.active.is_(True))
    found: User | None = db.session.scalar(query)
    if found is None:
        errors[field] = [msg("没有这个人，或账号已停用，请从列表里选。")]
    return found


def may_own(user: User, team: int, today: date) -> bool:
    """A lead of a team is owned by somebody of that team, or by a manager."""
    if user.role is Role.MANAGER:
        return True
    member = sa.select(Membership.id).where(
        Membership.user_id == user.id,
        Membership.team_id == team,
        held_on(today),
    )
    return user.role in OWNERS and db.session.scalar(member) is not None


def find_or_make_company(text: str, errors: Errors, now: datetime) -> Company | None:
    """The company of that public id or name; a name nobody has written down makes a company."""
    text = text.strip()
    if not text:
        return None
    if company := company_of(text):
        return company
    if PUBLIC_ID.fullmatch(text):
        errors["company"] = [msg("没有找到这家企业，请重新选。")]
        return None
    bearer = find_or_reserve(text)
    return survivor(bearer) if bearer else _made(text, errors, now)


def _made(name: str, errors: Errors, now: datetime) -> Company | None:
    try:
        return create_company(name, now=now)
    except Refusal as refusal:
        errors["company"] = refusal.texts
        return None
