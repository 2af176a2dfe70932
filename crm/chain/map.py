"""What the drawn chain map reads: the tree with its figures, what is judged of it, its links."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from crm.access import Actor
from crm.chain.companies import tops_of
from crm.chain.drawing import Arrow, Column, arrows, columns
from crm.chain.queries import Node, all_links, standing_judgements, tree
from crm.chain.rules import Ends, Judgement, Standing, judge, most_wanted
from models import db
from models.place import Park
from models.segment import (
    Gap,
    Segment,
    SegmentJudgement,
    SegmentLeads,
    SegmentLink,
    SegmentPark,
)


@dataclass(frozen=True)
class ParkLine:
    """A park with how many of the drawn segments are its focus, and how many of these miss."""

    park: Park
    segments: int
    missing: int


@dataclass(frozen=True)
class ChainMap:
    """The map; figures are those that the reader may open, judgements those of the whole city."""

    roots: list[Node]
    nodes: Mapping[int, Node]
    columns: list[Column]
    arrows: list[Arrow]
    judgements: Mapping[int, Judgement]
    parks: list[ParkLine]
    parks_of: Mapping[int, frozenset[str]]

    @cached_property
    def segments(self) -> Mapping[int, Segment]:
        """Every segment by its key."""
        return {key: node.segment for key, node in self.nodes.items()}

    @cached_property
    def members(self) -> list[Segment]:
        """The drawn segments in the order of the columns; heads and what is folded apart."""
        return [s for column in self.columns for group in column.groups for s in group.members]

    @cached_property
    def gaps(self) -> Counter[Gap]:
        """How many of the drawn segments have which gap."""
        return Counter(self.judgements[s.id].gap for s in self.members)

    @cached_property
    def wanted(self) -> list[Segment]:
        """Missing segments that others here are linked to, those with most projects first."""
        keys = most_wanted(self.judgements, [s.id for s in self.members])
        return [self.nodes[key].segment for key in keys]

    def folded(self, segment: Segment) -> int:
        """How many stand below a drawn segment."""
        return sum(1 for _ in walk(self.nodes[segment.id].children))

    def matching(self, gap: Gap | None, park: str) -> list[Segment] | None:
        """The drawn segments with a gap, in a park's focus, or both; none when neither is asked."""
        if gap is None and not park:
            return None
        return [
            s
            for s in self.members
            if gap in (None, self.judgements[s.id].gap)
            and (not park or park in self.parks_of.get(s.id, ()))
        ]


def chain_map(actor: Actor) -> ChainMap:
    """The whole map (what ``tree`` reads, and four statements more)."""
    roots = tree(actor)
    nodes = {node.segment.id: node for node in walk(roots)}
    segments = [node.segment for node in nodes.values()]
    links = all_links()
    drawn = columns(segments)
    judged = judgements(segments, links, standing_judgements())
    parks, parks_of = _parks(drawn, judged)
    return ChainMap(roots, nodes, drawn, arrows(drawn, segments, links), judged, parks, parks_of)


def judgements(
    segments: Sequence[Segment],
    links: Sequence[SegmentLink],
    said: Mapping[int, SegmentJudgement],
) -> Mapping[int, Judgement]:
    """What is judged of all segments, given with all links between them (one statement).

    ``said``: what managers judged otherwise, by the segment's key.
    """
    ends = [Ends(link.supplier_id, link.customer_id) for link in links]
    gaps = {key: judgement.gap for key, judgement in said.items()}
    return judge(tops_of((s.id, s.parent_id) for s in segments), _standings(), ends, gaps)


def walk(nodes: Sequence[Node]) -> Iterator[Node]:
    """All nodes of a tree, parents before their children."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def _standings() -> Mapping[int, Standing]:
    """What stands on each segment in the whole city; its stage is no secret of a lead."""
    rows = db.session.execute(
        sa.select(
            SegmentLeads.segment_id,
            sa.func.sum(SegmentLeads.landed),
            sa.func.sum(SegmentLeads.signed),
            sa.func.sum(SegmentLeads.ongoing),
        ).group_by(SegmentLeads.segment_id)
    )
    return {key: Standing(*numbers) for key, *numbers in rows}


def _parks(
    drawn: Sequence[Column], judged: Mapping[int, Judgement]
) -> tuple[list[ParkLine], Mapping[int, frozenset[str]]]:
    rows = db.session.execute(
        sa.select(Park, SegmentPark.segment_id)
        .join(SegmentPark, SegmentPark.park_id == Park.id)
        .order_by(Park.position)
    ).all()
    shown = {s.id for column in drawn for group in column.groups for s in group.members}
    of_park: defaultdict[Park, list[int]] = defaultdict(list)
    of_segment: defaultdict[int, set[str]] = defaultdict(set)
    for park, segment in rows:
        if segment in shown:
            of_park[park].append(segment)
            of_segment[segment].add(park.code)
    lines = [
        ParkLine(park, len(keys), sum(judged[k].gap is Gap.MISSING for k in keys))
        for park, keys in of_park.items()
    ]
    return lines, {key: frozenset(codes) for key, codes in of_segment.items()}
