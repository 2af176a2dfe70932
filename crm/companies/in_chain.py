"""Keeps ``segment_total``, how many companies do each segment of the chain, in each flush.

Who changes what companies do, or which of them there are, does so one after another until the end
of the transaction: of two who add a segment each to one company the second sees the first's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.access import archived_keys
from crm.chain.companies import Tops, counted, tops_of
from models.archive import ArchiveEntry
from models.company import Company, CompanySegment
from models.creating import Created
from models.flushed import before, changed, follow, records_of
from models.segment import Segment, SegmentTotal
from models.sets import add_up, insert_rows, one_of

Pairs = set[tuple[int, int]]


@dataclass
class _Changed:
    """What a flush changed: segments that companies do now, or did; who was gone before, and how"""

    more: Pairs = field(default_factory=set)
    less: Pairs = field(default_factory=set)
    archived: dict[int, bool] = field(default_factory=dict)
    merged: dict[int, bool] = field(default_factory=dict)

    @property
    def companies(self) -> set[int]:
        """Those that count otherwise now."""
        doing = {company for company, _segment in self.more | self.less}
        return doing | self.archived.keys() | self.merged.keys()


def install() -> None:
    """Hang the upkeep on every session of the process."""
    follow(_keep, _count_created)


def rebuild(session: Session) -> None:
    """Count all companies anew (a command, and after a bulk load)."""
    connection = session.connection()
    connection.execute(sa.delete(SegmentTotal))
    numbers = sorted(counted(_tops(connection)).items())
    rows = [{"segment_id": key, "companies": n} for key, n in numbers if n]
    insert_rows(connection, SegmentTotal.__table__, rows)


def wrong(session: Session) -> int:
    """How many segments say another number than a count: none, unless written past a session."""
    connection = session.connection()
    query = sa.select(SegmentTotal.segment_id, SegmentTotal.companies)
    kept = {key: n for key, n in connection.execute(query)}  # noqa: C416 (a result is no mapping)
    right = counted(_tops(connection))
    return sum(kept.get(key, 0) != right[key] for key in kept.keys() | right.keys())


def _keep(session: Session, _flush: Any) -> None:
    found = _Changed()
    for row in records_of(CompanySegment, session.new):
        found.more.add((row.company_id, row.segment_id))
    for row in records_of(CompanySegment, session.deleted):
        found.less.add((row.company_id, row.segment_id))
    for entries, archived in ((session.new, False), (session.deleted, True)):
        for entry in records_of(ArchiveEntry, entries):
            if entry.company_id is not None:
                found.archived[entry.company_id] = archived
    for company in records_of(Company, session.dirty):
        if changed(company, ("merged_into_id",)):
            known = before(company, "merged_into_id")
            was = known[0] is not None if known else company.merged_into_id is None
            found.merged[company.id] = was
    _count(session, found)


def _count_created(session: Session, created: Created) -> None:
    rows = created.get(CompanySegment, ())
    _count(session, _Changed({(row["company_id"], row["segment_id"]) for row in rows}))


def _count(session: Session, found: _Changed) -> None:
    keys = found.companies
    if not keys:
        return
    connection = session.connection()
    _one_writer(connection)
    does, more, less = _doing(connection, keys), _by_company(found.more), _by_company(found.less)
    merged, archived = _gone(connection, keys)
    tops, deltas = _tops(connection), Counter[int]()
    for key in keys:
        if key not in merged | archived:
            deltas.update(_above(does[key], tops))
        was_merged = found.merged.get(key, key in merged)
        if not was_merged and not found.archived.get(key, key in archived):
            deltas.subtract(_above(does[key] - more[key] | less[key], tops))
    rows = [{"segment_id": key, "companies": n} for key, n in sorted(deltas.items()) if n]
    add_up(session, SegmentTotal.__table__, rows)


def _one_writer(connection: sa.Connection) -> None:
    """SQLite began its transaction with the write lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE segment_total IN SHARE ROW EXCLUSIVE MODE"))


def _doing(connection: sa.Connection, keys: set[int]) -> defaultdict[int, set[int]]:
    """The segments that each of these companies does by now."""
    row = sa.select(CompanySegment.company_id, CompanySegment.segment_id)
    return _by_company(connection.execute(row.where(one_of(CompanySegment.company_id, keys))))


def _gone(connection: sa.Connection, keys: set[int]) -> tuple[set[int], set[int]]:
    """Those of these companies that are one with another, and that were put away."""
    asked = sa.select(Company.id).where(one_of(Company.id, keys))
    merged = asked.where(Company.merged_into_id.is_not(None))
    archived = asked.where(Company.id.in_(archived_keys(Company)))
    return set(connection.scalars(merged)), set(connection.scalars(archived))


def _tops(connection: sa.Connection) -> Tops:
    query = sa.select(Segment.id, Segment.parent_id).order_by(Segment.sort)
    return tops_of(connection.execute(query))


def _above(segments: Iterable[int], tops: Tops) -> set[int]:
    return {top for segment in segments for top in tops[segment]}


def _by_company(pairs: Iterable[tuple[int, int]]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for company, segment in pairs:
        found[company].add(segment)
    return found
