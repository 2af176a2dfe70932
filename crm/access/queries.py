"""What the pages about accounts read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from crm.access.actor import held_on
from crm.paging import Key, Page, after, decode, encode, lost, order_by
from models import db
from models.message import RefusedAddress
from models.place import Park
from models.team import Team
from models.user import Membership, User

PAGE_SIZE = 50
_ORDER = (Key(User.__table__.c.name), Key(User.__table__.c.id))


def accounts_page(today: date, cursor: str | None = None) -> Page[User]:
    """Accounts by name with where they belong, a page at a time."""
    found = sa.select(User).options(_places(today)).order_by(*order_by(_ORDER)).limit(PAGE_SIZE + 1)
    if (values := decode(cursor, (str, int))) is not None:
        found = found.where(after(_ORDER, values))
    rows = db.session.scalars(found).all()
    shown = rows[:PAGE_SIZE]
    more = encode((shown[-1].name, shown[-1].id)) if len(rows) > PAGE_SIZE else None
    return Page(shown, more, lost(cursor, values))


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
