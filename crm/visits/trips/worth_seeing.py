"""Companies worth seeing on the way: targets of the city that nobody reached, or not for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm.access import Actor, present
from crm.clock import local_date
from crm.companies.badges import Badge, badges_of
from crm.messages import Message, Name, msg
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from crm.targets.queries import LeadOf, leading_leads
from crm.visits.trips.rules import COLD_DAYS
from models import db
from models.company import Company
from models.target import ListEdition, ListEntry, TargetList
from models.trip import Trip, TripStop

PAGE = 10
# Behind every rank there is.
_UNRANKED = 2**31 - 1


@dataclass(frozen=True)
class Candidate:
    """A company worth seeing: why, and who holds it."""

    company: Company
    reason: Message
    badges: Sequence[Badge]
    lead: LeadOf | None

    @property
    def lead_id(self) -> str | None:
        """The lead that the reader may open."""
        return self.lead.lead.public_id if self.lead and self.lead.readable else None


def worth_seeing(
    trip: Trip, actor: Actor, now: datetime, cursor: str | None = None, limit: int = PAGE
) -> Page[Candidate]:
    """Targets of the trip's city without a touch in ninety days that are not on the trip yet.

    Those of rewarded lists stand first, each kind by its best rank (three statements and one).
    """
    listed = _listed(trip)
    order = (
        Key(sa.case((Company.rewarded, 0), else_=1)),
        Key(listed.c.rank),
        Key(Company.__table__.c.id),
    )
    on_it = sa.select(TripStop.company_id).where(TripStop.trip_id == trip.id)
    cold = now - timedelta(days=COLD_DAYS)
    query = (
        sa.select(Company, *(key.column for key in order[:2]))
        .join(listed, listed.c.company_id == Company.id)
        .where(
            Company.merged_into_id.is_(None),
            present(Company),
            Company.id.not_in(on_it),
            sa.or_(Company.last_touch_at.is_(None), Company.last_touch_at < cold),
        )
        .order_by(*order_by(order))
        .limit(limit + 1)
    )
    if (values := decode(cursor, (row_key, row_key, row_key))) is not None:
        query = query.where(after(order, values))
    rows = db.session.execute(query).all()
    shown = rows[:limit]
    more = encode((shown[-1][1], shown[-1][2], shown[-1][0].id)) if len(rows) > limit else None
    keys = [row[0].id for row in shown]
    leads, badges, best = leading_leads(keys, actor), badges_of(keys), _best(keys)
    return Page(
        [
            Candidate(
                company,
                _reason(company, best.get(company.id), now),
                badges[company.id],
                leads.get(company.id),
            )
            for company, _rewarded, _rank in shown
        ],
        more,
    )


def _wanted_entries(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(ListEntry)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.wanted)
    )


def _listed(trip: Trip) -> sa.Subquery:
    """The targets of the city with their best rank on any wanted list."""
    here = sa.select(Company.id).where(
        Company.id == ListEntry.company_id, Company.place_id == trip.place_id
    )
    rank = sa.func.min(sa.func.coalesce(ListEntry.rank, _UNRANKED)).label("rank")
    return (
        _wanted_entries(ListEntry.company_id, rank)
        .where(here.exists())
        .group_by(ListEntry.company_id)
        .subquery()
    )


def _best(keys: Sequence[int]) -> dict[int, Any]:
    """Of each company the entry that speaks for it: of a rewarded list first, then by rank."""
    rows = db.session.execute(
        _wanted_entries(
            ListEntry.company_id,
            ListEntry.rank,
            TargetList.short_zh,
            TargetList.short_en,
            ListEdition.year,
        )
        .where(ListEntry.company_id.in_(keys))
        .order_by(
            TargetList.rewarded.desc(),
            sa.func.coalesce(ListEntry.rank, _UNRANKED),
            ListEdition.year.desc(),
            ListEntry.id,
        )
    )
    found: dict[int, Any] = {}
    for row in rows:
        found.setdefault(row.company_id, row)
    return found


def _reason(company: Company, entry: Any, now: datetime) -> Message:
    """Why to go there, in one sentence."""
    stands = _stands(entry)
    if company.last_touch_at is None:
        return msg("%(list)s，还没有人接触过", list=stands)
    days = (local_date(now) - local_date(company.last_touch_at)).days
    return msg("%(list)s，%(n)s 天没有接触", list=stands, n=days)


def _stands(entry: Any) -> Message:
    name = Name(entry.short_zh, entry.short_en)
    if entry.rank is None:
        return msg("%(list)s %(year)s", list=name, year=str(entry.year))
    return msg("%(list)s %(year)s 第 %(rank)s 名", list=name, year=str(entry.year), rank=entry.rank)
