"""The chain map as it is drawn: three columns, two levels of the tree, links between them.

Pure: segments go in, columns of groups come out. A branch that is three levels deep gives its top
away to the column's head, so that what is drawn are always groups with their members.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.segment import Position, Segment, SegmentLink

# Head, members, and what is folded into a member's "+3".
LEVELS = 3


@dataclass(frozen=True)
class Group:
    """Segments that stand under one head; ``head`` is none for those that have only the top."""

    head: Segment | None
    members: list[Segment]


@dataclass(frozen=True)
class Column:
    """What stands upstream, midstream or downstream; ``tops`` are the heads' own heads."""

    position: Position
    tops: list[Segment]
    groups: list[Group]


@dataclass(frozen=True)
class Arrow:
    """A link between two drawn segments; ``by_policy`` when the policy says so."""

    supplier: Segment
    customer: Segment
    by_policy: bool


def columns(segments: Sequence[Segment]) -> list[Column]:
    """All segments in the order in which they are drawn; parents stand before their children."""
    below = _below(segments)
    drawn = {position: Column(position, [], []) for position in Position}
    for root in below[None]:
        if _height(root, below) <= LEVELS:
            _draw(drawn, root, below[root.id] or [root])
            continue
        for head in below[root.id]:
            if below[head.id]:
                _draw(drawn, head, below[head.id])
        _draw(drawn, None, [s for s in below[root.id] if not below[s.id]])
        for column in drawn.values():
            if any(g.members[0].path.startswith(root.path) for g in column.groups):
                column.tops.append(root)
    for column in drawn.values():
        # What reaches over from another column stands last.
        at_home = {s.code for s in below[None] if s.position is column.position}
        column.groups.sort(key=lambda group: _top(group.members[0]) not in at_home)
    return [drawn[position] for position in Position]


def arrows(
    drawn: Sequence[Column], segments: Sequence[Segment], links: Sequence[SegmentLink]
) -> list[Arrow]:
    """Links between what is drawn: a deeper end moves up to the nearest drawn segment.

    Of several that become one the policy's speaks; within one branch there is none.
    """
    by_id = {s.id: s for s in segments}
    shown = _shown(drawn)
    found: dict[tuple[int, int], Arrow] = {}
    for link in links:
        supplier = _raised(by_id[link.supplier_id], by_id, shown)
        customer = _raised(by_id[link.customer_id], by_id, shown)
        if not supplier or not customer or _one_branch(supplier, customer):
            continue
        key = (supplier.id, customer.id)
        by_policy = link.source == "policy" or (key in found and found[key].by_policy)
        found[key] = Arrow(supplier, customer, by_policy)
    return list(found.values())


def _below(segments: Sequence[Segment]) -> Mapping[int | None, list[Segment]]:
    found: defaultdict[int | None, list[Segment]] = defaultdict(list)
    for segment in segments:
        found[segment.parent_id].append(segment)
    return found


def _height(segment: Segment, below: Mapping[int | None, list[Segment]]) -> int:
    return 1 + max((_height(s, below) for s in below[segment.id]), default=0)


def _draw(drawn: Mapping[Position, Column], head: Segment | None, members: list[Segment]) -> None:
    """A group in each column where one of its members stands."""
    for position, column in drawn.items():
        if there := [s for s in members if s.position is position]:
            column.groups.append(Group(head, there))


def _top(segment: Segment) -> str:
    """The code of the root above."""
    return segment.path.split("/")[1]


def _shown(drawn: Sequence[Column]) -> set[int]:
    groups = [group for column in drawn for group in column.groups]
    heads = {group.head.id for group in groups if group.head}
    return heads | {s.id for group in groups for s in group.members}


def _raised(segment: Segment, by_id: Mapping[int, Segment], shown: set[int]) -> Segment | None:
    if segment.id in shown:
        return segment
    return _raised(by_id[segment.parent_id], by_id, shown) if segment.parent_id else None


def _one_branch(one: Segment, other: Segment) -> bool:
    return one.path.startswith(other.path) or other.path.startswith(one.path)
