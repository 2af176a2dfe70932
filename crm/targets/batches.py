"""A file that waits for its import: kept with its columns, repairs and answers, until applied."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from crm.clock import local_date
from crm.companies.identity import Answer, Decision
from crm.imports import batches
from crm.imports import recent as recents
from crm.imports.progress import Report, untold
from crm.imports.table import Table
from crm.paging import Page
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
from models.import_batch import BatchKind, BatchState, ImportBatch
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
        kind=BatchKind.TARGETS,
        state=BatchState.PREVIEW,
        shape=batches.shape_of(table.headers),
        list_id=target.id,
        year=year,
        file_name=file_name[-255:],
        sha256=hashlib.sha256(data).hexdigest(),
        mapping={"columns": dict(mapping), "headers": list(table.headers), "rows": len(table.rows)},
        decisions={"answers": {}, "fixes": {}},
        created_by_id=actor_id,
        created_at=now,
        target_list=target,
    )
    db.session.add(batch)
    return batch


def load_batch(public_id: str, *, for_update: bool = False) -> ImportBatch:
    """A batch with its content and its list; NotFound when there is none."""
    return batches.load(
        public_id,
        BatchKind.TARGETS,
        undefer(ImportBatch.content),
        joinedload(ImportBatch.target_list),
        joinedload(ImportBatch.created_by),
        for_update=for_update,
    )


def recent(cursor: str = "", edition: tuple[str, int] | None = None) -> Page[ImportBatch]:
    """The latest imports of lists; of one edition (list, year) where it is named."""
    where = []
    if edition:
        code, year = edition
        chosen = sa.select(TargetList.id).where(TargetList.code == code).scalar_subquery()
        where = [ImportBatch.list_id == chosen, ImportBatch.year == year]
    return recents.recent(BatchKind.TARGETS, *where, cursor=cursor)


def preview_of(batch: ImportBatch, report: Report = untold) -> Preview:
    """What a waiting batch would do now."""
    table = open_table(batch.file_name, batch.content or b"")
    answers = {
        int(row): Decision(Answer(found["answer"]), found["company"])
        for row, found in batch.decisions["answers"].items()
    }
    fixes = batches.texts_of(batch)
    year = batch.year or 0  # the table holds that one of targets has a year
    return preview(table, batch.target_list, year, batch.mapping["columns"], answers, fixes, report)


def map_columns(public_id: str, choices: Mapping[int, str]) -> None:
    """Say which column is what (column -> meaning, "" = none); Refusal as mapping_from_form."""
    batch = _waiting(public_id)
    batches.map_columns(batch, choices, TARGET_COLUMNS)


def answer(public_id: str, row: int, said: Answer | None, company: str) -> None:
    """Say what a doubtful row is to the company beside it; ``None`` takes the answer back."""
    batches.set_answer(_waiting(public_id), row, said, company)


def fix(public_id: str, row: int, texts: Mapping[str, str]) -> None:
    """Put other texts (by meaning) in place of a row's cells; the file stays as it is."""
    batches.set_texts(_waiting(public_id), row, texts, TARGET_COLUMNS)


def drop(public_id: str) -> None:
    """Give a waiting import up; its content goes."""
    batches.give_up(_waiting(public_id))


def _waiting(public_id: str) -> ImportBatch:
    return batches.require_waiting(load_batch(public_id, for_update=True))


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
