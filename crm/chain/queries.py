"""What the pages about the chain read. A parent counts its own and its descendants' together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import (
    Actor,
    Right,
    allowed,
    first_by_team,
    present,
    sees_the_city,
    visible_leads,
    visible_parts,
)
from crm.chain.companies import Tops, company_count, company_counts, gone, tops_of
from crm.chain.rules import IN_TALKS, LANDED, SIGNED_ONLY
from crm.chain.targets import target_ids
from crm.errors import NotFound
from models import db
from models.company import Company, CompanySegment
from models.enums import Status
from models.lead import Lead, LeadEntity
from models.place import Park
from models.segment import Segment, SegmentJudgement, SegmentLeads, SegmentLink, SegmentPark
from models.sets import among
from models.target import ListEntry

# Written into the statement, not sent beside it, or no index of those that stand would fit.
_STANDS = Lead.status != sa.literal_column(f"'{Status.LOST}'")
# Leads in talks, signed and landed where there are none.
_NONE = (0, 0, 0)
# As many of what was judged of a segment before are shown.
_EARLIER = 20


@dataclass(frozen=True)
class Counts:
    """How many stand on a segment and below: companies, targets among them; leads in talks, signed
    ones on their way, and landed ones (``crm.chain.rules``)."""

    companies: int = 0
    targets: int = 0
    leads: int = 0
    signed: int = 0
    landed: int = 0

    @property
    def standing(self) -> int:
        """All leads that are not lost."""
        return self.leads + self.signed + self.landed


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
    segments: Sequence[Segment]
    """All there are, and all links between them: what is judged of one follows from the others."""
    links: Sequence[SegmentLink]


def tree(actor: Actor) -> list[Node]:
    """All segments with their counts (seven statements); leads are those the actor may read."""
    segments = all_segments()
    counts = _counts(segments, actor)
    nodes = {s.id: Node(s, counts[s.id]) for s in segments}
    roots: list[Node] = []
    for segment in segments:
        siblings = nodes[segment.parent_id].children if segment.parent_id else roots
        siblings.append(nodes[segment.id])
    return roots


def segment_or_404(code: str) -> Segment:
    """A segment by its code; NotFound for an unknown one."""
    found = db.session.scalar(sa.select(Segment).filter_by(code=code))
    if found is None:
        raise NotFound
    return found


def panel(code: str, actor: Actor) -> Panel:
    """A segment by its code, with its place in the chain; NotFound for an unknown code."""
    segments = all_segments()
    chosen = next((s for s in segments if s.code == code), None)
    if chosen is None:
        raise NotFound
    by_id = {s.id: s for s in segments}
    links = all_links()
    return Panel(
        segment=chosen,
        counts=_counts_of(chosen, segments, actor),
        above=[s for s in segments if s is not chosen and chosen.path.startswith(s.path)],
        below=[s for s in segments if s.parent_id == chosen.id],
        suppliers=[
            _neighbour(by_id[li.supplier_id], li) for li in links if li.customer_id == chosen.id
        ],
        customers=[
            _neighbour(by_id[li.customer_id], li) for li in links if li.supplier_id == chosen.id
        ],
        parks=_parks(chosen),
        segments=segments,
        links=links,
    )


def all_segments() -> Sequence[Segment]:
    """Every segment, parents before their children."""
    return db.session.scalars(sa.select(Segment).order_by(Segment.sort)).all()


def all_links() -> Sequence[SegmentLink]:
    """Who supplies whom, link by link."""
    return db.session.scalars(sa.select(SegmentLink).order_by(SegmentLink.id)).all()


def standing_judgements() -> Mapping[int, SegmentJudgement]:
    """What managers judged otherwise, with who said it, by the segment's key (one statement)."""
    found = db.session.scalars(with_people().where(SegmentJudgement.withdrawn_at.is_(None)))
    return {judgement.segment_id: judgement for judgement in found}


def earlier_judgements(segment: Segment) -> Sequence[SegmentJudgement]:
    """What was judged of a segment and withdrawn since, the latest first (one statement)."""
    mine = SegmentJudgement.segment_id == segment.id
    return db.session.scalars(
        with_people()
        .where(mine, SegmentJudgement.withdrawn_at.is_not(None))
        .order_by(SegmentJudgement.id.desc())
        .limit(_EARLIER)
    ).all()


def judgement_or_404(code: str, public_id: str) -> SegmentJudgement:
    """A judgement of that segment, whether it stands or not; NotFound."""
    of_segment = sa.select(Segment.id).filter_by(code=code).scalar_subquery()
    found: SegmentJudgement | None = db.session.scalar(
        with_people().where(
            SegmentJudgement.segment_id == of_segment, SegmentJudgement.public_id == public_id
        )
    )
    if found is None:
        raise NotFound
    return found


def with_people() -> sa.Select[SegmentJudgement]:
    """Judgements with who said and who withdrew them."""
    return sa.select(SegmentJudgement).options(
        joinedload(SegmentJudgement.said_by), joinedload(SegmentJudgement.withdrawn_by)
    )


def leads_in(segment: Segment, actor: Actor, limit: int) -> Sequence[Lead]:
    """Leads on a segment and below that are not lost, of those the actor may read."""
    if not allowed(actor, Right.READ_LEADS):
        return []
    within = sa.select(Segment.id).where(Segment.path.startswith(segment.path))
    newest = (Lead.updated_at.desc(), Lead.id.desc())
    # Found first and loaded then, as below: what has to be sorted are numbers, not whole rows.
    # Told row by row: the segment's index finds them.
    readable = visible_leads(actor, by_row=True)
    found = sa.select(Lead.id).where(Lead.segment_id.in_(within), _STANDS, readable)
    chosen = found.order_by(*newest).limit(limit).subquery()
    return db.session.scalars(
        sa.select(Lead)
        .join(chosen, chosen.c.id == Lead.id)
        .options(joinedload(Lead.company), joinedload(Lead.owner))
        .order_by(*newest)
    ).all()


def companies_in(segment: Segment, limit: int) -> Sequence[Company]:
    """Companies to go to that do a segment or one below it: targets first, rewarded ones before
    them. Local companies of projects that stand are here already.
    """
    is_target = sa.case((Company.id.in_(target_ids()), 0), else_=1)
    in_order = (Company.rewarded.desc(), is_target, Company.cadence_days, Company.id)
    within = CompanySegment.segment_id.in_(
        sa.select(Segment.id).where(Segment.path.startswith(segment.path))
    )
    # What the order asks for follows from lists: of the very many on none it is that of the keys.
    listed = sa.select(ListEntry.company_id).where(ListEntry.company_id.is_not(None))
    does = sa.exists().where(CompanySegment.company_id == Company.id, within)
    first = (
        sa.select(Company.id)
        .where(among(Company.id, listed.scalar_subquery()), does)
        .where(Company.merged_into_id.is_(None), present(Company), ~_is_local(Company.id))
        .order_by(*in_order)
        .limit(limit)
    )
    key = CompanySegment.company_id
    others = (
        sa.select(key.label("id"))
        .distinct()
        .where(within, key.not_in(listed), ~gone(), ~_is_local(key))
        .order_by(key)
        .limit(limit)
    )
    arms = (sa.select(each.subquery().c.id) for each in (first, others))
    return db.session.scalars(
        sa.select(Company)
        .where(Company.id.in_(sa.union_all(*arms)))
        .options(joinedload(Company.place))
        .order_by(*in_order)
        .limit(limit)
    ).all()


def _is_local(company_id: Any) -> sa.ColumnElement[bool]:
    """Looked up row by row: of very many local companies a list wants to pass over a few."""
    of_lead = sa.and_(Lead.id == LeadEntity.lead_id, _STANDS, present())
    return (
        sa.select(LeadEntity.lead_id)
        .join(Lead, of_lead)
        .where(LeadEntity.company_id == company_id)
        .correlate_except(LeadEntity, Lead)
        .exists()
    )


def _counts(segments: Sequence[Segment], actor: Actor) -> dict[int, Counts]:
    tops = tops_of((s.id, s.parent_id) for s in segments)
    companies, leads = company_counts(tops), _lead_counts(tops, actor)
    return {key: Counts(*companies[key], *leads[key]) for key in tops}


def _counts_of(chosen: Segment, segments: Sequence[Segment], actor: Actor) -> Counts:
    """The same of one segment (three statements, and one more of leads of others)."""
    keys = [s.id for s in segments if s.path.startswith(chosen.path)]
    leads = map(sum, zip(_NONE, *_leads_on(actor, keys).values(), strict=True))
    return Counts(*company_count(chosen.id, keys), *leads)


def _lead_counts(tops: Tops, actor: Actor) -> Mapping[int, Sequence[int]]:
    """Leads in talks, signed and landed ones; each has one segment."""
    counted: defaultdict[int, list[int]] = defaultdict(lambda: [*_NONE])
    for segment, numbers in _leads_on(actor, None).items():
        for top in tops[segment]:
            for at, n in enumerate(numbers):
                counted[top][at] += n
    return counted


def _leads_on(actor: Actor, keys: Sequence[int] | None) -> defaultdict[int, list[int]]:
    """Leads in talks, signed and landed ones by segment, of these segments or all (one query).

    What is a whole team's or the city's is kept (crm/leads/in_chain.py); the rest is counted.
    """
    own: defaultdict[int, list[int]] = defaultdict(lambda: [*_NONE])
    if not allowed(actor, Right.READ_LEADS):
        return own
    numbers_of = [
        sa.func.sum(sa.case((Lead.stage.in_(stages), 1), else_=0))
        for stages in (IN_TALKS, SIGNED_ONLY, LANDED)
    ]
    # In parts, or each of very many leads would be looked up among the shares.
    parts = visible_parts(actor, by_row=True)
    arms: list[Any] = []
    if sees_the_city(actor) or first_by_team(actor):
        whose = sa.true() if sees_the_city(actor) else SegmentLeads.team_id.in_(actor.teams)
        columns = (SegmentLeads.ongoing, SegmentLeads.signed, SegmentLeads.landed)
        kept = sa.select(SegmentLeads.segment_id, *columns)
        arms.append(kept.where(whose, _among(SegmentLeads.segment_id, keys)))
        parts = parts[1:]
    arms += [
        sa.select(Lead.segment_id, *numbers_of)
        .where(_among(Lead.segment_id, keys), _STANDS, part)
        .group_by(Lead.segment_id)
        for part in parts
    ]
    for key, *numbers in db.session.execute(sa.union_all(*arms)):
        for at, n in enumerate(numbers):
            own[key][at] += n
    return own


def _among(column: Any, keys: Sequence[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if keys is None else column.in_(keys)


def _neighbour(segment: Segment, link: SegmentLink) -> Neighbour:
    return Neighbour(segment, link.source == "policy", link.clause)


def _parks(segment: Segment) -> Sequence[Park]:
    return db.session.scalars(
        sa.select(Park)
        .join(SegmentPark, SegmentPark.park_id == Park.id)
        .where(SegmentPark.segment_id == segment.id)
        .order_by(Park.position)
    ).all()
