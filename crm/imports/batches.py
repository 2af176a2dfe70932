"""A file that waits for its import: its columns, repairs and answers, whatever it brings in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import ExecutableOption

from crm.errors import Conflict, NotFound
from crm.imports.columns import Vocabulary, mapping_from_form
from crm.messages import msg
from models import db
from models.import_batch import BatchKind, BatchState, ImportBatch

Condition = sa.ColumnElement[bool]


def load(
    public_id: str,
    kind: BatchKind,
    *options: ExecutableOption,
    where: Condition | None = None,
    for_update: bool = False,
) -> ImportBatch:
    """A batch of that kind; NotFound when there is none, or none that ``where`` lets one see."""
    query = sa.select(ImportBatch).where(
        ImportBatch.public_id == public_id, ImportBatch.kind == kind
    )
    if where is not None:
        query = query.where(where)
    query = query.options(*options)
    if for_update:
        query = query.with_for_update(of=ImportBatch).execution_options(populate_existing=True)
    batch: ImportBatch | None = db.session.scalar(query)
    if batch is None or batch.state is BatchState.DROPPED:
        raise NotFound
    return batch


def require_waiting(batch: ImportBatch) -> ImportBatch:
    """The batch, when nothing of it is written yet; else Conflict."""
    if batch.state is not BatchState.PREVIEW:
        raise Conflict(msg("这次导入已经写入，不能再改。要重来请先撤销。"))
    return batch


def shape_of(headers: Sequence[str]) -> str:
    """A digest of a file's headers: files of one shape have their columns in the same places."""
    return hashlib.sha256(json.dumps(list(headers), ensure_ascii=False).encode()).hexdigest()


def map_columns(batch: ImportBatch, choices: Mapping[int, str], vocabulary: Vocabulary) -> None:
    """Say which column is what (column -> meaning, "" = none); Refusal as mapping_from_form."""
    headers = batch.mapping["headers"]
    columns = mapping_from_form(choices, len(headers), vocabulary)
    batch.mapping = {**batch.mapping, "columns": columns, "chosen": True}
    db.session.flush()


def set_answer(batch: ImportBatch, row: int, said: str | None, company: str) -> None:
    """Say what a doubtful row is to the record beside it; ``None`` takes the answer back."""
    answers = dict(batch.decisions["answers"])
    answers.pop(str(row), None)
    if said is not None:
        answers[str(row)] = {"answer": said, "company": company}
    decide(batch, answers=answers)


def set_texts(
    batch: ImportBatch, row: int, texts: Mapping[str, str], vocabulary: Vocabulary
) -> None:
    """Put other texts (by meaning) in place of a row's cells; the file stays as it is."""
    fixes: dict[str, Any] = dict(batch.decisions["fixes"])
    known = {key: text for key, text in texts.items() if vocabulary.meaning(key)}
    fixes[str(row)] = {**fixes.get(str(row), {}), **known}
    decide(batch, fixes=fixes)


def decide(batch: ImportBatch, **said: Any) -> None:
    """Keep what a person said of the file."""
    batch.decisions = {**batch.decisions, **said}
    db.session.flush()


def texts_of(batch: ImportBatch) -> dict[int, dict[str, str]]:
    """The texts that stand in place of cells, by row number and meaning."""
    return {int(row): texts for row, texts in batch.decisions["fixes"].items()}


def give_up(batch: ImportBatch) -> None:
    """Give a waiting import up; its content goes."""
    batch.state = BatchState.DROPPED
    batch.content = None
    db.session.flush()
