"""The guest list: which guests a page shows, and how many there are of each kind.

A figure and the list that it opens are counted by the same conditions.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.companies.suggest import matching
from crm.messages import Message, msg
from crm.paging import Key, Page, after, chunks, decode, encode, order_by, row_key, word
from models import db
from models.company import Company
from models.contact import Contact
from models.event import Attendance, Event, Invitation, Reply

PAGE = 100
MAX_WORDS = 100
Condition = sa.ColumnElement[bool]

_ORDER = (Key(Company.__table__.c.short_name), Key(Invitation.__table__.c.id))


class Guests(enum.StrEnum):
    """The kinds of guests that one counts and looks for."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WAITING = "waiting"
    ATTENDED = "attended"
    ABSENT = "absent"
    WALK_IN = "walk_in"

    @property
    def words(self) -> Message:
        """As people say it."""
        return _WORDS[self]


_WORDS = {
    Guests.INVITED: msg("邀请"),
    Guests.ACCEPTED: msg("接受"),
    Guests.DECLINED: msg("谢绝"),
    Guests.WAITING: msg("没回复"),
    Guests.ATTENDED: msg("到场"),
    Guests.ABSENT: msg("没来"),
    Guests.WALK_IN: msg("自己来的"),
}
_CONDITIONS: Mapping[Guests, Condition] = {
    Guests.INVITED: sa.not_(Invitation.walk_in),
    Guests.ACCEPTED: Invitation.reply == Reply.ACCEPTED,
    Guests.DECLINED: Invitation.reply == Reply.DECLINED,
    Guests.WAITING: sa.and_(Invitation.reply == Reply.NONE, sa.not_(Invitation.walk_in)),
    Guests.ATTENDED: Invitation.attendance == Attendance.ATTENDED,
    Guests.ABSENT: Invitation.attendance == Attendance.ABSENT,
    Guests.WALK_IN: sa.and_(Invitation.walk_in),
}


@dataclass(frozen=True)
class GuestFilter:
    """Which guests a list shows: a kind, and what was typed of a company's or person's name."""

    kind: Guests | None = None
    q: str = ""

    def as_args(self) -> dict[str, str]:
        """The same as arguments of an address."""
        found = {"kind": self.kind.value if self.kind else "", "q": self.q}
        return {name: value for name, value in found.items() if value}


def read_filter(args: Mapping[str, str]) -> GuestFilter:
    """Read a filter from an address; what nobody knows is left out."""
    kind = args.get("kind", "")
    return GuestFilter(
        Guests(kind) if kind in set(Guests) else None, args.get("q", "").strip()[:MAX_WORDS]
    )


def conditions(event: Event, wanted: GuestFilter) -> list[Condition]:
    """A filter as conditions of a query over invitations with their company and person."""
    found = [Invitation.event_id == event.id]
    if wanted.kind:
        found.append(_CONDITIONS[wanted.kind])
    if wanted.q:
        person = Contact.name.contains(wanted.q, autoescape=True)
        short = Company.short_name.icontains(wanted.q, autoescape=True)
        company = matching(wanted.q, Invitation.company_id)
        found.append(sa.or_(person, short, *(() if company is None else (company,))))
    return found


def guests_page(
    event: Event, wanted: GuestFilter, cursor: str | None, limit: int = PAGE
) -> Page[Invitation]:
    """Guests by their company's name, a page at a time (one statement)."""
    query = _guests(event, wanted).limit(limit + 1)
    if (behind := decode(cursor, (word, row_key))) is not None:
        query = query.where(after(_ORDER, behind))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return Page(shown, encode([last.company.short_name, last.id]) if last else None)


def every_guest(event: Event, wanted: GuestFilter) -> Iterator[Invitation]:
    """The whole list in the same order, some hundred at a time."""
    for part in chunks(_guests(event, wanted)):
        yield from (row[0] for row in part)


def _guests(event: Event, wanted: GuestFilter) -> sa.Select[Invitation]:
    return (
        sa.select(Invitation)
        .join(Invitation.company)
        .outerjoin(Invitation.contact)
        .where(*conditions(event, wanted))
        .options(
            joinedload(Invitation.event),
            joinedload(Invitation.company),
            joinedload(Invitation.contact),
            joinedload(Invitation.invited_by),
            joinedload(Invitation.visit),
        )
        .order_by(*order_by(_ORDER))
    )


def guests_total(event: Event, wanted: GuestFilter) -> int:
    """How many guests a filter finds."""
    query = (
        sa.select(sa.func.count())
        .select_from(Invitation)
        .join(Invitation.company)
        .outerjoin(Invitation.contact)
        .where(*conditions(event, wanted))
    )
    return db.session.scalar(query) or 0


def counts_of(event_ids: list[int]) -> dict[int, dict[Guests, int]]:
    """How many guests of each kind each event has (one statement)."""
    each = [sa.func.sum(sa.case((_CONDITIONS[kind], 1), else_=0)) for kind in Guests]
    rows = db.session.execute(
        sa.select(Invitation.event_id, *each)
        .where(Invitation.event_id.in_(event_ids))
        .group_by(Invitation.event_id)
    )
    found = {key: dict.fromkeys(Guests, 0) for key in event_ids}
    for key, *numbers in rows:
        found[key] = dict(zip(Guests, map(int, numbers), strict=True))
    return found
