"""What the pages about target lists read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, present, visible_leads
from crm.errors import NotFound
from crm.leads.stages import position, stage_name
from crm.messages import Name
from crm.paging import Key, Page, after, chunks, decode, encode, lost, order_by, row_key
from crm.targets.states import EntryState, covered, state_column
from models import db
from models.company import Company
from models.enums import MatchState, Status
from models.lead import Lead
from models.target import ListEdition, ListEntry, TargetList

PAGE_SIZE = 50
UNDECIDED_SHOWN = 10
_LAST = 2**31 - 1

_ORDER = (Key(sa.func.coalesce(ListEntry.rank, _LAST)), Key(ListEntry.__table__.c.id))


@dataclass(frozen=True)
class Standing:
    """How an edition stands: entries by state, those covered, those nobody has decided."""

    states: Mapping[EntryState, int] = field(default_factory=dict)
    covered: int = 0
    undecided: int = 0

    @property
    def entries(self) -> int:
        """All entries; those without a company stay in the denominator of coverage."""
        return sum(self.states.values())

    @property
    def decided(self) -> int:
        """Entries that are a company."""
        return self.entries - self.undecided

    @property
    def coverage(self) -> int:
        """Covered entries of all, in per cent, rounded down: 100 means all."""
        return self.covered * 100 // self.entries if self.entries else 0


@dataclass(frozen=True)
class Filters:
    """Which entries a page shows."""

    state: EntryState | None = None
    covered: bool = False
    undecided: bool | None = None
    query: str = ""


@dataclass(frozen=True)
class LeadOf:
    """The lead that leads at a company: everybody may know who holds it; few may open it."""

    lead: Lead
    readable: bool

    @property
    def stage(self) -> Name:
        """What people call its stage."""
        return stage_name(self.lead.stage)


@dataclass(frozen=True)
class EntryRow:
    """An entry as the page shows it."""

    entry: ListEntry
    state: EntryState
    lead: LeadOf | None


def lists() -> list[TargetList]:
    """Every list, in order."""
    return list(db.session.scalars(sa.select(TargetList).order_by(TargetList.sort, TargetList.id)))


def editions() -> dict[int, list[ListEdition]]:
    """The editions of each list, the latest first."""
    found: dict[int, list[ListEdition]] = defaultdict(list)
    query = sa.select(ListEdition).order_by(ListEdition.year.desc())
    for edition in db.session.scalars(query):
        found[edition.list_id].append(edition)
    return found


def edition_or_404(list_code: str, year: int) -> ListEdition:
    """An edition with its list; NotFound when there is none."""
    found: ListEdition | None = db.session.scalar(
        sa.select(ListEdition)
        .join(ListEdition.target_list)
        .where(TargetList.code == list_code, ListEdition.year == year)
        .options(joinedload(ListEdition.target_list))
    )
    if found is None:
        raise NotFound
    return found


def standings(now: datetime, edition_id: int | None = None) -> dict[int, Standing]:
    """How each edition (or one) stands; one query, whatever the number of lists."""
    one = sa.case((covered(now), 1), else_=0)
    open_ = sa.case((ListEntry.match_state == MatchState.UNDECIDED, 1), else_=0)
    rows = sa.select(
        ListEntry.edition_id,
        state_column(now).label("state"),
        one.label("one"),
        open_.label("open"),
    ).outerjoin(Company, Company.id == ListEntry.company_id)
    if edition_id is not None:
        rows = rows.where(ListEntry.edition_id == edition_id)
    each = rows.subquery()
    query = sa.select(
        each.c.edition_id,
        each.c.state,
        sa.func.count(),
        sa.func.sum(each.c.one),
        sa.func.sum(each.c.open),
    ).group_by(each.c.edition_id, each.c.state)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row[0]].append(row)
    return {
        key: Standing(
            states={EntryState(row[1]): row[2] for row in parts},
            covered=sum(row[3] for row in parts),
            undecided=sum(row[4] for row in parts),
        )
        for key, parts in found.items()
    }


def entries_page(
    edition: ListEdition,
    filters: Filters,
    actor: Actor,
    now: datetime,
    cursor: str | None,
    limit: int = PAGE_SIZE,
) -> Page[EntryRow]:
    """Entries by rank, those without one at the end, with the lead of each company."""
    query = _entries(edition, filters, now).order_by(*order_by(_ORDER)).limit(limit + 1)
    if (values := decode(cursor, (row_key, row_key))) is not None:
        query = query.where(after(_ORDER, values))
    rows = db.session.execute(query).all()
    shown = rows[:limit]
    more = None
    if len(rows) > limit:
        last = shown[-1][0]
        more = encode((_LAST if last.rank is None else last.rank, last.id))
    return Page(_rows_of(shown, actor), more, lost(cursor, values))


def every_entry(
    edition: ListEdition, filters: Filters, actor: Actor, now: datetime
) -> Iterator[EntryRow]:
    """The whole edition in the same order, some hundred entries at a time."""
    query = _entries(edition, filters, now).order_by(*order_by(_ORDER))
    for part in chunks(query):
        yield from _rows_of(part, actor)


def _entries(edition: ListEdition, filters: Filters, now: datetime) -> sa.Select[ListEntry, int]:
    return (
        sa.select(ListEntry, state_column(now))
        .outerjoin(Company, Company.id == ListEntry.company_id)
        .where(*conditions_of(edition, filters, now))
        .options(
            joinedload(ListEntry.company).joinedload(Company.place), joinedload(ListEntry.team)
        )
    )


def _rows_of(found: Sequence[Any], actor: Actor) -> list[EntryRow]:
    leads = leading_leads((row[0].company_id for row in found), actor)
    return [
        EntryRow(entry, EntryState(state), leads.get(entry.company_id)) for entry, state in found
    ]


def entries_total(edition: ListEdition, filters: Filters, now: datetime) -> int:
    """How many entries the filters leave."""
    query = (
        sa.select(sa.func.count())
        .select_from(ListEntry)
        .outerjoin(Company, Company.id == ListEntry.company_id)
        .where(*conditions_of(edition, filters, now))
    )
    return db.session.scalar(query) or 0


def undecided(edition: ListEdition) -> list[ListEntry]:
    """The first entries that wait for a person, with the company beside each."""
    query = (
        sa.select(ListEntry)
        .where(ListEntry.edition_id == edition.id, ListEntry.match_state == MatchState.UNDECIDED)
        .options(joinedload(ListEntry.alike).joinedload(Company.place))
        .order_by(*order_by(_ORDER))
        .limit(UNDECIDED_SHOWN)
    )
    return list(db.session.scalars(query))


def leading_leads(company_ids: Iterable[int | None], actor: Actor) -> dict[int | None, LeadOf]:
    """Of each company the lead that is farthest on, and whether the actor may open it."""
    wanted = {key for key in company_ids if key is not None}
    if not wanted:
        return {}
    query = (
        sa.select(Lead, visible_leads(actor))
        .where(Lead.company_id.in_(wanted), Lead.status != Status.LOST, present())
        .options(joinedload(Lead.owner), joinedload(Lead.team))
        .order_by(Lead.id)
    )
    found: dict[int | None, LeadOf] = {}
    for lead, readable in db.session.execute(query):
        before = found.get(lead.company_id)
        if before is None or position(lead.stage) > position(before.lead.stage):
            found[lead.company_id] = LeadOf(lead, bool(readable))
    return found


@dataclass(frozen=True)
class Side:
    """What is known of the company beside a doubtful row."""

    company: Company
    entries: list[ListEntry]
    lead: LeadOf | None


def side_of(public_id: str, actor: Actor) -> Side | None:
    """A company with its place, its lists and its lead, to be put beside a row."""
    company = db.session.scalar(
        sa.select(Company)
        .where(Company.public_id == public_id, present(Company))
        .options(joinedload(Company.place))
    )
    if company is None:
        return None
    entries = db.session.scalars(
        sa.select(ListEntry)
        .where(ListEntry.company_id == company.id)
        .options(joinedload(ListEntry.edition).joinedload(ListEdition.target_list))
        .order_by(ListEntry.id.desc())
        .limit(3)
    ).all()
    return Side(company, list(entries), leading_leads([company.id], actor).get(company.id))


def conditions_of(
    edition: ListEdition, filters: Filters, now: datetime
) -> list[sa.ColumnElement[bool]]:
    """What the filters ask of an entry; the query joins Company to it from outside."""
    found: list[sa.ColumnElement[bool]] = [ListEntry.edition_id == edition.id]
    if filters.state is not None:
        found.append(state_column(now) == int(filters.state))
    if filters.covered:
        found.append(covered(now))
    if filters.undecided is not None:
        open_ = ListEntry.match_state == MatchState.UNDECIDED
        found.append(open_ if filters.undecided else ~open_)
    if filters.query:
        word = filters.query.lower()
        found.append(
            sa.or_(
                sa.func.lower(ListEntry.name).contains(word, autoescape=True),
                sa.func.lower(Company.short_name).contains(word, autoescape=True),
            )
        )
    return found
