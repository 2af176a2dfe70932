"""One row of a ledger: what it says of a company's project, and what is wrong with it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from crm.companies.contacts import ContactInput
from crm.companies.credit_code import code_problem, compact_code
from crm.companies.identity import name_problem
from crm.companies.keys import stored_form
from crm.companies.name_parts import tidy
from crm.imports.cells import is_unknown
from crm.imports.outcomes import Problem
from crm.imports.workbook import Row
from crm.leads.importing.columns import AMOUNTS, COMING_DAYS, LEAD_COLUMNS, NOTES, PAST_DAYS
from crm.leads.importing.directory import Directory, stage_of
from crm.leads.importing.history import OldNote, read_notes
from crm.leads.importing.people import read_people
from crm.leads.importing.values import (
    day_of,
    read_amount,
    read_count,
    read_day,
    read_past_day,
    says_nothing,
    unit_of,
)
from crm.leads.inputs import too_long_step, wrong_values
from crm.leads.words import FIELD_WORDS
from crm.messages import Message, msg
from models.enums import Stage, Status

Words = Mapping[str, Mapping[str, str]]
# Columns whose words name something, and which may be said once for the whole file.
NAMING = ("stage", "team", "owner", "segment", "channel", "place")
_OWN_COLUMNS = frozenset(FIELD_WORDS) - {"project", "owner_id", "team_id"}


@dataclass(frozen=True)
class Setting:
    """What holds for every row of a file.

    ``team``: whose leads these are where no column says so; ``allowed``: the teams that the person
    may import for (None: all). ``words`` put another word in place of one, by meaning.
    """

    directory: Directory
    today: date
    team: int | None = None
    allowed: frozenset[int] | None = None
    words: Words = field(default_factory=dict)
    segment: int | None = None


@dataclass(frozen=True)
class Line:
    """A row under the number the spreadsheet shows. ``values`` are columns of a lead."""

    number: int
    texts: Mapping[str, str]
    name: str
    project: str
    credit_code: str | None
    values: Mapping[str, Any]
    team_id: int | None
    owner_id: int | None
    owner_named: bool
    stage: Stage | None
    status: Status
    next_step: str
    next_step_on: date | None
    notes: tuple[OldNote, ...]
    people: tuple[ContactInput, ...] = ()
    notices: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def names_a_company(self) -> bool:
        """Whether it says whose project it is, whatever else is wrong in it."""
        return {"company", "credit_code"}.isdisjoint(one.column for one in self.problems)

    @cached_property
    def normal_form(self) -> str:
        """The form in which one company's spellings are equal."""
        return stored_form(self.name)

    @cached_property
    def row_key(self) -> str:
        """What names the row's company and project in whatever file they stand."""
        return hashlib.sha256(f"{self.normal_form}\n{self.project}".encode()).hexdigest()

    @property
    def reason(self) -> str:
        """Why the project rests or is lost, in the ledger's words."""
        return next((self.texts[k] for k in ("problem", "progress") if self.texts.get(k)), "")


def read_line(
    row: Row,
    headers: Sequence[str],
    mapping: Mapping[str, int],
    fixes: Mapping[str, str],
    setting: Setting,
) -> Line:
    """Read a row by its mapping; ``fixes`` (meaning -> text) stand in place of its cells."""
    texts = {key: row.cell(column) for key, column in mapping.items()}
    # Whose a row is may be said of it where the file has no column for that.
    mendable = {*mapping, "team"}
    texts |= {key: text.strip() for key, text in fixes.items() if key in mendable}
    for key in NAMING:
        said = setting.words.get(key, {})
        if key in texts and texts[key] in said:
            texts[key] = said[texts[key]]
    return _Reader(row.number, texts, headers, mapping, setting).line()


class _Reader:
    """Reads one row; what can not be right is collected, never raised."""

    def __init__(
        self,
        number: int,
        texts: Mapping[str, str],
        headers: Sequence[str],
        mapping: Mapping[str, int],
        setting: Setting,
    ) -> None:
        self.number = number
        self.texts = texts
        self.headers = headers
        self.mapping = mapping
        self.setting = setting
        self.directory = setting.directory
        self.problems: list[Problem] = []
        self.notices: list[Message] = []

    def line(self) -> Line:
        """The row's values."""
        name = tidy(self.texts.get("company", ""))
        if wrong := name_problem(name):
            self.problems.append(Problem("company", wrong))
        project = " ".join(self.texts.get("project", "").split())
        team = self._team()
        owner, named = self._owner(team)
        stage, status = self._stage()
        values = self._values()
        step, step_on = self._next_step()
        people = read_people(self.texts)
        self.notices += people.notices
        self.problems += people.problems
        for column, sentences in wrong_values({**values, "project": project}).items():
            self.problems += [Problem(column, sentence) for sentence in sentences]
        return Line(
            number=self.number,
            texts=self.texts,
            name=name,
            project=project,
            credit_code=self._credit_code(),
            values=values,
            team_id=team,
            owner_id=owner,
            owner_named=named,
            stage=stage,
            status=status,
            next_step=step,
            next_step_on=step_on,
            notes=tuple(self._notes()),
            people=people.people,
            notices=tuple(self.notices),
            problems=tuple(self.problems),
        )

    def _text(self, key: str) -> str:
        text = self.texts.get(key, "").strip()
        return "" if says_nothing(text) else text

    def _credit_code(self) -> str | None:
        code = compact_code(self.texts.get("credit_code", "")) or None
        if code is None or is_unknown(code):
            return None
        if wrong := code_problem(code):
            self.problems.append(Problem("credit_code", wrong))
            return None
        return code

    def _team(self) -> int | None:
        text = self._text("team")
        team = self.directory.team(text) if text else self.setting.team
        if text and team is None:
            self._unknown("team", text)
            return None
        if team is None:
            team = self.directory.team_of_person(self._text("owner"))
        if team is None:
            message = msg("不知道归哪支小分队，请填小分队或责任人，或给整个文件选一支。")
            self.problems.append(Problem("team", message))
        elif self.setting.allowed is not None and team not in self.setting.allowed:
            self.problems.append(Problem("team", msg("只能导入自己小分队的线索。")))
        return team

    def _owner(self, team: int | None) -> tuple[int | None, bool]:
        """Who owns it, and whether the ledger says so; without a name the team's lead does."""
        text = self._text("owner")
        if team is None:
            return None, bool(text)
        if text:
            person = self.directory.person(text, team)
            if person is None:
                message = msg(
                    "小分队里没有“%(name)s”的账号。请改成队里的人，或留空由队长负责。",
                    name=text,
                )
                self.problems.append(Problem("owner", message))
            return (person.id if person else None), True
        leader = self.directory.leads_of_team.get(team)
        if leader is None:
            self.problems.append(Problem("owner", msg("这支小分队没有队长账号，请填责任人。")))
            return None, False
        return leader.id, False

    def _stage(self) -> tuple[Stage | None, Status]:
        text = self._text("stage")
        if not text:
            return None, Status.ACTIVE
        found = stage_of(text)
        if found is None:
            self._unknown("stage", text)
            return None, Status.ACTIVE
        return found

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key in AMOUNTS:
            if key in self.texts:
                unit = unit_of(self.headers[self.mapping[key]])
                self._keep(values, key, read_amount(self.texts[key], unit, key))
        for key in ("planned_headcount", "space_m2"):
            if key in self.texts:
                self._keep(values, key, read_count(self.texts[key], key))
        for key in (*PAST_DAYS, *COMING_DAYS):
            # 去年底 is told as it was written, and becomes no day.
            told = key == "first_contact" and not self._day_of(key)
            if key in self.texts and not told:
                read = read_past_day if key in PAST_DAYS else read_day
                self._keep(values, key, read(self.texts[key], self.setting.today, key))
        for key in (*PAST_DAYS, *COMING_DAYS):
            if key not in _OWN_COLUMNS:
                values.pop(key, None)
        if need := self._text("need"):
            values["need"] = need
        return values | self._named()

    def _day_of(self, key: str) -> date | None:
        return day_of(self._text(key), self.setting.today, past=True)

    def _keep(self, values: dict[str, Any], key: str, read: tuple[Any, Problem | None]) -> None:
        value, problem = read
        if problem:
            self.problems.append(problem)
        elif value is not None:
            values[key] = value

    def _named(self) -> dict[str, Any]:
        """Segment, channel, place and liaison leader."""
        values: dict[str, Any] = {}
        if text := self._text("segment"):
            values["segment_id"] = self.directory.segment(text)
            if values["segment_id"] is None:
                self._unknown("segment", text)
        if channel := self._channel():
            values["channel_id"] = channel
        if text := self._text("place"):
            place = self.directory.place(text)
            if place is None:
                self._unknown("place", text)
            else:
                values["district_id"], values["park_id"] = place
        if text := self._text("liaison"):
            leader = self.directory.leader(text)
            if leader:
                values["liaison_id"] = leader.id
            else:
                self.notices.append(msg("挂钩领导“%(name)s”没有领导账号，没有登记", name=text))
        # A district alone says that there is no park.
        return {k: value for k, value in values.items() if value is not None or k == "park_id"}

    def _channel(self) -> int | None:
        for key in ("channel", "source"):
            text = self._text(key)
            if text and (found := self.directory.channel(text)):
                return found
        if text := self._text("channel"):
            self._unknown("channel", text)
        return None

    def _next_step(self) -> tuple[str, date | None]:
        text = self._text("next_step")
        if message := too_long_step(text):
            self.problems.append(Problem("next_step", message))
        day: date | None = None
        if text and "next_step_on" in self.texts:
            found, problem = read_day(
                self.texts["next_step_on"], self.setting.today, "next_step_on"
            )
            # What is wrong with it is said once, with the other days.
            day = None if problem else found
        return text, day

    def _notes(self) -> list[OldNote]:
        today = self.setting.today
        notes = [
            note
            for key in NOTES
            if (text := self._text(key))
            for note in read_notes(self._label(key), text, today)
        ]
        if text := self._text("first_contact"):
            day = day_of(text, today, past=True)
            notes.append(OldNote(self._label("first_contact"), "首次接洽" if day else text, on=day))
        source = self._text("source")
        if source and self.directory.channel(source) is None:
            notes.append(OldNote(self._label("source"), source))
        return notes

    def _label(self, key: str) -> str:
        """A note is headed as its column is."""
        header = self.headers[self.mapping[key]]
        meaning = LEAD_COLUMNS.meaning(key)
        return (header or str(meaning.label if meaning else key))[:64]

    def _unknown(self, key: str, text: str) -> None:
        sentences = {
            "stage": msg("没有“%(word)s”这个阶段，请选它是哪一个阶段。", word=text[:40]),
            "team": msg("没有“%(word)s”这支小分队，请从列表里选。", word=text[:40]),
            "segment": msg("图谱里没有“%(word)s”，请选它属于哪个环节。", word=text[:40]),
            "channel": msg("没有“%(word)s”这个线索来源，请从列表里选。", word=text[:40]),
            "place": msg("没有“%(word)s”这个区县或园区，请从列表里选。", word=text[:40]),
        }
        self.problems.append(Problem(key, sentences[key]))
