"""A ledger that waits for its import: stored with its rows, its columns and what a person said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor
from crm.companies.identity import Answer, Decision
from crm.errors import Refusal
from crm.imports import batches
from crm.imports import recent as recents
from crm.imports.outcomes import Outcome
from crm.imports.returning import cut
from crm.imports.table import Table
from crm.imports.values import Page as Sheet
from crm.imports.values import read_values
from crm.imports.workbook import Row
from crm.leads import lookups
from crm.leads.importing.columns import LEAD_COLUMNS
from crm.leads.importing.matching import Mode
from crm.leads.importing.preview import Ledger, guess_mapping
from crm.leads.importing.rows import NAMING
from crm.leads.importing.staging import StageChoice
from crm.leads.inputs import Errors
from crm.paging import Page
from models import db
from models.enums import Role
from models.import_batch import BatchKind, BatchState, ImportBatch, ImportRow
from models.sets import insert_rows
from models.team import Team


def store(
    file_name: str,
    data: bytes,
    table: Table,
    ledger: Ledger,
    *,
    actor_id: int | None,
    now: datetime,
    rows: bool = True,
) -> ImportBatch:
    """Keep a ledger for its preview, its rows with it unless they are written at once."""
    batch = ImportBatch(
        kind=BatchKind.LEADS,
        state=BatchState.PREVIEW,
        # A ledger whose rows may be of any team is nobody's but the managers'.
        team_id=None if ledger.allowed is None else ledger.team,
        shape=batches.shape_of(table.headers),
        file_name=file_name[-255:],
        sha256=sha256(data).hexdigest(),
        content=data,
        mapping={
            "columns": dict(ledger.mapping),
            "headers": list(table.headers),
            "left_out": list(table.left_out),
            "sheet": table.sheet,
            "header_row": table.header_row,
            "rows": len(table.rows),
            "remembered": ledger.remembered,
        },
        decisions={
            "answers": {},
            "fixes": {},
            "words": {key: dict(said) for key, said in ledger.words.items()},
            "mode": ledger.mode.value,
            "stages": ledger.stages.value,
            "segment": ledger.segment,
            "team": ledger.team,
            "teams": sorted(ledger.allowed) if ledger.allowed is not None else None,
        },
        created_by_id=actor_id,
        created_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    if rows:
        waiting = [
            {"batch_id": batch.id, "number": row.number, "cells": list(row.cells), "said": {}}
            for row in table.rows
        ]
        insert_rows(db.session.connection(), ImportRow.__table__, waiting)
    return batch


def remembered(table: Table, allowed: frozenset[int] | None) -> dict[str, Any] | None:
    """Columns and words of the last ledger of this shape that these teams imported."""
    query = sa.select(ImportBatch).where(
        ImportBatch.kind == BatchKind.LEADS,
        ImportBatch.shape == batches.shape_of(table.headers),
        ImportBatch.state != BatchState.DROPPED,
    )
    if allowed is not None:
        query = query.where(ImportBatch.team_id.in_(allowed))
    last = db.session.scalar(query.order_by(ImportBatch.id.desc()).limit(1))
    if last is None or last.mapping["headers"] != list(table.headers):
        return None
    return {"columns": last.mapping["columns"], "words": last.decisions["words"]}


def new_ledger(
    table: Table,
    *,
    team: int | None,
    allowed: frozenset[int] | None,
    mode: Mode,
    stages: StageChoice = StageChoice.GATES,
    mapping: Mapping[str, int] | None = None,
) -> Ledger:
    """What holds for a new file: its columns as last time where it has the same headers."""
    last = remembered(table, allowed)
    known = last or {"columns": guess_mapping(table), "words": {}}
    return Ledger(
        headers=table.headers,
        mapping=known["columns"] if mapping is None else mapping,
        team=team,
        allowed=allowed,
        mode=mode,
        stages=stages,
        words=known["words"],
        remembered=last is not None,
    )


def load(public_id: str, actor: Actor, *, for_update: bool = False) -> ImportBatch:
    """A batch that the actor may see: a manager every one, others those of their team."""
    options = (joinedload(ImportBatch.team), joinedload(ImportBatch.created_by))
    return batches.load(
        public_id, BatchKind.LEADS, *options, where=_seen_by(actor), for_update=for_update
    )


def locked(public_id: str) -> ImportBatch:
    """A batch for the command line, which sees every one; locked."""
    return batches.load(public_id, BatchKind.LEADS, for_update=True)


def recent(actor: Actor, cursor: str = "") -> Page[ImportBatch]:
    """The latest imports that the actor may see."""
    return recents.recent(BatchKind.LEADS, _seen_by(actor), cursor=cursor)


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if actor.role is Role.MANAGER else ImportBatch.team_id.in_(actor.teams)


def ledger_of(batch: ImportBatch) -> Ledger:
    """What a batch keeps of its file and of what a person said."""
    said = batch.decisions
    return Ledger(
        headers=batch.mapping["headers"],
        mapping=batch.mapping["columns"],
        team=said.get("team", batch.team_id),
        allowed=None if said["teams"] is None else frozenset(said["teams"]),
        mode=Mode(said["mode"]),
        stages=StageChoice(said["stages"]),
        segment=said["segment"],
        words=said["words"],
        decisions={
            int(row): Decision(Answer(found["answer"]), found["company"])
            for row, found in said["answers"].items()
        },
        fixes=batches.texts_of(batch),
        batch_id=batch.id,
    )


def rows_of(batch: ImportBatch, *numbers: int) -> list[Row]:
    """The batch's rows as they stood in the file; some of them where numbers are given."""
    query = sa.select(ImportRow.number, ImportRow.cells).where(ImportRow.batch_id == batch.id)
    if numbers:
        query = query.where(ImportRow.number.in_(numbers))
    return [
        Row(number, tuple(cells))
        for number, cells in db.session.execute(query.order_by(ImportRow.number))
    ]


def waiting(public_id: str, actor: Actor) -> ImportBatch:
    """A batch of which nothing is written yet, locked; Conflict when something is."""
    return batches.require_waiting(load(public_id, actor, for_update=True))


def map_columns(batch: ImportBatch, choices: Mapping[int, str]) -> None:
    """Say which column is what; Refusal as mapping_from_form."""
    batches.map_columns(batch, choices, LEAD_COLUMNS)


def of_any_team(batch: ImportBatch) -> bool:
    """Whether its rows may be of any team, and so whoever brought it in says whose the rest are."""
    return batch.decisions["teams"] is None


def team_of(batch: ImportBatch) -> str:
    """The code of the team whose the rows without one are; empty where nobody said."""
    key = batch.decisions.get("team", batch.team_id)
    return str(db.session.scalar(sa.select(Team.code).where(Team.id == key)) or "")


def choose(
    batch: ImportBatch, *, mode: Mode, stages: StageChoice, segment: str, team: str | None = None
) -> None:
    """What holds for the whole file; ``team`` (a code, "" nobody's) where its rows are of any."""
    said = {"mode": mode.value, "stages": stages.value, "segment": segment}
    if team is None or not of_any_team(batch):
        batches.decide(batch, **said)
        return
    errors: Errors = {}
    key = lookups.team_id(team, errors)
    if errors:
        raise Refusal(errors)
    batches.decide(batch, **said, team=key)


def set_word(batch: ImportBatch, key: str, text: str, stands_for: str) -> None:
    """Say once for the whole file what a word stands for; empty takes it back."""
    if key not in NAMING:
        return
    words = {name: dict(said) for name, said in batch.decisions["words"].items()}
    words.setdefault(key, {}).pop(text, None)
    if stands_for:
        words[key][text] = stands_for
    batches.decide(batch, words=words)


def drop(batch: ImportBatch) -> None:
    """Give a waiting import up; its rows go."""
    forget_rows(batch)
    batches.give_up(batch)


def pages_of(batch: ImportBatch) -> list[Sheet]:
    """The batch's file; of one kept without it, the headers and rows that are there, as text."""
    if batch.content:
        return read_values(batch.content)
    rows: list[Sequence[str]] = [batch.mapping["headers"]]
    for row in rows_of(batch):
        rows += [()] * (row.number - len(rows) - 1)
        rows.append(row.cells)
    return [Sheet(batch.mapping["sheet"], rows)]


def header_row_of(batch: ImportBatch) -> int | None:
    """Where its header stands; a file that is not kept has it first."""
    header: int | None = batch.mapping["header_row"] if batch.content else 1
    return header


def cut_file(batch: ImportBatch) -> None:
    """Of a written batch's file keep the rows that may still be asked for, or nothing at all."""
    query = sa.select(ImportRow.number).where(
        ImportRow.batch_id == batch.id, ImportRow.outcome.in_((Outcome.DOUBTFUL, Outcome.ERROR))
    )
    numbers = db.session.scalars(query.order_by(ImportRow.number)).all()
    if not batch.content or not numbers:
        batch.content = None
    else:
        pages, sheet = read_values(batch.content), batch.mapping["sheet"]
        batch.content = cut(pages, sheet, batch.mapping["header_row"], numbers)
    db.session.flush()


def forget_rows(batch: ImportBatch, *, but: Sequence[str] = ()) -> None:
    """Rows that nothing is left to decide of go; ``but`` names the outcomes that stay."""
    statement = sa.delete(ImportRow).where(ImportRow.batch_id == batch.id)
    if but:
        statement = statement.where(ImportRow.outcome.not_in(but))
    db.session.execute(statement)
