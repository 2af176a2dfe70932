"""What the pages about accounts read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm.access import held_on
from crm.access.words import ROLE_WORDS
from crm.audit import history
from crm.errors import NotFound
from crm.messages import Message, Name, Value, msg
from crm.paging import Page, decode, encode, lost, row_key, word
from crm.pinyin import by_sound
from models import db
from models.audit import Change
from models.enums import Role
from models.message import RefusedAddress
from models.user import Membership, User

PAGE_SIZE = 50
_LABELS = {"name": msg("姓名"), "email": msg("邮箱"), "role": msg("角色")}


def accounts_page(today: date, cursor: str | None = None) -> Page[User]:
    """Accounts by the sound of their names with where they belong, a page at a time.

    Databases do not know how Chinese is read: the names of all accounts are put in order here, and
    those of the page are loaded.
    """
    rows = db.session.execute(sa.select(User.id, User.name)).all()
    order = sorted((by_sound(row.name), row.id) for row in rows)
    start = decode(cursor, (word, row_key))
    if start is not None:
        order = [key for key in order if key > (by_sound(start[0]), start[1])]
    keys = [key[1] for key in order[:PAGE_SIZE]]
    found = db.session.scalars(sa.select(User).where(User.id.in_(keys)).options(_places(today)))
    users = {user.id: user for user in found}
    shown = [users[key] for key in keys]
    more = encode((shown[-1].name, shown[-1].id)) if len(order) > PAGE_SIZE else None
    return Page(shown, more, lost(cursor, start))


def refused_addresses(emails: Iterable[str]) -> dict[str, str]:
    """Which of these addresses take no mail, with what the server said."""
    found = sa.select(RefusedAddress.address, RefusedAddress.reply).where(
        RefusedAddress.address.in_(list(emails))
    )
    return {row.address: row.reply for row in db.session.execute(found)}


def account_or_404(public_id: str) -> User:
    """One account by its public id. Raises NotFound."""
    user: User | None = db.session.scalar(sa.select(User).where(User.public_id == public_id))
    if user is None:
        raise NotFound
    return user


def account_with_places(user_id: int, today: date) -> User:
    """One account with where it belongs."""
    found = sa.select(User).where(User.id == user_id).options(_places(today))
    return db.session.execute(found.execution_options(populate_existing=True)).scalar_one()


def _places(today: date) -> ExecutableOption:
    """Load where a person belongs today."""
    return selectinload(User.memberships.and_(held_on(today))).options(
        selectinload(Membership.team),
        selectinload(Membership.park),
        selectinload(Membership.district),
    )


@dataclass(frozen=True)
class Edit:
    """What somebody did to an account at one moment; ``who`` is empty for a command."""

    at: datetime
    who: str
    lines: tuple[Message, ...]


def edits_of(user: User) -> list[Edit]:
    """The newest edits of an account and of where it belongs (two statements), the last first."""
    query = (
        sa.select(Membership)
        .where(Membership.user_id == user.id)
        .options(*(joinedload(part) for part in (Membership.team, Membership.park)))
        .options(joinedload(Membership.district))
    )
    places = {one.id: _place(one) for one in db.session.scalars(query)}
    found = history.edits(
        sa.or_(
            sa.and_(
                history.of(user),
                Change.field.in_(("*", *_LABELS, "active", "password")),
            ),
            sa.and_(
                Change.subject == Membership.audit_subject,
                Change.subject_id.in_(list(places)),
                Change.field.in_(("*", "to_on")),
            ),
        )
    )
    return [
        Edit(edit.at, edit.who, tuple(_said(change, places) for change in edit.changes))
        for edit in found
    ]


def _place(membership: Membership) -> Name:
    place: Any = membership.team or membership.park or membership.district
    return Name(place.zh, place.en)


def _said(change: Change, places: dict[int, Name]) -> Message:
    """One change of an account in words; of a password the trail has only that it changed."""
    if change.subject == Membership.audit_subject:
        place = places[change.subject_id]
        joined = change.field == "*"
        return msg("加入%(place)s", place=place) if joined else msg("离开%(place)s", place=place)
    if change.field in _LABELS:
        before, after = (_value(change.field, value) for value in (change.before, change.after))
        label = _LABELS[change.field]
        return msg("%(field)s：%(before)s → %(after)s", field=label, before=before, after=after)
    if change.field == "active":
        return msg("账号启用") if change.after else msg("账号停用")
    return msg("换了密码") if change.field == "password" else msg("账号开通")


def _value(field: str, value: Any) -> Value:
    return ROLE_WORDS[Role(value)] if field == "role" else str(value)
