"""What each row of a ledger is: new, an existing lead's, doubtful, unchanged or wrong. Pure.

A row's company is found by its credit code, then by its normal form; what only looks alike is
doubtful until a person says so. A company's project is one lead.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm.companies.identity import Answer, Candidate, Decision
from crm.companies.many_contacts import KnownContact
from crm.companies.names import Likeness
from crm.imports.outcomes import Outcome, Problem
from crm.leads.claims import Holder
from crm.leads.gates import LeadFacts
from crm.leads.importing.contacts import Acquaintances, ContactChange
from crm.leads.importing.rows import Line
from crm.leads.importing.staging import StageChoice, placed
from crm.leads.stages import position, stage_name
from crm.leads.words import FIELD_WORDS
from crm.messages import Message, msg
from models.enums import Stage, Status


class Mode(enum.StrEnum):
    """What is done with a lead that is there already."""

    ADD = "add"
    """What it lacks is filled in; nothing is overwritten."""
    REPLACE = "replace"
    """What the ledger says stands in place of what was there; an empty cell takes nothing away."""
    SKIP = "skip"
    """It stays as it is."""


@dataclass(frozen=True)
class Existing:
    """A lead that is there already, as far as a row is compared with it."""

    id: int
    public_id: str
    project: str
    team_id: int
    stage: Stage
    status: Status
    values: Mapping[str, Any]
    step: str = ""
    step_on: date | None = None
    note_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """What the database holds about the companies and leads of a file.

    ``said``: which company a person once said that a name is; ``waiting``: rows (by key) whose
    doubt is stored already; ``facts_of``: what the records say of a lead, for its gates.
    """

    by_code: Mapping[str, Candidate] = field(default_factory=dict)
    by_form: Mapping[str, Candidate] = field(default_factory=dict)
    said: Mapping[str, Candidate] = field(default_factory=dict)
    leads: Mapping[int, Sequence[Existing]] = field(default_factory=dict)
    holders: Mapping[int, Sequence[Holder]] = field(default_factory=dict)
    segments: Mapping[int, int] = field(default_factory=dict)
    touched: frozenset[int] = frozenset()
    visited: frozenset[int] = frozenset()
    waiting: frozenset[str] = frozenset()
    people: Mapping[int, Sequence[KnownContact]] = field(default_factory=dict)
    facts_of: Callable[[int], LeadFacts] = field(default=lambda _lead: LeadFacts())


@dataclass(frozen=True)
class Choices:
    """What a person chose for the whole file, and what stands for columns it lacks."""

    mode: Mode = Mode.ADD
    stages: StageChoice = StageChoice.GATES
    segment: int | None = None
    channel: int | None = None


@dataclass(frozen=True)
class Result:
    """A row, what becomes of it and why.

    ``values`` are the columns to write (of a new lead all, of an existing one those that change);
    ``stage`` is where it is put, None: it stays.
    """

    line: Line
    outcome: Outcome
    reasons: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()
    company: Candidate | None = None
    alike: Candidate | None = None
    likeness: Likeness | None = None
    answer: Answer | None = None
    existing: Existing | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage | None = None
    facts: LeadFacts = field(default_factory=LeadFacts)
    new_step: bool = False
    new_notes: tuple[int, ...] = ()
    """Which of the line's notes are not there yet."""
    people: tuple[ContactChange, ...] = ()


Alike = Callable[[Sequence[str]], Mapping[str, Sequence[tuple[Candidate, Likeness]]]]


def match(
    lines: Sequence[Line],
    known: Known,
    alike: Alike,
    decisions: Mapping[int, Decision],
    choices: Choices,
) -> list[Result]:
    """The result of every row, in order; ``alike`` is asked once, for the names nobody knows."""
    found = [_identify(line, known) for line in lines]
    open_ = [r for r in found if not (r.problems or r.company or r.alike)]
    candidates = alike(sorted({r.line.name for r in open_})) if open_ else {}
    # What a row in error names is written by nobody: it stays to be proposed.
    taken = {result.company.id for result in found if result.company and not result.problems}
    matcher = _Matcher(known, choices)
    return [
        matcher.wrong(result)
        if result.problems
        else matcher.settle(_compared(result, candidates, taken, decisions, known))
        for result in found
    ]


def _identify(line: Line, known: Known) -> Result:
    if not line.names_a_company:
        return Result(line, Outcome.ERROR, problems=line.problems)
    company = known.by_code.get(line.credit_code) if line.credit_code else None
    by_name = known.by_form.get(line.normal_form) or known.said.get(line.normal_form)
    if line.problems:
        found = company or by_name
        return Result(line, Outcome.ERROR, problems=line.problems, company=found)
    if company is None and by_name and line.credit_code and by_name.credit_code:
        # One name, two codes: two companies, or one of the codes is wrong. A person says.
        reason = msg("同名，但统一社会信用代码不同")
        return Result(line, Outcome.DOUBTFUL, (reason,), alike=by_name)
    return Result(line, Outcome.NEW, company=company or by_name)


def _compared(
    result: Result,
    candidates: Mapping[str, Sequence[tuple[Candidate, Likeness]]],
    taken: set[int],
    decisions: Mapping[int, Decision],
    known: Known,
) -> Result:
    """Put the most alike company beside a row nobody knows, and take a person's answer."""
    if result.company:
        return result
    if result.alike is None:
        for other, likeness in candidates.get(result.line.name, ()):
            if other.id not in taken:
                reason = msg("像“%(name)s”，%(reason)s", name=other.name, reason=likeness.reason)
                result = replace(result, alike=other, likeness=likeness, reasons=(reason,))
                break
    if result.alike is None:
        return result
    decision = decisions.get(result.line.number)
    if decision is None or decision.company != result.alike.public_id:
        if result.line.row_key in known.waiting:
            reasons = (*result.reasons, msg("已存为待核，还没有判定"))
            return replace(result, outcome=Outcome.UNCHANGED, reasons=reasons)
        return replace(result, outcome=Outcome.DOUBTFUL)
    words = {
        Answer.SAME: msg("已判定：是同一家"),
        Answer.GROUP: msg("已判定：同一集团，分开登记"),
        Answer.NEW: msg("已判定：没有关系"),
    }
    same = decision.answer is Answer.SAME
    return replace(
        result,
        outcome=Outcome.NEW,
        answer=decision.answer,
        company=result.alike if same else None,
        reasons=(words[decision.answer],),
    )


class _Matcher:
    """Says of a row whose company is clear what becomes of its lead."""

    def __init__(self, known: Known, choices: Choices) -> None:
        self.known = known
        self.choices = choices
        self.seen: dict[tuple[int | str, str], int] = {}
        self.met = Acquaintances(known.people)

    def settle(self, result: Result) -> Result:
        """A new lead, a change of one that is there, or why neither."""
        if result.outcome in (Outcome.DOUBTFUL, Outcome.UNCHANGED):
            return result
        line, company = result.line, result.company
        key = (company.id if company else line.normal_form, line.project)
        if (first := self.seen.setdefault(key, line.number)) != line.number:
            message = msg("与第 %(row)s 行是同一个项目，请只留一行。", row=first)
            return _wrong(result, Problem("project" if line.project else "company", message))
        existing = self._existing(line, company)
        if existing is None:
            return self._new(result)
        if existing.team_id != line.team_id:
            return _wrong(result, Problem("company", self._held(existing)))
        return self._change(result, existing)

    def _existing(self, line: Line, company: Candidate | None) -> Existing | None:
        """The lead that a row is about: the same project, or the only one where none is named."""
        leads = self.known.leads.get(company.id, ()) if company else ()
        open_ = [lead for lead in leads if lead.status is not Status.LOST]
        for lead in open_:
            if lead.project == line.project:
                return lead
        own = [lead for lead in open_ if lead.team_id == line.team_id]
        if not line.project and len(own) == 1 and "project" not in line.texts:
            return own[0]
        if line.status is Status.LOST:
            lost = [lead for lead in leads if lead.project == line.project]
            return lost[-1] if lost else None
        return None

    def _held(self, existing: Existing) -> Message:
        return next(
            (
                holder.sentence
                for holders in self.known.holders.values()
                for holder in holders
                if holder.lead_id == existing.id
            ),
            msg("别的小分队已登记这个项目。"),
        )

    def wrong(self, result: Result) -> Result:
        """A row with cells that cannot be read: what it lacks besides is said along with them.

        Whose project it is cannot be known without a company: it is taken for a new one's.
        """
        line = result.line
        if self._existing(line, result.company):
            return result
        said = {problem.column for problem in result.problems}
        lacks = [one for one in self._lacking(line, result.company) if one.column not in said]
        return replace(result, problems=(*result.problems, *lacks))

    def _segment(self, line: Line, company: Candidate | None) -> int | None:
        known = self.known.segments.get(company.id) if company else None
        return line.values.get("segment_id") or known or self.choices.segment

    def _lacking(self, line: Line, company: Candidate | None) -> tuple[Problem, ...]:
        """What a new lead needs and the row does not say."""
        lacks = []
        if self._segment(line, company) is None:
            message = msg("没写产业链环节，请补上，或给整个文件选一个。")
            lacks.append(Problem("segment", message))
        if "channel_id" not in line.values and self.choices.channel is None:
            lacks.append(Problem("channel", msg("没写线索来源，请补上。")))
        return tuple(lacks)

    def _new(self, result: Result) -> Result:
        line, company = result.line, result.company
        if lacks := self._lacking(line, company):
            return _wrong(result, *lacks)
        values = {"channel_id": self.choices.channel, **line.values}
        segment = self._segment(line, company)
        values["segment_id"] = segment
        facts = self._facts(line, company, values)
        target = line.stage or Stage.IDENTIFIED
        stage, said = placed(facts, target, self.choices.stages)
        # Of another lead's people here only gaps are filled.
        people, left = self._people(line, company, replaces=False)
        reasons = [*result.reasons, *line.notices, *left, *said]
        if company:
            reasons += [
                msg("另一个项目在谈：%(holder)s", holder=holder.sentence)
                for holder in self.known.holders.get(company.id, ())[:1]
            ]
        return replace(
            result,
            outcome=Outcome.NEW,
            reasons=tuple(reasons),
            values=values,
            stage=stage,
            facts=facts,
            new_step=bool(line.next_step),
            new_notes=tuple(range(len(line.notes))),
            people=people,
        )

    def _people(
        self, line: Line, company: Candidate | None, *, replaces: bool
    ) -> tuple[tuple[ContactChange, ...], list[Message]]:
        key = company.id if company else line.normal_form
        return self.met.meet(key, line.people, replaces=replaces)

    def _facts(self, line: Line, company: Candidate | None, values: Mapping[str, Any]) -> LeadFacts:
        """What the gates see of a lead that is not there yet."""
        own = {name: values[name] for name in values if name in LeadFacts.__dataclass_fields__}
        return LeadFacts(
            **own,
            company_id=company.id if company else 0,
            owner_id=line.owner_id,
            team_id=line.team_id,
            has_touch=bool(company and company.id in self.known.touched),
            has_visit=bool(company and company.id in self.known.visited),
            next_step=line.next_step or None,
            next_step_on=line.next_step_on,
        )

    def _change(self, result: Result, existing: Existing) -> Result:
        line, mode = result.line, self.choices.mode
        found = replace(result, existing=existing)
        if mode is Mode.SKIP:
            return replace(found, outcome=Outcome.UNCHANGED, reasons=(msg("已有这条线索，跳过"),))
        values = _changes(line, existing, mode)
        stage, facts, said = self._stage(line, existing, mode, values)
        step = bool(line.next_step) and _step_differs(line, existing, mode)
        notes = tuple(i for i, n in enumerate(line.notes) if n.key not in existing.note_keys)
        people, left = self._people(line, result.company, replaces=mode is Mode.REPLACE)
        if not (values or stage or step or notes or people):
            reasons = (msg("已有这条线索，没有变化"), *left, *said)
            return replace(found, outcome=Outcome.UNCHANGED, reasons=reasons)
        reasons = (*result.reasons, *line.notices, *left, *said)
        return replace(
            found,
            outcome=Outcome.MATCHED,
            reasons=reasons,
            values=values,
            stage=stage,
            facts=facts,
            new_step=step,
            new_notes=notes,
            people=people,
        )

    def _stage(
        self, line: Line, existing: Existing, mode: Mode, values: Mapping[str, Any]
    ) -> tuple[Stage | None, LeadFacts, Sequence[Message]]:
        """Where an existing lead is moved: forward only, when its ledger replaces what is there."""
        stays = LeadFacts()
        if line.stage is None or line.stage is existing.stage:
            return None, stays, ()
        names = {"ledger": stage_name(line.stage), "here": stage_name(existing.stage)}
        if existing.status is not Status.ACTIVE or position(line.stage) < position(existing.stage):
            return None, stays, (msg("台账写“%(ledger)s”，库里是“%(here)s”，阶段不动", **names),)
        if mode is not Mode.REPLACE:
            return None, stays, (msg("台账写“%(ledger)s”，只补空缺时阶段不动", **names),)
        own = {name: values[name] for name in values if name in LeadFacts.__dataclass_fields__}
        facts = replace(self.known.facts_of(existing.id), **own)
        if line.next_step:
            facts = replace(facts, next_step=line.next_step, next_step_on=line.next_step_on)
        stage, said = placed(facts, line.stage, self.choices.stages, existing.stage)
        return (None if stage is existing.stage else stage), facts, said


def _wrong(result: Result, *problems: Problem) -> Result:
    return Result(result.line, Outcome.ERROR, problems=problems, company=result.company)


def _changes(line: Line, existing: Existing, mode: Mode) -> dict[str, Any]:
    """The columns that a row changes; an empty cell changes none."""
    wanted = dict(line.values)
    if line.owner_named:
        wanted["owner_id"] = line.owner_id
    was = existing.values
    same_district = was.get("district_id") == wanted.get("district_id")
    if same_district and wanted.get("park_id") is None:
        # The same district said without a park takes no park away.
        wanted.pop("park_id", None)
    if mode is Mode.ADD:
        wanted = {k: v for k, v in wanted.items() if was.get(k) in (None, "")}
        if "district_id" not in wanted and not same_district:
            wanted.pop("park_id", None)
    return {k: v for k, v in wanted.items() if k in FIELD_WORDS and v != was.get(k)}


def _step_differs(line: Line, existing: Existing, mode: Mode) -> bool:
    if not existing.step:
        return True
    same = (existing.step, existing.step_on) == (line.next_step, line.next_step_on)
    return mode is Mode.REPLACE and not same
