"""What each row of a list is: new, known, doubtful, unchanged or wrong. Pure.

The credit code decides first, then the normal form; nothing else makes two names one company.
What only looks alike is doubtful until a person says so. The rows of one file are told apart by
the list itself: a company that one row is, is no candidate for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm.companies.identity import Answer, Candidate, Decision
from crm.companies.names import Likeness
from crm.imports.outcomes import Outcome, Problem
from crm.messages import Message, msg
from crm.targets.rows import Line


@dataclass(frozen=True)
class Entry:
    """A row of the edition that is there already."""

    id: int
    row_key: str
    name: str
    normal_form: str
    rank: int | None
    raw: Mapping[str, str]
    company: Candidate | None
    alike: Candidate | None = None


@dataclass(frozen=True)
class Known:
    """What the database holds about the companies of a file."""

    by_code: Mapping[str, Candidate] = field(default_factory=dict)
    by_form: Mapping[str, Candidate] = field(default_factory=dict)
    entries: Sequence[Entry] = ()


@dataclass(frozen=True)
class Result:
    """A row, what becomes of it and why; ``changes`` are the entry's fields that change."""

    line: Line
    outcome: Outcome
    reasons: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()
    company: Candidate | None = None
    alike: Candidate | None = None
    likeness: Likeness | None = None
    entry: Entry | None = None
    answer: Answer | None = None
    changes: Mapping[str, object] = field(default_factory=dict)


Alike = Callable[[Iterable[str]], Mapping[str, Sequence[tuple[Candidate, Likeness]]]]


def match(
    lines: Sequence[Line], known: Known, alike: Alike, decisions: Mapping[int, Decision]
) -> list[Result]:
    """The result of every row, in order; ``decisions`` go by row number.

    ``alike`` is asked once, for the names nobody knows.
    """
    entries = _Entries(known.entries)
    found = [_identify(line, known, entries) for line in lines]
    taken = {result.company.id for result in found if result.company}
    unknown = {result.line.name for result in found if _is_open(result)}
    candidates = alike(unknown) if unknown else {}
    seen: dict[str, int] = {}
    return [
        _once(_settled(result, candidates, taken, decisions), seen)
        if not result.problems
        else result
        for result in found
    ]


class _Entries:
    """The rows of an edition by everything that may name them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.by_key = {entry.row_key: entry for entry in entries}
        self.by_form = {entry.normal_form: entry for entry in entries}
        self.by_company = {e.company.id: e for e in entries if e.company}

    def of(self, line: Line, company: Candidate | None) -> Entry | None:
        """The entry a line is; a code that came or went does not make it another."""
        if line.row_key in self.by_key:
            return self.by_key[line.row_key]
        if company:
            return self.by_company.get(company.id) or self._same_name(line)
        return self._same_name(line)

    def _same_name(self, line: Line) -> Entry | None:
        entry = self.by_form.get(line.normal_form)
        other_code = entry and line.credit_code and entry.row_key.startswith("code:")
        return None if other_code else entry


def _identify(line: Line, known: Known, entries: _Entries) -> Result:
    if line.problems:
        return Result(line, Outcome.ERROR, problems=line.problems)
    company = known.by_code.get(line.credit_code) if line.credit_code else None
    by_name = known.by_form.get(line.normal_form)
    if company is None and by_name is not None:
        if line.credit_code and by_name.credit_code:
            # One name, two codes: two companies, or one of the codes is wrong. A person says.
            entry = entries.of(line, None)
            reason = msg("同名，但统一社会信用代码不同")
            open_ = Result(line, Outcome.DOUBTFUL, (reason,), alike=by_name, entry=entry)
            return replace(open_, company=entry.company) if entry and entry.company else open_
        company = by_name
    entry = entries.of(line, company)
    if entry and entry.company:
        company = entry.company
    return Result(line, Outcome.NEW, company=company, entry=entry)


def _is_open(result: Result) -> bool:
    return not (result.problems or result.company or result.alike)


def _settled(
    result: Result,
    candidates: Mapping[str, Sequence[tuple[Candidate, Likeness]]],
    taken: set[int],
    decisions: Mapping[int, Decision],
) -> Result:
    if result.company:
        return _known(result)
    if not result.alike:
        result = _compared(result, candidates.get(result.line.name, ()), taken)
        if not result.alike:
            return _new(result)
    decision = decisions.get(result.line.number)
    if decision and result.alike and decision.company == result.alike.public_id:
        return _decided(result, decision.answer)
    return _undecided(result)


def _compared(
    result: Result, candidates: Sequence[tuple[Candidate, Likeness]], taken: set[int]
) -> Result:
    """Put the most alike company beside the row; an entry that is undecided stays so."""
    for alike, likeness in candidates:
        if alike.id not in taken:
            reason = msg("像“%(name)s”，%(reason)s", name=alike.name, reason=likeness.reason)
            return replace(result, alike=alike, likeness=likeness, reasons=(reason,))
    if result.entry and result.entry.alike:
        return replace(result, alike=result.entry.alike)
    return result


def _known(result: Result) -> Result:
    """The company is known; the entry may be, too."""
    entry, company = result.entry, result.company
    if entry is None:
        return replace(result, outcome=Outcome.MATCHED, reasons=(_found_reason(result),))
    changes = _changes(result.line, entry)
    if entry.company is None and company:
        reason = msg("库里已有这家企业，存疑的一行已对上")
        return replace(result, outcome=Outcome.MATCHED, reasons=(reason,), changes=changes)
    if not changes:
        return replace(result, outcome=Outcome.UNCHANGED, reasons=(msg("已在榜，没有变化"),))
    return replace(
        result, outcome=Outcome.MATCHED, reasons=_change_reasons(entry, changes), changes=changes
    )


def _found_reason(result: Result) -> Message:
    line, company = result.line, result.company
    by_code = bool(company and line.credit_code and line.credit_code == company.credit_code)
    if by_code and company and company.name != line.name:
        return msg("信用代码相同，库里叫“%(name)s”", name=company.name)
    if line.rank is None:
        return msg("同名，登记上榜")
    return msg("同名，补上第 %(rank)s 名", rank=line.rank)


def _new(result: Result) -> Result:
    """Nobody knows anything like it; an undecided entry of old becomes a company now."""
    changes = _changes(result.line, result.entry) if result.entry else {}
    return replace(result, outcome=Outcome.NEW, changes=changes)


def _undecided(result: Result) -> Result:
    entry = result.entry
    changes = _changes(result.line, entry) if entry else {}
    if entry and not changes:
        reasons = (*result.reasons, msg("已在榜，还没有判定"))
        return replace(result, outcome=Outcome.UNCHANGED, reasons=reasons)
    return replace(result, outcome=Outcome.DOUBTFUL, changes=changes)


def _decided(result: Result, answer: Answer) -> Result:
    changes = _changes(result.line, result.entry) if result.entry else {}
    decided = replace(result, answer=answer, changes=changes)
    if answer is Answer.SAME:
        reasons = (msg("已判定：是同一家"),)
        return replace(decided, outcome=Outcome.MATCHED, company=result.alike, reasons=reasons)
    said = msg("已判定：同一集团，分开登记") if answer is Answer.GROUP else msg("已判定：没有关系")
    return replace(decided, outcome=Outcome.NEW, reasons=(said,))


def _changes(line: Line, entry: Entry) -> dict[str, object]:
    """What the row would change; an empty cell takes nothing away."""
    raw = {**entry.raw, **line.raw}
    wanted: dict[str, object] = {"name": line.name, "raw": raw}
    if line.rank is not None:
        wanted["rank"] = line.rank
    was = {"name": entry.name, "rank": entry.rank, "raw": dict(entry.raw)}
    return {key: value for key, value in wanted.items() if value != was[key]}


def _change_reasons(entry: Entry, changes: Mapping[str, object]) -> tuple[Message, ...]:
    reasons = []
    if "rank" in changes:
        rank = int(str(changes["rank"]))
        if entry.rank is None:
            reasons.append(msg("补上第 %(rank)s 名", rank=rank))
        else:
            reasons.append(msg("名次由 %(old)s 改为 %(new)s", old=entry.rank, new=rank))
    if "name" in changes:
        reasons.append(msg("榜上名称由“%(old)s”改写", old=entry.name))
    return tuple(reasons) or (msg("更新其他列"),)


def _once(result: Result, seen: dict[str, int]) -> Result:
    """A company stands once in an edition: the second row that is it, is wrong."""
    line = result.line
    names = {line.row_key}
    if result.company:
        names.add(f"company:{result.company.id}")
    if result.entry:
        names.add(f"entry:{result.entry.id}")
    first = min((seen[name] for name in names if name in seen), default=None)
    for name in names:
        seen.setdefault(name, line.number)
    if first is None:
        return result
    problem = Problem("name", msg("与第 %(row)s 行是同一家企业，请只留一行。", row=first))
    return Result(line, Outcome.ERROR, problems=(problem,))
