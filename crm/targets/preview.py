"""A file beside what is known: what an import would write, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from crm.companies.identity import Decision, alike, alike_in_parts
from crm.errors import Refusal
from crm.imports import columns
from crm.imports.columns import guess_columns
from crm.imports.outcomes import Outcome, count_outcomes
from crm.imports.progress import Report, untold
from crm.imports.reading import read_file
from crm.imports.table import Table, find_table
from crm.messages import Message, enumerated, msg
from crm.targets import known
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.matching import Result, match
from crm.targets.rows import read_line
from models import db
from models.target import TargetList

FIRST_YEAR = 1990
_SAMPLES = 50

Columns = Mapping[str, int]
Fixes = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Preview:
    """The table found, which column is what, and each row's result (none without a name column)."""

    table: Table
    mapping: Columns
    results: tuple[Result, ...]
    counts: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many rows would be written; doubtful ones are stored undecided."""
        written = (Outcome.NEW, Outcome.MATCHED, Outcome.DOUBTFUL)
        return sum(self.counts[outcome] for outcome in written)


def target_list(code: str) -> TargetList:
    """The list of that code; Refusal when there is none."""
    found: TargetList | None = db.session.scalar(
        sa.select(TargetList).where(TargetList.code == code)
    )
    if found is None:
        known = db.session.scalars(sa.select(TargetList.code).order_by(TargetList.sort))
        codes = enumerated([msg("%(text)s", text=one) for one in known] or [msg("没有")])
        sentence = msg("没有“%(code)s”这个榜单。可选：%(codes)s。", code=code, codes=codes)
        raise Refusal({"list": [sentence]}, sentence)
    return found


def check_year(year: int, today: date) -> None:
    """Refuse a year that no list can be of."""
    if not FIRST_YEAR <= year <= today.year + 1:
        sentence = msg(
            "年份应在 %(first)s 到 %(last)s 之间。", first=str(FIRST_YEAR), last=str(today.year + 1)
        )
        raise Refusal({"year": [sentence]}, sentence)


def open_table(file_name: str, data: bytes) -> Table:
    """The list in a file; UnreadableFile says why there is none."""
    return find_table(read_file(file_name, data), TARGET_COLUMNS)


def guess_mapping(table: Table) -> dict[str, int]:
    """Which column most likely is what."""
    samples = [row.cells for row in table.rows[:_SAMPLES]]
    return guess_columns(table.headers, samples, TARGET_COLUMNS)


def contested(table: Table, mapping: Columns) -> list[Message]:
    """A sentence for each meaning that several columns claim alike; the first of them has it."""
    return columns.contested(table.headers, mapping, TARGET_COLUMNS)


def preview(
    table: Table,
    target: TargetList,
    year: int,
    mapping: Columns,
    decisions: Mapping[int, Decision] | None = None,
    fixes: Fixes | None = None,
    report: Report = untold,
) -> Preview:
    """What an import would do; reads, and writes nothing."""
    if "name" not in mapping:
        return Preview(table, mapping, (), count_outcomes(()))
    fixed = fixes or {}
    lines = [
        read_line(row, table.headers, mapping, fixed.get(row.number, {})) for row in table.rows
    ]
    edition = known.edition_of(target.id, year)
    # A page asks once for all; in parts it takes more questions.
    compare = alike if report is untold else alike_in_parts(report, len(lines))
    results = match(lines, known.known_for(lines, edition), compare, decisions or {})
    return Preview(table, mapping, tuple(results), count_outcomes(results))
