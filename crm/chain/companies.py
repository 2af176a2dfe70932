"""How many companies and targets stand on each segment and below it.

A company counts once on a segment, however many of the segments below it does. All companies are
kept in ``segment_total`` (crm/companies/in_chain.py), of which this says what must stand there.

Few companies do several segments, so rows are counted where they stand and what is counted twice
is taken off again: in the tree's order a company's segments below any other stand side by side,
and of each pair of neighbours one is too many on whatever stands above both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from crm.access import archived_keys
from crm.chain.targets import target_ids
from models import db
from models.company import Company, CompanySegment
from models.segment import Segment, SegmentTotal
from models.sets import among

_COMPANY, _SEGMENT = CompanySegment.company_id, CompanySegment.segment_id
Keys = sa.Select[int] | sa.Select[int | None]
# Each segment with all above it.
Tops = Mapping[int, frozenset[int]]


def tops_of(segments: Iterable[tuple[int, int | None]]) -> Tops:
    """Each segment with all above it: of segments and their parents, which stand before them."""
    tops: dict[int, frozenset[int]] = {}
    for key, parent in segments:
        tops[key] = (tops[parent] if parent else frozenset()) | {key}
    return tops


def company_counts(tops: Tops) -> dict[int, tuple[int, int]]:
    """Distinct companies and targets of each segment and all below it (three statements)."""
    companies = _kept(sa.true())
    wanted = sa.and_(_COMPANY.in_(target_ids()), ~gone())
    targets = _rolled_up(_rows(wanted), _neighbours(target_ids()), tops)
    return {key: (companies[key], targets[key]) for key in tops}


def company_count(key: int, below: Sequence[int]) -> tuple[int, int]:
    """Distinct companies and targets of one segment with all below it, itself among them (two
    statements)."""
    query = sa.select(sa.func.count(_COMPANY.distinct()))
    done = sa.and_(_COMPANY.in_(target_ids()), _SEGMENT.in_(below), ~gone())
    return _kept(SegmentTotal.segment_id == key)[key], db.session.scalar(query.where(done)) or 0


def counted(tops: Tops) -> Counter[int]:
    """What ``segment_total`` must say, worked out from the companies (four statements)."""
    # In order, or PostgreSQL would hash each company, of which nearly all do one.
    several = sa.select(_COMPANY).group_by(_COMPANY).order_by(_COMPANY)
    several = several.having(sa.func.count() > 1)
    return _rolled_up(_all_rows(), _neighbours(several), tops)


def gone() -> sa.ColumnElement[bool]:
    """The row's company is one with another, or was put away."""
    merged = sa.select(Company.id).where(Company.merged_into_id.is_not(None))
    return _COMPANY.in_(sa.union_all(merged, archived_keys(Company)))


def _kept(which: sa.ColumnElement[bool]) -> Counter[int]:
    query = sa.select(SegmentTotal.segment_id, SegmentTotal.companies).where(which)
    return Counter({key: n for key, n in db.session.execute(query)})  # noqa: C416


def _all_rows() -> Counter[int]:
    """All rows by segment, then without those of what is gone: a look at each costs more."""
    rows = Counter(_rows(sa.true()))
    rows.subtract(_rows(gone()))
    return rows


def _rows(which: sa.ColumnElement[bool]) -> dict[int, int]:
    rows = sa.select(_SEGMENT, sa.func.count()).where(which).group_by(_SEGMENT)
    return {key: count for key, count in db.session.execute(rows)}  # noqa: C416


def _neighbours(keys: Keys) -> list[tuple[int, int, int]]:
    """Two segments side by side, and how many of these companies do both and none between."""
    # Byte by byte: other orders pass over the strokes that keep a branch together.
    in_tree = sa.cast(Segment.path, sa.LargeBinary)
    before = sa.func.lag(_SEGMENT).over(partition_by=_COMPANY, order_by=in_tree)
    pairs = (
        sa.select(before.label("before"), _SEGMENT.label("segment"))
        .join(Segment, Segment.id == _SEGMENT)
        .where(among(_COMPANY, keys.scalar_subquery()), ~gone())
        .subquery()
    )
    rows = db.session.execute(
        sa.select(pairs.c.before, pairs.c.segment, sa.func.count())
        .where(pairs.c.before.is_not(None))
        .group_by(pairs.c.before, pairs.c.segment)
    )
    return [(before, segment, count) for before, segment, count in rows]


def _rolled_up(
    own: Mapping[int, int], neighbours: Iterable[tuple[int, int, int]], tops: Tops
) -> Counter[int]:
    found: Counter[int] = Counter()
    for segment, count in own.items():
        for top in tops[segment]:
            found[top] += count
    for before, segment, count in neighbours:
        for top in tops[before] & tops[segment]:
            found[top] -= count
    return found
