"""Take a whole import back: what it made goes, what it changed is as before.

What somebody has used or changed since stays, and is counted: a company with a lead, a visit or
another list's entry is not removed, nor is a value overwritten that is no longer the import's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm import audit
from crm.companies.removal import remove_unused, restore_codes
from crm.errors import Conflict
from crm.imports.changes import changes_of, records_of
from crm.messages import msg
from crm.targets import cadence
from crm.targets.applying import entry_values, lock_lists
from crm.targets.batches import load_batch
from models import db
from models.company import CompanyRelation
from models.enums import MatchState, Via
from models.import_batch import BatchState, ImportChange
from models.target import ListEdition, ListEntry


@dataclass(frozen=True)
class Undone:
    """How many entries and companies were taken back, and how many had to stay."""

    entries: int
    companies: int
    kept_entries: int
    kept_companies: int


def undo(public_id: str, *, now: datetime) -> Undone | None:
    """Take an applied import back; None when it was undone before."""
    lock_lists()
    batch = load_batch(public_id, for_update=True)
    if batch.state is BatchState.UNDONE:
        return None
    if batch.state is not BatchState.APPLIED:
        raise Conflict(msg("这次导入还没有写入，没有什么可撤销。"))
    who = audit.current()
    with audit.acting(who.actor_id, Via.IMPORT, request_id=who.request_id):
        undone = _take_back(changes_of(batch))
        batch.state = BatchState.UNDONE
        batch.undone_at = now
        batch.counts = {
            **batch.counts,
            "kept_entries": undone.kept_entries,
            "kept_companies": undone.kept_companies,
        }
        db.session.flush()
    return undone


def _take_back(changes: dict[str, list[ImportChange]]) -> Undone:
    for relation in records_of(CompanyRelation, changes.get("company_relation", ())).values():
        db.session.delete(relation)
    touched, entries, kept_entries = _entries(changes.get("list_entry", ()))
    of_companies = changes.get("company", ())
    restore_codes([change for change in of_companies if change.before is not None])
    db.session.flush()
    made = {change.subject_id for change in of_companies if change.before is None}
    removed = remove_unused(made)
    _remove_empty(changes.get("list_edition", ()))
    db.session.flush()
    cadence.recompute(touched - removed)
    return Undone(entries, len(removed), kept_entries, len(made) - len(removed))


def _entries(changes: Sequence[ImportChange]) -> tuple[set[int], int, int]:
    """Delete or restore entries; their companies, how many went back and how many stayed."""
    touched: set[int] = set()
    back = kept = 0
    known = records_of(ListEntry, changes)
    for change in changes:
        entry = known.get(change.subject_id)
        if entry is None:
            continue
        if entry.company_id is not None:
            touched.add(entry.company_id)
        if change.before is None:
            db.session.delete(entry)
            back += 1
        elif entry_values(entry) == change.after:
            _restore(entry, change.before)
            if entry.company_id is not None:
                touched.add(entry.company_id)
            back += 1
        else:
            kept += 1
    db.session.flush()
    return touched, back, kept


def _restore(entry: ListEntry, before: dict[str, Any]) -> None:
    for name, value in before.items():
        setattr(entry, name, MatchState(value) if name == "match_state" else value)
    if entry.match_state is MatchState.UNDECIDED:
        entry.decided_by_id = entry.decided_at = None


def _remove_empty(changes: Sequence[ImportChange]) -> None:
    """An edition goes when the import made it and nothing stands in it any more."""
    for edition in records_of(ListEdition, changes).values():
        query = sa.select(ListEntry.id).where(ListEntry.edition_id == edition.id).limit(1)
        if db.session.scalar(query) is None:
            db.session.delete(edition)
