"""What a check said of each row, kept for the pages: they read what they show, however long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm.companies.contacts import LABELS
from crm.companies.identity import Answer, likelier
from crm.imports.outcomes import Outcome, Problem
from crm.leads.importing.contacts import ContactChange
from crm.leads.importing.directory import Directory
from crm.leads.importing.matching import Result
from crm.leads.importing.people import person_text
from crm.leads.importing.preview import Preview
from crm.leads.importing.rows import NAMING
from crm.leads.stages import stage_name
from crm.leads.trail import said as said_value
from crm.leads.words import FIELD_WORDS
from crm.messages import Message, msg, nmsg
from crm.packing import pack, pack_value
from crm.targets.rows import home_text
from models import db
from models.enums import Stage
from models.import_batch import ImportBatch, ImportRow
from models.sets import insert_rows

WORDS_KEPT = 30
# What stays of an applied batch's rows: doubts to be settled, and what was wrong.
KEPT = (Outcome.DOUBTFUL.value, Outcome.ERROR.value)


def counts_of(found: Preview) -> dict[str, Any]:
    """The rows by outcome, and the words nobody knows with how often they stand there."""
    unknown = Counter(
        (problem.column, text)
        for result in found.results
        for problem in result.problems
        if problem.column in NAMING and (text := result.line.texts.get(problem.column, ""))
    )
    return {
        "rows": len(found.results),
        **{outcome.value: n for outcome, n in found.counts.items()},
        "people": new_people(found.results),
        "unknown": [[key, text, n] for (key, text), n in unknown.most_common(WORDS_KEPT)],
    }


def new_people(results: Iterable[Result]) -> int:
    """How many contacts these rows bring that nobody has written down."""
    return sum(person.known is None for result in results for person in result.people)


def recount(batch: ImportBatch, before: str | None, after: str, people: int = 0) -> None:
    """One row has another outcome now; once it is written, with the people it brought."""
    counts: dict[str, Any] = dict(batch.counts)
    if before:
        counts[before] -= 1
    counts[after] = counts.get(after, 0) + 1
    counts["people"] = counts.get("people", 0) + people
    batch.counts = counts


def keep(batch: ImportBatch, found: Preview, cells: Mapping[int, Sequence[str]]) -> None:
    """Write every row's outcome in place of what was said before."""
    db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    rows = [
        {
            "batch_id": batch.id,
            "number": result.line.number,
            "cells": list(cells[result.line.number]),
            "row_key": result.line.row_key,
            "outcome": result.outcome.value,
            "said": said_of(result, found.directory),
        }
        for result in found.results
    ]
    insert_rows(db.session.connection(), ImportRow.__table__, rows)


def keep_open(batch: ImportBatch, found: Preview, cells: Mapping[int, Sequence[str]]) -> None:
    """The same once it is written: only what is left to decide, what was wrong, what was said."""
    left = tuple(r for r in found.results if r.outcome in KEPT or r.answer is Answer.SAME)
    keep(batch, Preview(left, found.counts, found.directory), cells)


def said_of(result: Result, directory: Directory) -> dict[str, Any]:
    """All that a page shows of a row, as JSON."""
    line = result.line
    # Of a wrong row the stage that it says, in the words of the others.
    stage = result.stage or (result.existing.stage if result.existing else line.stage)
    said: dict[str, Any] = {
        "company": line.name,
        "project": line.project,
        "stage": pack_value(stage_name(stage)) if stage else line.texts.get("stage", ""),
        "owner": _owner(result, directory),
        "city": home_text(line.texts),
        "credit_code": line.credit_code or "",
        "reasons": [pack(reason) for reason in result.reasons],
        "problems": [_problem(problem, line.texts) for problem in result.problems],
        "changes": [pack(change) for change in changes_of(result, directory)],
        "answer": result.answer.value if result.answer else None,
    }
    if result.alike:
        said["alike"] = result.alike.public_id
        if result.answer is Answer.SAME:
            said["same"] = result.alike.public_id
        if result.likeness:
            said["score"] = result.likeness.score
            said["likelier"] = likelier(line.name, result.alike, result.likeness).value
    if result.existing:
        said["lead"] = result.existing.public_id
    return said


def changes_of(result: Result, directory: Directory) -> list[Message]:
    """What changes of a lead that is there already: what stood there, what will stand there."""
    existing = result.existing
    if result.outcome is Outcome.NEW:
        return people_of(result)
    if existing is None or result.outcome is not Outcome.MATCHED:
        return []
    found = [
        msg(
            "%(field)s：%(before)s → %(after)s",
            field=FIELD_WORDS[name],
            before=said_value(name, existing.values.get(name), dict(directory.names)),
            after=said_value(name, value, dict(directory.names)),
        )
        for name, value in result.values.items()
    ]
    if result.stage:
        found.append(_move(existing.stage, result.stage))
    if result.new_step:
        found.append(msg("下一步：%(text)s", text=result.line.next_step))
    if result.new_notes:
        found.append(nmsg("补 %(n)s 条旧记录", len(result.new_notes)))
    return [*found, *people_of(result)]


def people_of(result: Result) -> list[Message]:
    """Who comes to the company by this row, and what it says more of those who are there."""
    return [text for person in result.people for text in _of_person(person)]


def _of_person(person: ContactChange) -> list[Message]:
    if person.known is None:
        return [msg("新联系人：%(person)s", person=person_text(person.typed))]
    return [
        msg(
            "联系人%(name)s，%(field)s：%(before)s → %(after)s",
            name=person.typed.name,
            field=LABELS[name],
            before=getattr(person.known.typed, name) or msg("未填"),
            after=text,
        )
        for name, text in person.values.items()
    ]


def _move(old: Stage, new: Stage) -> Message:
    return msg("%(old)s → %(new)s", old=stage_name(old), new=stage_name(new))


def _owner(result: Result, directory: Directory) -> str:
    owner = result.line.owner_id
    if result.existing and not result.line.owner_named:
        owner = result.existing.values["owner_id"]
    name = directory.names.get(("owner_id", owner)) if owner else None
    return name.zh if name else result.line.texts.get("owner", "")


def _problem(problem: Problem, texts: Any) -> dict[str, Any]:
    return {
        "column": problem.column,
        "message": pack(problem.message),
        "repair": problem.repair,
        "text": texts.get(problem.column, ""),
        "here": problem.column in texts,
    }
