"""What the preview of an import shows at once: a tab, a page of rows, one row chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from crm.companies.identity import Answer, Candidate, likelier
from crm.imports.outcomes import Outcome
from crm.messages import Message, msg
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.matching import Result
from crm.targets.preview import Preview
from models.import_batch import ImportBatch

PAGE_SIZE = 200
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
        after = _number(args.get("after"))
        rest = [result for result in found if result.line.number > after]
        self.rows = rest[:PAGE_SIZE]
        self.next = self.rows[-1].line.number if len(rest) > PAGE_SIZE else None
        self.columns = self._columns(batch, choices)
        self.doubtful = [r for r in preview.results if r.alike and r.outcome is Outcome.DOUBTFUL]
        self.chosen = self._chosen(_number(args.get("row")))

    @property
    def tabs(self) -> list[Tab]:
        """All rows, then each outcome; the outcomes sum to the rows."""
        counts = self.preview.counts
        each = [Tab(o.value, words, counts[o], KINDS.get(o, "")) for o, words in WORDS.items()]
        return [Tab("", msg("全部"), len(self.preview.results)), *each]

    @property
    def note(self) -> Message:
        """What happens to the rows that are not clear."""
        counts = self.preview.counts
        return msg(
            "存疑 %(doubtful)s 行存为待核，有误 %(wrong)s 行不写入",
            doubtful=counts[Outcome.DOUBTFUL],
            wrong=counts[Outcome.ERROR],
        )

    def label(self, key: str) -> Message:
        """What people call a column's meaning."""
        meaning = TARGET_COLUMNS.meaning(key)
        return meaning.label if meaning else msg("不导入")

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
        return likelier(result.line.name, result.alike.name, result.likeness)

    def _chosen(self, row: int) -> Result | None:
        if row:
            return next((r for r in self.preview.results if r.line.number == row), None)
        return self.doubtful[0] if self.doubtful else None

    def _columns(self, batch: ImportBatch, choices: Mapping[int, str] | None) -> list[Column]:
        headers = batch.mapping["headers"]
        taken = {column: key for key, column in batch.mapping["columns"].items()}
        shown = taken if choices is None else choices
        return [
            Column(number, header, self._sample(number), shown.get(number, ""))
            for number, header in enumerate(headers)
            if header or number in taken or self._sample(number)
        ]

    def _sample(self, column: int) -> str:
        values = [row.cell(column) for row in self.preview.table.rows[:10]]
        return str(_("，")).join([value for value in values if value][:_SAMPLES])


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
