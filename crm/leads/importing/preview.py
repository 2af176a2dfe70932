"""A ledger beside what is known: what an import would write, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from crm.companies.identity import Decision, alike_in_parts
from crm.imports.changes import many_records
from crm.imports.columns import guess_columns
from crm.imports.outcomes import Outcome, count_outcomes
from crm.imports.progress import Report, untold
from crm.imports.reading import read_file
from crm.imports.table import Table, find_table
from crm.imports.workbook import Row
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.directory import Directory, load_directory, usual_channel
from crm.leads.importing.known import known_for
from crm.leads.importing.matching import Choices, Mode, Result, match
from crm.leads.importing.rows import Setting, Words, read_line
from crm.leads.importing.staging import StageChoice

_SAMPLES = 50
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Ledger:
    """What an import needs to know beside its rows.

    ``team`` and ``segment``: for rows that name none; ``allowed``: the teams that may be imported
    for (None: all); ``words``: by meaning, other words in place of some.
    """

    headers: Sequence[str]
    mapping: Mapping[str, int]
    team: int | None = None
    allowed: frozenset[int] | None = None
    mode: Mode = Mode.ADD
    stages: StageChoice = StageChoice.GATES
    segment: str = ""
    words: Words = field(default_factory=dict)
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    fixes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    batch_id: int | None = None
    remembered: bool = False
    """Whether the columns are those of the last file of this shape."""


@dataclass(frozen=True)
class Preview:
    """Each row's result (none without a company column), and what words name."""

    results: tuple[Result, ...]
    counts: Mapping[Outcome, int]
    directory: Directory


def open_table(file_name: str, data: bytes) -> Table:
    """The ledger in a file; UnreadableFile says why there is none."""
    return find_table(read_file(file_name, data), LEAD_COLUMNS)


def guess_mapping(table: Table) -> dict[str, int]:
    """Which column most likely is what."""
    samples = [row.cells for row in table.rows[:_SAMPLES]]
    return guess_columns(table.headers, samples, LEAD_COLUMNS)


def preview(rows: Sequence[Row], ledger: Ledger, today: date, report: Report = untold) -> Preview:
    """What an import would do with these rows; reads, and writes nothing."""
    directory = load_directory(today)
    if "company" not in ledger.mapping:
        return Preview((), count_outcomes(()), directory)
    setting = Setting(directory, today, ledger.team, ledger.allowed, ledger.words)
    with many_records():
        results = _results(rows, ledger, setting, report)
    return Preview(tuple(results), count_outcomes(results), directory)


def _results(rows: Sequence[Row], ledger: Ledger, setting: Setting, report: Report) -> list[Result]:
    lines = []
    for done, row in enumerate(rows):
        fixes = ledger.fixes.get(row.number, {})
        lines.append(read_line(row, ledger.headers, ledger.mapping, fixes, setting))
        if done % _AT_ONCE == 0:
            report(done // 2)
    directory = setting.directory
    choices = Choices(
        ledger.mode, ledger.stages, directory.segment(ledger.segment), usual_channel(directory)
    )
    known = known_for(lines, ledger.batch_id)
    return match(lines, known, alike_in_parts(report, len(lines)), ledger.decisions, choices)
