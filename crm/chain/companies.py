"""How many companies and targets stand on each segment and below it.

A company counts once on a segment, however many of the segments below it does. Few companies do
several, so rows are counted where they stand and what is counted twice is taken off again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from crm.access import archived_keys
from crm.chain.targets import target_ids
from models import db
from models.company import Company, CompanySegment
from models.segment import Segment

_KEY = CompanySegment.company_id


def company_counts(segments: Sequence[Segment]) -> dict[int, tuple[int, int]]:
    """Distinct companies and targets of each segment and all below it (three queries)."""
    tops = {s.id: [t.id for t in segments if s.path.startswith(t.path)] for s in segments}
    companies = _rolled_up(_rows_by_segment(), tops)
    companies.subtract(_twice(_of_several(), tops))
    targets = _targets()
    wanted = _rolled_up(Counter(segment for _, segment in targets), tops)
    wanted.subtract(_twice(targets, tops))
    return {s.id: (companies[s.id], wanted[s.id]) for s in segments}


def _standing() -> sa.ColumnElement[bool]:
    merged = sa.select(Company.id).where(Company.merged_into_id.is_not(None))
    return _KEY.not_in(sa.union_all(merged, archived_keys(Company)))


def _rows_by_segment() -> Counter[int]:
    segment = CompanySegment.segment_id
    rows = sa.select(segment, sa.func.count()).where(_standing()).group_by(segment)
    return Counter({key: count for key, count in db.session.execute(rows)})  # noqa: C416


def _of_several() -> list[tuple[int, int]]:
    """The companies that do several segments, with each of them."""
    several = sa.select(_KEY).group_by(_KEY).having(sa.func.count() > 1)
    return _pairs(several)


def _targets() -> list[tuple[int, int]]:
    return _pairs(target_ids())


def _pairs(keys: sa.Select[int] | sa.Select[int | None]) -> list[tuple[int, int]]:
    rows = sa.select(_KEY, CompanySegment.segment_id).where(_KEY.in_(keys), _standing())
    return [(company, segment) for company, segment in db.session.execute(rows)]


def _rolled_up(own: Counter[int], tops: dict[int, list[int]]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for segment, count in own.items():
        for top in tops[segment]:
            counted[top] += count
    return counted


def _twice(pairs: Iterable[tuple[int, int]], tops: dict[int, list[int]]) -> Counter[int]:
    """How often each segment counts a company again that it has counted."""
    hits: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for company, segment in pairs:
        hits[company].update(tops[segment])
    again: Counter[int] = Counter()
    for found in hits.values():
        for top, times in found.items():
            again[top] += times - 1
    return again
