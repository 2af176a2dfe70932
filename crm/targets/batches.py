"""A file that waits for its import: kept with its columns, repairs and answers, until applied."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from crm.clock import local_date
from crm.companies.identity import Answer, Decision
from crm.errors import Conflict, NotFound
from crm.imports.columns import mapping_from_form
from crm.imports.table import Table
from crm.messages import msg
from crm.targets.columns import TARGET_COLUMNS
from crm.targets.preview import (
    Preview,
    check_year,
    guess_mapping,
    open_table,
    preview,
    target_list,
)
from models import db
from models.import_batch import BatchState, ImportBatch
from models.target import TargetList


def store_batch(
    file_name: str, data: bytes, list_code: str, year: int, *, actor_id: int | None, now: datetime
) -> ImportBatch:
    """Keep a file for its preview; Refusal or UnreadableFile when it can not be one.

    The columns of the list's last import are taken again where the header is the same.
    """
    check_year(year, local_date(now))
    target = target_list(list_code)
    table = open_table(file_name, data)
    mapping = _last_mapping(target, table) or guess_mapping(table)
    batch = new_batch(file_name, data, target, year, mapping, table, actor_id=actor_id, now=now)
    batch.content = data
    db.session.flush()
    return batch


def new_batch(
    file_name: str,
    data: bytes,
    target: TargetList,
    year: int,
    mapping: Mapping[str, int],
    table: Table,
    *,
    actor_id: int | None,
    now: datetime,
) -> ImportBatch:
    """A batch in its first state, without content."""
    batch = ImportBatch(
        state=BatchState.PREVIEW,
        list_id=target.id,
        year=year,
        file_name=file_name[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        mapping={"columns": dict(mapping), "headers": list(table.headers)},
        decisions={"answers": {}, "fixes": {}},
        created_by_id=actor_id,
        created_at=now,
        target_list=target,
    )
    db.session.add(batch)
    return batch


def load_batch(public_id: str, *, for_update: bool = False) -> ImportBatch:
    """A batch with its content and its list; NotFound when there is none."""
    query = sa.select(ImportBatch).where(ImportBatch.public_id == public_id)
    query = query.options(undefer(ImportBatch.content), joinedload(ImportBatch.target_list))
    if for_update:
        query = query.with_for_update(of=ImportBatch).execution_options(populate_existing=True)
    batch: ImportBatch | None = db.session.scalar(query)
    if batch is None or batch.state is BatchState.DROPPED:
        raise NotFound
    return batch


def preview_of(batch: ImportBatch) -> Preview:
    """What a waiting batch would do now."""
    table = open_table(batch.file_name, batch.content or b"")
    answers = {
        int(row): Decision(Answer(found["answer"]), found["company"])
        for row, found in batch.decisions["answers"].items()
    }
    fixes = {int(row): texts for row, texts in batch.decisions["fixes"].items()}
    return preview(table, batch.target_list, batch.year, batch.mapping["columns"], answers, fixes)


def map_columns(public_id: str, choices: Mapping[int, str]) -> None:
    """Say which column is what (column -> meaning, "" = none); Refusal as mapping_from_form."""
    batch = _waiting(public_id)
    headers = batch.mapping["headers"]
    columns = mapping_from_form(choices, len(headers), TARGET_COLUMNS)
    batch.mapping = {"columns": columns, "headers": headers}
    db.session.flush()


def answer(public_id: str, row: int, said: Answer | None, company: str) -> None:
    """Say what a doubtful row is to the company beside it; ``None`` takes the answer back."""
    batch = _waiting(public_id)
    answers = dict(batch.decisions["answers"])
    answers.pop(str(row), None)
    if said is not None:
        answers[str(row)] = {"answer": said.value, "company": company}
    batch.decisions = {**batch.decisions, "answers": answers}
    db.session.flush()


def fix(public_id: str, row: int, texts: Mapping[str, str]) -> None:
    """Put other texts (by meaning) in place of a row's cells; the file stays as it is."""
    batch = _waiting(public_id)
    fixes: dict[str, Any] = dict(batch.decisions["fixes"])
    known = {key: text for key, text in texts.items() if TARGET_COLUMNS.meaning(key)}
    fixes[str(row)] = {**fixes.get(str(row), {}), **known}
    batch.decisions = {**batch.decisions, "fixes": fixes}
    db.session.flush()


def drop(public_id: str) -> None:
    """Give a waiting import up; its content goes."""
    batch = _waiting(public_id)
    batch.state = BatchState.DROPPED
    batch.content = None
    db.session.flush()


def _waiting(public_id: str) -> ImportBatch:
    batch = load_batch(public_id, for_update=True)
    if batch.state is not BatchState.PREVIEW:
        raise Conflict(msg("这次导入已经写入，不能再改。要重来请先撤销。"))
    return batch


def _last_mapping(target: TargetList, table: Table) -> dict[str, int] | None:
    last = db.session.scalar(
        sa.select(ImportBatch)
        .where(ImportBatch.list_id == target.id, ImportBatch.state == BatchState.APPLIED)
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )
    if last is None or last.mapping["headers"] != list(table.headers):
        return None
    columns: dict[str, int] = last.mapping["columns"]
    return columns
