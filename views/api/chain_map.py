"""The industry chain map as a tree, and each of its segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from crm.access import Right
from crm.chain import queries
from crm.chain.map import judgements, walk
from crm.chain.rules import Judgement
from models.segment import Segment
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.facts import SegmentPanelSchema, SegmentSchema
from views.guard import actor

noun = Noun("chain_map", "The industry chain map: its segments, and what stands on them.")

_OWN = ("code", "zh", "en", "position", "clause")


@noun.get("")
@noun.needs(Right.READ_COMPANIES)
@noun.arguments(ShortPaging, location="query")
@noun.pages(SegmentSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """Get the chain map

    The whole tree on one page; a segment's counts include those below it.
    """
    roots = queries.tree(actor())
    judged = judgements([node.segment for node in walk(roots)], queries.all_links())
    return answers.all_of([_node(node, judged) for node in roots], query)


@noun.get("/<code:segment_code>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(SegmentPanelSchema)
def show(segment_code: str) -> Response:
    """Get a segment

    With the segments that supply it and that it supplies, and the parks with this focus.
    """
    panel = queries.panel(segment_code, actor())
    judged = judgements(panel.segments, panel.links)
    return answers.read(
        SegmentPanelSchema().dump(
            {
                **_own(panel.segment, judged),
                "counts": panel.counts,
                "above": [segment.code for segment in panel.above],
                "below": [segment.code for segment in panel.below],
                "parks": [park.code for park in panel.parks],
                "suppliers": panel.suppliers,
                "customers": panel.customers,
            }
        )
    )


def _node(node: queries.Node, judged: Mapping[int, Judgement]) -> dict[str, Any]:
    return {
        **_own(node.segment, judged),
        "counts": node.counts,
        "children": [_node(child, judged) for child in node.children],
    }


def _own(segment: Segment, judged: Mapping[int, Judgement]) -> dict[str, Any]:
    own = {name: getattr(segment, name) for name in _OWN}
    return {**own, "gap": judged[segment.id].gap}
