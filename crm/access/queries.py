"""What the pages about accounts read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm.access.actor import held_on
from crm.paging import Page, decode, encode, lost
from crm.pinyin import by_sound
from models import db
from models.message import RefusedAddress
from models.place import Park
from models.team import Team
from models.user import Membership, User

PAGE_SIZE = 50


def accounts_page(today: date, cursor: str | None = None) -> Page[User]:
    """Accounts by the sound of their names with where they belong, a page at a time.

    Databases do not know how Chinese is read: the names of all accounts are put in order here, and
    those of the page are loaded.
    """
    rows = db.session.execute(sa.select(User.id, User.name)).all()
    order = sorted((by_sound(row.name), row.id) for row in rows)
    start = decode(cursor, (str, int))
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


def teams() -> list[Team]:
    """The scouting teams, in their order."""
    return list(db.session.scalars(sa.select(Team).order_by(Team.sort, Team.id)))


def parks() -> list[Park]:
    """The parks, in their order."""
    return list(db.session.scalars(sa.select(Park).order_by(Park.position, Park.id)))
