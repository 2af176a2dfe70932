"""What the pages about companies read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.access import Actor, archived_keys, present, visible_leads
from crm.chain.targets import target_ids
from crm.companies.figures import METRIC_WORDS, latest
from crm.companies.names import normal_form
from crm.companies.settled import settled_ids
from crm.companies.suggest import matching
from crm.companies.survivors import survivor
from crm.errors import NotFound
from crm.held import held
from crm.paging import Key, Page, after, chunks, decode, encode, lost, moment, order_by, row_key
from models import db
from models.company import Company, CompanyName, CompanySegment
from models.enums import CompanyKind
from models.lead import Lead
from models.place import Place
from models.segment import Segment
from models.target import ListEdition, ListEntry, TargetList
from models.visit import Visit, VisitLead

PAGE_SIZE = 50
MOST_LEADS = 50

_ORDER = (
    Key(Company.__table__.c.created_at, descending=True),
    Key(Company.__table__.c.id, descending=True),
)


@dataclass(frozen=True)
class Filters:
    """Which companies a list shows. Codes that nobody knows find nothing.

    ``listed`` keeps the targets: companies on a list that the city wants. ``segment`` stands for
    its descendants too. ``query`` is what one would type to find a company. ``settled``: came here
    through a lead that the actor may read (see ``settled_ids``). ``name``: a whole one, however it
    is spelt. ``metric``: such a figure is known of it, of ``least`` or more.
    """

    query: str = ""
    list_code: str = ""
    year: int | None = None
    segment: str = ""
    listed: bool = False
    place: str = ""
    name: str = ""
    credit_code: str = ""
    kind: CompanyKind | None = None
    settled: str = ""
    metric: str = ""
    least: int | None = None

    def without(self, name: str) -> Filters:
        """The same without one of the conditions."""
        return replace(self, **{name: getattr(Filters(), name)})


def companies_page(
    filters: Filters,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    *,
    actor: Actor | None = None,
) -> Page[Company]:
    """Companies with their place, the latest first, a page at a time (one query)."""
    query = (
        sa.select(Company)
        .where(*conditions(filters, actor))
        .options(joinedload(Company.place))
        .order_by(*order_by(_ORDER))
        .limit(limit + 1)
    )
    if (values := decode(cursor, (moment, row_key))) is not None:
        query = query.where(after(_ORDER, values))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    more = None
    if len(rows) > limit:
        more = encode((shown[-1].created_at, shown[-1].id))
    return Page(shown, more, lost(cursor, values))


def every_company(filters: Filters, *, actor: Actor | None = None) -> Iterator[Sequence[Company]]:
    """The whole list in the same order, with their places, some hundred at a time."""
    query = (
        sa.select(Company)
        .where(*conditions(filters, actor))
        .options(joinedload(Company.place))
        .order_by(*order_by(_ORDER))
    )
    for part in chunks(query):
        yield [row[0] for row in part]


def companies_total(filters: Filters, *, actor: Actor | None = None) -> int:
    """How many companies a list holds."""
    # All but those in the trash: to look each of a million up costs three times the count. All
    # there are but the few that were merged: SQLite counts a table's rows without reading them.
    found, merged = _found_by(filters, actor), Company.merged_into_id.is_not(None)
    every = sa.select(sa.func.count()).select_from(Company)
    standing: sa.ColumnElement[int] = (
        every.where(*found).scalar_subquery()
        if len(found) > 1
        else every.scalar_subquery() - every.where(merged).scalar_subquery()
    )
    away = every.where(*found, Company.id.in_(archived_keys(Company))).scalar_subquery()
    return db.session.scalar(sa.select(standing - away)) or 0


def companies_sum(filters: Filters, *, actor: Actor) -> int | None:
    """The metric of the filter, summed over the companies it finds; None without a metric."""
    if filters.metric not in METRIC_WORDS:
        return None
    known = latest(filters.metric, Company.__table__.c.id)
    query = sa.select(sa.func.coalesce(sa.func.sum(known), 0)).select_from(Company)
    return int(db.session.scalar(query.where(*conditions(filters, actor))) or 0)


def conditions(filters: Filters, actor: Actor | None = None) -> list[sa.ColumnElement[bool]]:
    """The filters as conditions; a merged company is nowhere a company of its own.

    Without an actor nobody may read where companies settled.
    """
    return [present(Company), *_known_as(filters), *_found_by(filters, actor)]


def _known_as(filters: Filters) -> Iterator[sa.ColumnElement[bool]]:
    if filters.name:
        called = sa.select(CompanyName.company_id)
        called = called.where(CompanyName.normal_form == normal_form(filters.name))
        yield Company.id.in_(called)
    if filters.credit_code:
        yield Company.credit_code == filters.credit_code.upper()
    if filters.kind:
        yield Company.kind == filters.kind


def _found_by(filters: Filters, actor: Actor | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [Company.merged_into_id.is_(None)]
    if filters.query.strip():
        match = matching(filters.query)
        found.append(sa.false() if match is None else match)
    if filters.list_code:
        found.append(Company.id.in_(_entered(filters.list_code, filters.year)))
    if filters.listed:
        found.append(Company.id.in_(target_ids()))
    if filters.segment:
        found.append(Company.id.in_(_in_segment(filters.segment)))
    if filters.settled:
        found.append(Company.id.in_(settled_ids(actor, filters.settled)) if actor else sa.false())
    if filters.metric:
        known = latest(filters.metric, Company.__table__.c.id)
        least = filters.least
        found.append(known.is_not(None) if least is None else known >= least)
    if filters.place:
        found.append(Company.place_id.in_(sa.select(Place.id).where(Place.code == filters.place)))
    return found


def _entered(code: str, year: int | None) -> sa.Select[int | None]:
    query = (
        sa.select(ListEntry.company_id)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(TargetList.code == code, ListEntry.company_id.is_not(None))
    )
    return query if year is None else query.where(ListEdition.year == year)


def _in_segment(code: str) -> sa.Select[int]:
    chosen = sa.select(Segment.path).where(Segment.code == code).scalar_subquery()
    below = sa.select(Segment.id).where(Segment.path.startswith(chosen))
    return sa.select(CompanySegment.company_id).where(CompanySegment.segment_id.in_(below))


def company_or_404(public_id: str) -> Company:
    """A company with its place and names; a merged one as what it became. Raises NotFound."""
    company = company_as_it_is(public_id)
    target = merged_into(company)
    return company_as_it_is(target.public_id) if target else company


def company_as_it_is(public_id: str) -> Company:
    """The same, but a merged one is given itself: see ``merged_into``."""
    query = (
        sa.select(Company)
        .where(Company.public_id == public_id, present(Company))
        .options(joinedload(Company.place), selectinload(Company.names))
    )
    company: Company | None = db.session.scalar(query)
    if company is None:
        raise NotFound
    return company


def held_company(public_id: str) -> Company:
    """What ``company_or_404`` gives, its row held. Raises NotFound."""
    company = held(Company, Company.public_id == public_id)
    if target := merged_into(company):
        held(Company, Company.id == target.id)
    return company_or_404(public_id)


def merged_into(company: Company) -> Company | None:
    """The company that this one became, when it was merged."""
    return survivor(company) if company.merged_into_id is not None else None


def entries_of(company_id: int) -> list[ListEntry]:
    """On which lists a company stands, the latest year first, then in the lists' order."""
    query = (
        sa.select(ListEntry)
        .join(ListEntry.edition)
        .join(ListEdition.target_list)
        .where(ListEntry.company_id == company_id)
        .options(joinedload(ListEntry.edition).joinedload(ListEdition.target_list))
        .order_by(ListEdition.year.desc(), TargetList.sort, ListEntry.id)
    )
    return list(db.session.scalars(query))


def segments_of(company_id: int) -> list[Segment]:
    """The links of the chain a company does, in the chain's order."""
    query = (
        sa.select(Segment)
        .join(CompanySegment, CompanySegment.segment_id == Segment.id)
        .where(CompanySegment.company_id == company_id)
        .order_by(Segment.path)
    )
    return list(db.session.scalars(query))


def segment_codes(company_ids: Sequence[int]) -> dict[int, list[str]]:
    """The codes of the links each company does, in the chain's order (one query)."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        sa.select(CompanySegment.company_id, Segment.code)
        .join(Segment, Segment.id == CompanySegment.segment_id)
        .where(CompanySegment.company_id.in_(company_ids))
        .order_by(Segment.path)
    )
    for company_id, code in rows:
        found.setdefault(company_id, []).append(code)
    return found


def place_id_of(code: str) -> int | None:
    """The key of the city of that code."""
    found: int | None = db.session.scalar(sa.select(Place.id).where(Place.code == code))
    return found


def unknown_segments(codes: Sequence[str]) -> list[str]:
    """The codes that no link of the chain has."""
    known = set(db.session.scalars(sa.select(Segment.code).where(Segment.code.in_(codes))))
    return [code for code in codes if code not in known]


def visible_leads_of(company_ids: Sequence[int], actor: Actor) -> list[Lead]:
    """The leads of these companies whose content the actor may read, the latest first."""
    if not company_ids:
        return []
    query = (
        sa.select(Lead)
        .where(Lead.company_id.in_(company_ids), visible_leads(actor))
        .options(
            joinedload(Lead.owner),
            joinedload(Lead.team),
            joinedload(Lead.company),
            joinedload(Lead.segment),
        )
        .order_by(Lead.updated_at.desc(), Lead.id.desc())
        .limit(MOST_LEADS)
    )
    return list(db.session.scalars(query))


def editions() -> list[ListEdition]:
    """All editions of all lists, for a choice: in the lists' order, the latest year first."""
    query = (
        sa.select(ListEdition)
        .join(ListEdition.target_list)
        .options(joinedload(ListEdition.target_list))
        .order_by(TargetList.sort, ListEdition.year.desc())
    )
    return list(db.session.scalars(query))


def places() -> list[Place]:
    """The cities companies may sit in, for a choice."""
    return list(db.session.scalars(sa.select(Place).order_by(Place.code)))


def segments() -> list[Segment]:
    """All links of the chain, parents before their children, for a choice."""
    return list(db.session.scalars(sa.select(Segment).order_by(Segment.sort)))


def visible_visits_of(company_id: int, actor: Actor, limit: int = 10) -> list[Visit]:
    """The latest visits to a company that the actor logged or whose leads the actor may read."""
    of_visible_lead = (
        sa.select(VisitLead.lead_id)
        .join(Lead, Lead.id == VisitLead.lead_id)
        .where(VisitLead.visit_id == Visit.id, visible_leads(actor))
        .exists()
    )
    query = (
        sa.select(Visit)
        .where(
            Visit.company_id == company_id,
            sa.or_(Visit.author_id == actor.id, of_visible_lead),
            present(Visit),
        )
        .options(joinedload(Visit.author))
        .order_by(Visit.occurred_at.desc(), Visit.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
