"""What the pages about the chain read. A parent counts its own and its descendants' together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, Right, allowed, present, visible_leads
from crm.chain.companies import company_counts
from crm.chain.targets import target_ids
from crm.errors import NotFound
from models import db
from models.company import Company, CompanySegment
from models.enums import Stage, Status
from models.lead import Lead
from models.place import Park
from models.segment import Segment, SegmentLink, SegmentPark


@dataclass(frozen=True)
class Counts:
    """How many stand on a segment and below: companies, targets among them, leads, landed ones."""

    companies: int = 0
    targets: int = 0
    leads: int = 0
    landed: int = 0


@dataclass(frozen=True)
class Node:
    """A segment in the tree."""

    segment: Segment
    counts: Counts
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Neighbour:
    """A segment that supplies or buys; ``by_policy`` when the policy says so, else judged so."""

    segment: Segment
    by_policy: bool
    clause: str | None


@dataclass(frozen=True)
class Panel:
    """A segment with its place in the chain."""

    segment: Segment
    counts: Counts
    above: Sequence[Segment]
    below: Sequence[Segment]
    suppliers: Sequence[Neighbour]
    customers: Sequence[Neighbour]
    parks: Sequence[Park]


def tree(actor: Actor) -> list[Node]:
    """All segments with their counts (three queries); leads are those the actor may read."""
    segments = all_segments()
    counts = _counts(segments, actor)
    nodes = {s.id: Node(s, counts[s.id]) for s in segments}
    roots: list[Node] = []
    for segment in segments:
        siblings = nodes[segment.parent_id].children if segment.parent_id else roots
        siblings.append(nodes[segment.id])
    return roots


def panel(code: str, actor: Actor) -> Panel:
    """A segment by its code, with its place in the chain; NotFound for an unknown code."""
    segments = all_segments()
    chosen = next((s for s in segments if s.code == code), None)
    if chosen is None:
        raise NotFound
    by_id = {s.id: s for s in segments}
    links = db.session.scalars(
        sa.select(SegmentLink)
        .where(sa.or_(SegmentLink.supplier_id == chosen.id, SegmentLink.customer_id == chosen.id))
        .order_by(SegmentLink.id)
    ).all()
    return Panel(
        segment=chosen,
        counts=_counts(segments, actor)[chosen.id],
        above=[s for s in segments if s is not chosen and chosen.path.startswith(s.path)],
        below=[s for s in segments if s.parent_id == chosen.id],
        suppliers=[_neighbour(by_id[li.supplier_id], li) for li in links if _buys(chosen, li)],
        customers=[_neighbour(by_id[li.customer_id], li) for li in links if not _buys(chosen, li)],
        parks=_parks(chosen),
    )


def all_segments() -> Sequence[Segment]:
    """Every segment, parents before their children."""
    return db.session.scalars(sa.select(Segment).order_by(Segment.sort)).all()


def leads_in(segment: Segment, actor: Actor, limit: int) -> Sequence[Lead]:
    """Leads on a segment and below that are not lost, of those the actor may read."""
    if not allowed(actor, Right.READ_LEADS):
        return []
    within = sa.select(Segment.id).where(Segment.path.startswith(segment.path))
    return db.session.scalars(
        sa.select(Lead)
        .where(Lead.segment_id.in_(within), Lead.status != Status.LOST, visible_leads(actor))
        .options(joinedload(Lead.company), joinedload(Lead.owner))
        .order_by(Lead.updated_at.desc(), Lead.id.desc())
        .limit(limit)
    ).all()


def companies_in(segment: Segment, limit: int) -> Sequence[Company]:
    """Companies that do a segment or one below it: targets first, rewarded ones before them."""
    is_target = sa.case((Company.id.in_(target_ids()), 0), else_=1)
    return db.session.scalars(
        sa.select(Company)
        .where(
            Company.merged_into_id.is_(None),
            present(Company),
            Company.id.in_(
                sa.select(CompanySegment.company_id)
                .join(Segment, Segment.id == CompanySegment.segment_id)
                .where(Segment.path.startswith(segment.path))
            ),
        )
        .options(joinedload(Company.place))
        .order_by(Company.rewarded.desc(), is_target, Company.cadence_days, Company.id)
        .limit(limit)
    ).all()


def _counts(segments: Sequence[Segment], actor: Actor) -> dict[int, Counts]:
    companies, leads = company_counts(segments), _lead_counts(segments, actor)
    return {s.id: Counts(*companies.get(s.id, (0, 0)), *leads.get(s.id, (0, 0))) for s in segments}


def _lead_counts(segments: Sequence[Segment], actor: Actor) -> dict[int, tuple[int, int]]:
    """Leads on their way, and landed ones beside them (one query); each has one segment."""
    if not allowed(actor, Right.READ_LEADS):
        return {}
    rows = db.session.execute(
        sa.select(Lead.segment_id, Lead.stage, sa.func.count())
        .where(Lead.status != Status.LOST, visible_leads(actor))
        .group_by(Lead.segment_id, Lead.stage)
    )
    own: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for key, stage, n in rows:
        own[key][stage is Stage.LANDED] += n
    return {
        top.id: (
            sum(own[s.id][0] for s in segments if s.path.startswith(top.path)),
            sum(own[s.id][1] for s in segments if s.path.startswith(top.path)),
        )
        for top in segments
    }


def _buys(chosen: Segment, link: SegmentLink) -> bool:
    return link.customer_id == chosen.id


def _neighbour(segment: Segment, link: SegmentLink) -> Neighbour:
    return Neighbour(segment, link.source == "policy", link.clause)


def _parks(segment: Segment) -> Sequence[Park]:
    return db.session.scalars(
        sa.select(Park)
        .join(SegmentPark, SegmentPark.park_id == Park.id)
        .where(SegmentPark.segment_id == segment.id)
        .order_by(Park.position)
    ).all()
