"""What the preview of an import shows at once: a tab, a page of rows, one row chosen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import request
from flask_babel import gettext as _

from crm import clock
from crm.companies.identity import Answer, Candidate, likelier
from crm.errors import Refusal
from crm.imports.outcomes import Outcome
from crm.imports.progress import told
from crm.imports.workbook import UnreadableFile
from crm.messages import Message, msg, nmsg
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.matching import Result
from crm.targets.preview import Preview, contested
from models.import_batch import ImportBatch, ImportJob
from views.addresses import number_of

PAGE_SIZE = 200
# Work that no worker has begun after this long is done by the page that waits for it.
NOBODY_CAME = timedelta(seconds=4)
_COLUMN = re.compile(r"column-(\d{1,3})")
_SAMPLES = 3

WORDS = {
    Outcome.NEW: msg("新增"),
    Outcome.MATCHED: msg("已匹配"),
    Outcome.UNCHANGED: msg("没变化"),
    Outcome.DOUBTFUL: msg("存疑"),
    Outcome.ERROR: msg("有误"),
}
KINDS = {Outcome.MATCHED: "green", Outcome.DOUBTFUL: "amber", Outcome.ERROR: "red"}


@dataclass(frozen=True)
class Column:
    """A column of the file: its header, some of its values, and what it is taken for."""

    number: int
    header: str
    sample: str
    meaning: str


@dataclass(frozen=True)
class Tab:
    """An outcome as a tab; no code means all rows."""

    code: str
    words: Message
    count: int
    kind: str = ""


def chosen_columns() -> dict[int, str]:
    """What a form says that each column is (column -> meaning)."""
    return {
        int(found[1]): value
        for name, value in request.form.items()
        if (found := _COLUMN.fullmatch(name))
    }


@contextmanager
def unreadable() -> Iterator[None]:
    """A file that is no table says so at its field."""
    try:
        yield
    except UnreadableFile as error:
        raise Refusal({"file": [error.message]}) from error


def progress_of(batch: ImportBatch, job: ImportJob, base: str) -> dict[str, object]:
    """What a page that waits shows of the work; ``base`` is the blueprint of the import."""
    waits, since = job.worker is None, clock.now() - job.asked_at
    return {
        "batch": batch,
        "base": base,
        "job": job,
        "how_far": told(job),
        "waits": waits,
        "do_it_here": waits and since > NOBODY_CAME,
        "seconds": since.seconds,
    }


def worker_here() -> str:
    """Whose work it is that a page does itself."""
    return f"web {os.getpid()}"


def columns_of(
    headers: Sequence[str],
    mapping: Mapping[str, int],
    samples: Sequence[Sequence[str]],
    choices: Mapping[int, str] | None = None,
) -> list[Column]:
    """The file's columns that hold something; ``choices`` stand in place of the mapping."""
    taken = {column: key for key, column in mapping.items()}
    shown = taken if choices is None else choices
    said = [_sample(samples, number) for number in range(len(headers))]
    return [
        Column(number, header, said[number], shown.get(number, ""))
        for number, header in enumerate(headers)
        if header or number in taken or said[number]
    ]


def tabs_of(counts: Mapping[Outcome, int]) -> list[Tab]:
    """All rows, then each outcome; the outcomes sum to the rows."""
    each = [Tab(o.value, words, counts[o], KINDS.get(o, "")) for o, words in WORDS.items()]
    return [Tab("", msg("全部"), sum(counts.values())), *each]


def notes_of(counts: Mapping[Outcome, int]) -> list[Message]:
    """What happens to the rows that are not clear."""
    doubtful, wrong = counts[Outcome.DOUBTFUL], counts[Outcome.ERROR]
    found = []
    if doubtful:
        found.append(nmsg("存疑 %(n)s 行存为待核", n=doubtful))
    if wrong:
        found.append(nmsg("有误 %(n)s 行不写入", n=wrong))
    return found


def _sample(samples: Sequence[Sequence[str]], column: int) -> str:
    values = [cells[column] for cells in samples if column < len(cells)]
    return str(_("，")).join([value for value in values if value][:_SAMPLES])


class ImportPage:
    """A preview cut to what one page shows; ``args`` are tab, after (a row number) and row."""

    def __init__(
        self,
        batch: ImportBatch,
        preview: Preview,
        args: Mapping[str, str],
        choices: Mapping[int, str] | None = None,
    ) -> None:
        self.preview = preview
        self.meanings = TARGET_COLUMNS.meanings
        self.words = WORDS
        self.kinds = KINDS
        self.tab = args.get("tab", "") if args.get("tab") in set(Outcome) else ""
        found = [r for r in preview.results if not self.tab or r.outcome == self.tab]
        after = number_of(args.get("after"))
        rest = [result for result in found if result.line.number > after]
        self.rows = rest[:PAGE_SIZE]
        self.next = self.rows[-1].line.number if len(rest) > PAGE_SIZE else None
        self.columns = self._columns(batch, choices)
        said = choices is not None or batch.mapping.get("chosen", False)
        self.contested = [] if said else contested(preview.table, preview.mapping)
        self.doubtful = [r for r in preview.results if r.alike and r.outcome is Outcome.DOUBTFUL]
        self.chosen = self._chosen(number_of(args.get("row")))

    @property
    def can_check(self) -> bool:
        """Whether it is known which column names the companies; without it nothing is checked."""
        return "name" in self.preview.mapping

    @property
    def tabs(self) -> list[Tab]:
        """All rows, then each outcome; the outcomes sum to the rows."""
        return tabs_of(self.preview.counts)

    @property
    def notes(self) -> list[Message]:
        """What happens to the rows that are not clear."""
        return notes_of(self.preview.counts)

    def label(self, key: str) -> Message:
        """What people call a column's meaning."""
        return TARGET_COLUMNS.label(key)

    @property
    def beside(self) -> Candidate | None:
        """The company that the row chosen is to be put beside."""
        if self.chosen is None or self.chosen.outcome is Outcome.ERROR:
            return None
        return self.chosen.alike

    @property
    def place(self) -> int:
        """Which of the doubtful rows is chosen, from 1; 0 when it is none of them."""
        return self.doubtful.index(self.chosen) + 1 if self.chosen in self.doubtful else 0

    @property
    def next_doubtful(self) -> int | None:
        """The row number of the doubtful row after the one chosen, going round."""
        others = [r.line.number for r in self.doubtful if r is not self.chosen]
        if not others or self.chosen is None:
            return None
        here = self.chosen.line.number
        return next((number for number in others if number > here), others[0])

    @property
    def likelier(self) -> Answer | None:
        """The answer that is more often right; its button is the solid one."""
        result = self.chosen
        if result is None or result.alike is None or result.likeness is None:
            return None
        return likelier(result.line.name, result.alike, result.likeness)

    def _chosen(self, row: int) -> Result | None:
        if row:
            return next((r for r in self.preview.results if r.line.number == row), None)
        return self.doubtful[0] if self.doubtful else None

    def _columns(self, batch: ImportBatch, choices: Mapping[int, str] | None) -> list[Column]:
        samples = [row.cells for row in self.preview.table.rows[:10]]
        return columns_of(batch.mapping["headers"], batch.mapping["columns"], samples, choices)
