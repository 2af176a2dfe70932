"""The industry chain map as a tree, and each of its segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.chain import judging, queries
from crm.chain.map import judgements, walk
from crm.chain.rules import Judgement
from models.segment import Segment, SegmentJudgement
from views.api import answers
from views.api.fields import ShortPaging
from views.api.noun import Noun
from views.api.schemas.facts import (
    JudgementSchema,
    NewJudgementSchema,
    SegmentPanelSchema,
    SegmentSchema,
)
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
    said = queries.standing_judgements()
    judged = judgements([node.segment for node in walk(roots)], queries.all_links(), said)
    return answers.all_of([_node(node, judged, said) for node in roots], query)


@noun.get("/<code:segment_code>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(SegmentPanelSchema)
def show(segment_code: str) -> Response:
    """Get a segment

    With the segments that supply it and that it supplies, and the parks with this focus.
    """
    panel = queries.panel(segment_code, actor())
    said = queries.standing_judgements()
    judged = judgements(panel.segments, panel.links, said)
    return answers.read(
        SegmentPanelSchema().dump(
            {
                **_own(panel.segment, judged, said),
                "counts": panel.counts,
                "above": [segment.code for segment in panel.above],
                "below": [segment.code for segment in panel.below],
                "parks": [park.code for park in panel.parks],
                "suppliers": panel.suppliers,
                "customers": panel.customers,
            }
        )
    )


@noun.post("/<code:segment_code>/judgements")
@noun.needs(Right.JUDGE_GAPS)
@noun.arguments(NewJudgementSchema)
@noun.makes(JudgementSchema)
def judge(sent: dict[str, Any], segment_code: str) -> Response:
    """Judge what a segment lacks

    Above what its projects say, which its neighbours and what it belongs to are still judged from.
    What somebody judged before is withdrawn with it, and has to be named.
    """

    def make() -> Response:
        gap, reason, seen = sent["gap"], sent["reason"], sent["replaces"] or ""
        made = judging.say(segment_code, gap, reason, actor(), clock.now(), seen=seen)
        address = f"chain-map/{segment_code}/judgements/{made.public_id}"
        return answers.made(_judgement(segment_code, made.public_id), address)

    return answers.once(make)


@noun.get("/<code:segment_code>/judgements/<id:judgement_id>")
@noun.needs(Right.READ_COMPANIES)
@noun.answers(JudgementSchema)
def show_judgement(segment_code: str, judgement_id: str) -> Response:
    """Get a judgement of a segment"""
    return answers.read(_judgement(segment_code, judgement_id))


@noun.delete("/<code:segment_code>/judgements/<id:judgement_id>")
@noun.needs(Right.JUDGE_GAPS)
@noun.gone
def withdraw(segment_code: str, judgement_id: str) -> Response:
    """Withdraw a judgement of a segment

    Its projects speak again. The judgement can still be read, with when it was withdrawn.
    """
    answers.matched(
        lambda: judging.held_judgement(segment_code, judgement_id),
        lambda _held: _judgement(segment_code, judgement_id),
    )
    judging.withdraw(segment_code, judgement_id, actor(), clock.now())
    return answers.gone()


def _judgement(segment_code: str, judgement_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = JudgementSchema().dump(
        queries.judgement_or_404(segment_code, judgement_id)
    )
    return dumped


def _node(
    node: queries.Node, judged: Mapping[int, Judgement], said: Mapping[int, SegmentJudgement]
) -> dict[str, Any]:
    return {
        **_own(node.segment, judged, said),
        "counts": node.counts,
        "children": [_node(child, judged, said) for child in node.children],
    }


def _own(
    segment: Segment, judged: Mapping[int, Judgement], said: Mapping[int, SegmentJudgement]
) -> dict[str, Any]:
    own = {name: getattr(segment, name) for name in _OWN}
    found = judged[segment.id]
    return {
        **own,
        "gap": found.gap,
        "computed_gap": found.computed,
        "judgement": said.get(segment.id),
    }
