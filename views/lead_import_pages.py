"""What a page of a ledger's import shows at once: a tab, a page of rows, one row chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.access import Actor
from crm.formats import say
from crm.imports.columns import contested
from crm.imports.outcomes import Outcome
from crm.leads import choices
from crm.leads.importing import queries
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.directory import people_of
from crm.leads.stages import stages
from crm.messages import Message, Value
from crm.packing import sentence, unpack_value
from crm.targets.queries import Side, side_of
from models.enums import Role
from models.import_batch import BatchState, ImportBatch, ImportRow
from views.addresses import number_of
from views.import_pages import KINDS, WORDS, Column, Tab, columns_of, notes_of, tabs_of

Option = tuple[str, str]


@dataclass(frozen=True)
class RowShown:
    """One row, its sentences unpacked."""

    row: ImportRow

    @property
    def said(self) -> dict[str, Any]:
        """What the check kept."""
        return self.row.said

    @property
    def outcome(self) -> Outcome:
        """What becomes of it."""
        return Outcome(self.row.outcome or Outcome.ERROR)

    @property
    def stage(self) -> Value:
        """The stage in which its lead will stand."""
        return unpack_value(self.said["stage"])

    @property
    def lines(self) -> list[Message]:
        """What changes, then why."""
        return [sentence(text) for text in (*self.said["changes"], *self.said["reasons"])]

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, each with its sentence."""
        return [
            {**p, "message": sentence(p["message"]), "mendable": p["here"] or p["column"] == "team"}
            for p in self.said["problems"]
        ]

    @property
    def wrong(self) -> set[str]:
        """The columns that are wrong."""
        return {problem["column"] for problem in self.said["problems"]}


class LeadImportPage:
    """An import cut to what one page shows; ``args`` are tab, after (a row number) and row."""

    def __init__(
        self,
        batch: ImportBatch,
        args: Mapping[str, str],
        actor: Actor,
        column_choices: Mapping[int, str] | None = None,
    ) -> None:
        self.batch = batch
        self.words, self.kinds = WORDS, KINDS
        self.meanings = LEAD_COLUMNS.meanings
        self.counts = {outcome: int(batch.counts.get(outcome, 0)) for outcome in Outcome}
        asked = args.get("tab", "")
        self.tab = asked if asked in set(Outcome) else ""
        self.written = batch.state is not BatchState.PREVIEW
        if self.written:
            self.tab = Outcome.DOUBTFUL.value
        found, self.next = queries.rows_page(batch, self.tab, number_of(args.get("after")))
        self.rows = [RowShown(row) for row in found]
        self.columns = self._columns(column_choices)
        self.contested = self._contested(column_choices)
        chosen = queries.row_of(batch, number_of(args.get("row")))
        self.chosen = RowShown(chosen) if chosen and chosen.outcome else None
        self.doubts = queries.doubts(batch, chosen) if chosen and self.beside else None
        self.side = self._side(actor)

    @property
    def tabs(self) -> list[Tab]:
        """All rows, then each outcome; the outcomes sum to the rows."""
        return tabs_of(self.counts)

    @property
    def writes(self) -> int:
        """How many rows would be written as leads."""
        return self.counts[Outcome.NEW] + self.counts[Outcome.MATCHED]

    @property
    def notes(self) -> list[Message]:
        """What happens to the rows that are not clear."""
        return notes_of(self.counts)

    @property
    def beside(self) -> str | None:
        """The public id of the company that the row chosen is put beside."""
        if self.chosen is None or self.chosen.outcome is Outcome.ERROR:
            return None
        return self.chosen.said.get("alike")

    @property
    def can_check(self) -> bool:
        """Whether it is known which column names the company."""
        return "company" in self.batch.mapping["columns"]

    @property
    def teams(self) -> Sequence[Option]:
        """Whose a row may be."""
        return [(code, say(name)) for code, name in choices.teams()]

    def label(self, key: str) -> Message:
        """What people call a column's meaning."""
        return LEAD_COLUMNS.label(key)

    def _contested(self, column_choices: Mapping[int, str] | None) -> list[Message]:
        """Meanings that several columns claim, until a person has said which."""
        mapping = self.batch.mapping
        said = mapping.get("chosen") or mapping["remembered"] or column_choices is not None
        if self.written or said:
            return []
        return contested(mapping["headers"], mapping["columns"], LEAD_COLUMNS)

    def _side(self, actor: Actor) -> Side | None:
        return side_of(self.beside, actor) if self.beside else None

    def _columns(self, column_choices: Mapping[int, str] | None) -> list[Column]:
        if self.written:
            return []
        mapping = self.batch.mapping
        return columns_of(
            mapping["headers"], mapping["columns"], queries.samples(self.batch), column_choices
        )


@dataclass(frozen=True)
class UnknownWord:
    """A word of the file that names nothing, and what it may stand for."""

    key: str
    label: Message
    text: str
    count: int
    options: Sequence[Option]


def unknown_words(batch: ImportBatch, actor: Actor) -> list[UnknownWord]:
    """The words to be said once for the whole file; only what is needed is read."""
    found = batch.counts.get("unknown", [])
    options = {key: _options(key, batch, actor) for key in {key for key, _text, _n in found}}
    return [
        UnknownWord(key, meaning.label, text, n, options[key])
        for key, text, n in found
        if (meaning := LEAD_COLUMNS.meaning(key))
    ]


def _options(key: str, batch: ImportBatch, actor: Actor) -> Sequence[Option]:
    """Values that the directory reads, with what people call them."""
    if key == "stage":
        return [(info.stage.value, say(info.name)) for info in stages()]
    if key == "owner":
        teams = () if actor.role is Role.MANAGER and batch.team_id is None else (batch.team_id,)
        return [(name, name) for name in people_of(*(t for t in teams if t is not None))]
    if key == "place":
        return [(name.zh, say(name)) for _code, name in choices.places()]
    named = {"segment": choices.segments, "channel": choices.channels, "team": choices.teams}[key]
    return [(code, say(name)) for code, name in named()]
