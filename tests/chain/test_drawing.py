"""The map draws the city's own segments: each once, or folded into one that is drawn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from crm.chain.drawing import arrows, columns
from crm.chain.queries import all_segments
from models.segment import SegmentLink


def test_every_segment_is_drawn_once_or_folded(session: Any) -> None:
    segments = all_segments()
    drawn = columns(segments)
    members = [(c.position, s) for c in drawn for g in c.groups for s in g.members]
    assert all(segment.position is position for position, segment in members)
    codes = Counter(segment.code for _, segment in members)
    assert set(codes.values()) == {1}
    heads = {g.head.code for c in drawn for g in c.groups if g.head}
    tops = {top.code for c in drawn for top in c.tops}
    assert not codes.keys() & heads
    for segment in segments:
        above = set(segment.path.strip("/").split("/"))
        assert above & codes.keys() or segment.code in heads | tops


def test_a_deep_branch_gives_its_top_to_the_column(session: Any) -> None:
    up, middle, down = columns(all_segments())
    assert ([t.code for t in up.tops], [t.code for t in middle.tops]) == ([], ["APP"])
    assert [g.head.code for g in middle.groups if g.head] == ["IND", "EMB", "VER", "RED", "EMG"]
    # What has its home in another column stands last.
    assert [g.head.code for g in down.groups if g.head] == ["ITS", "EMG"]


def test_links_are_drawn_between_what_is_drawn(session: Any) -> None:
    segments = all_segments()
    links = session.scalars(sa.select(SegmentLink)).all()
    found = {
        (a.supplier.code, a.customer.code): a for a in arrows(columns(segments), segments, links)
    }
    # Two of its parts supply it in the policy's words; they are folded into one.
    assert found["FND-OS-IND", "IND"].by_policy
    assert not any(a.supplier.path.startswith(a.customer.path) for a in found.values())
    by_id = {s.id: s for s in segments}
    drawn = {code for ends in found for code in ends}
    for link in links:
        supplier, customer = by_id[link.supplier_id], by_id[link.customer_id]
        if supplier.code in drawn and customer.code in drawn:
            assert (supplier.code, customer.code) in found or supplier.path.startswith(
                customer.path
            )
