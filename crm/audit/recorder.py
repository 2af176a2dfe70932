"""Listens to every flush and writes the trail and the lead versions in the same transaction."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    SessionTransaction,
    configure_mappers,
    object_mapper,
)

from crm.audit.acting import current
from crm.audit.settled import moment_to_write
from models.audit import Change, ChangeSet, LeadVersion
from models.base import Model
from models.lead import Lead
from models.sets import insert_rows

_CHANGE_SET = "audit.change_set"

# The columns that a lead and its versions share: all that a report may ask about the past.
VERSIONED = tuple(
    c.name
    for c in LeadVersion.__table__.columns
    if c.name in Lead.__table__.columns and c.name != "id"
)


class BulkWriteRefused(RuntimeError):
    """A statement would have changed audited records without a trail."""


@dataclass
class _Made:
    """The change set of a transaction, and the innermost transaction its row stands or falls with.

    A released savepoint hands it to what is around it; a savepoint rolled back takes it along.
    """

    id: int
    known_at: datetime
    within: SessionTransaction | None


class Edit(NamedTuple):
    """One field of a record, before and after; the field ``*`` is the whole record."""

    subject: str
    subject_id: int
    field: str
    before: Any
    after: Any


def install() -> None:
    """Hang the recorder on every session of the process."""
    if not event.contains(Session, "after_flush", _record):
        _remember_what_was()
        event.listen(Session, "after_flush", _record)
        event.listen(Session, "do_orm_execute", _refuse_bulk)
        event.listen(Session, "after_commit", _hand_up)
        event.listen(Session, "after_transaction_end", _forget)


def _remember_what_was() -> None:
    """Load the old value of an expired column before it is set: the trail says what was there."""
    configure_mappers()
    for mapper in Model.registry.mappers:
        if mapper.class_.audit_subject:
            for column in mapper.column_attrs:
                event.listen(column.class_attribute, "set", _no_change, active_history=True)


def _no_change(_record: Any, _value: Any, _old: Any, _initiator: Any) -> None:
    """Only its ``active_history`` matters."""


def _record(session: Session, _flush: Any) -> None:
    edits = [*_created(session.new), *_changed(session.dirty), *_deleted(session.deleted)]
    leads = [
        lead
        for lead in (*session.new, *session.dirty)
        if isinstance(lead, Lead) and _touches_version(lead)
    ]
    if not edits and not leads:
        return
    made = _change_set(session)
    if edits:
        _write_edits(session, made.id, edits)
    for lead in leads:
        _write_version(session, made.id, made.known_at, lead)


def _created(records: Iterable[Any]) -> Iterable[Edit]:
    for record in records:
        if isinstance(record, Model) and record.audit_subject:
            values = {name: plain(getattr(record, name)) for name in _fields(record)}
            yield Edit(record.audit_subject, subject_id(record), "*", None, values)


def _changed(records: Iterable[Any]) -> Iterable[Edit]:
    for record in records:
        if not isinstance(record, Model) or not record.audit_subject:
            continue
        state = sa.inspect(record)
        for column in object_mapper(record).column_attrs:
            name = column.key
            if name == "version":
                continue
            history = state.attrs[name].history
            if not history.has_changes():
                continue
            before = plain(history.deleted[0]) if history.deleted else None
            after = plain(history.added[0]) if history.added else None
            if name in record.audit_omit:
                if name == "updated_at":
                    continue
                before = after = None
            yield Edit(record.audit_subject, subject_id(record), name, before, after)


def _deleted(records: Iterable[Any]) -> Iterable[Edit]:
    for record in records:
        if isinstance(record, Model) and record.audit_subject:
            values = {name: plain(getattr(record, name)) for name in _fields(record)}
            yield Edit(record.audit_subject, subject_id(record), "*", values, None)


def _fields(record: Model) -> list[str]:
    loaded = sa.inspect(record).unloaded
    return [
        c.key
        for c in object_mapper(record).column_attrs
        if c.key not in record.audit_omit and c.key not in loaded
    ]


def subject_id(record: Model) -> int:
    """The key under which the trail knows a record: the first column of its primary key."""
    return int(object_mapper(record).primary_key_from_instance(record)[0])


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    return value


def _change_set(session: Session) -> _Made:
    """The one change set of this transaction, made when it is first needed."""
    made: _Made | None = session.info.get(_CHANGE_SET)
    if made is None:
        who = current()
        known_at = moment_to_write(session.connection())
        result = session.connection().execute(
            sa.insert(ChangeSet).values(
                known_at=known_at,
                # What is known has happened: nothing is effective before it is known.
                effective_at=min(who.effective_at or known_at, known_at),
                actor_id=who.actor_id,
                via=who.via,
                request_id=who.request_id,
                reason=who.reason,
            )
        )
        key = result.inserted_primary_key
        assert key is not None  # noqa: S101 (an insert of one row has a key)
        within = session.get_nested_transaction() or session.get_transaction()
        made = session.info[_CHANGE_SET] = _Made(int(key[0]), known_at, within)
    return made


def _write_edits(session: Session, change_set_id: int, edits: list[Edit]) -> None:
    last = _last_seqs(session, edits)
    rows = []
    for edit in edits:
        key = (edit.subject, edit.subject_id)
        last[key] = last.get(key, 0) + 1
        rows.append({**edit._asdict(), "change_set_id": change_set_id, "seq": last[key]})
    insert_rows(session.connection(), Change.__table__, rows)


def _last_seqs(session: Session, edits: list[Edit]) -> dict[tuple[str, int], int]:
    """The last number of each subject that has one; the record's own row lock orders writers."""
    new = {(e.subject, e.subject_id) for e in edits if e.field == "*" and e.before is None}
    if session.connection().dialect.name == "sqlite":
        # A key that was the last and was deleted is given again: its trail goes on.
        new = set()
    known = sorted({(e.subject, e.subject_id) for e in edits} - new)
    last: dict[tuple[str, int], int] = {}
    for start in range(0, len(known), 200):
        part = known[start : start + 200]
        query = (
            sa.select(Change.subject, Change.subject_id, sa.func.max(Change.seq))
            .where(sa.tuple_(Change.subject, Change.subject_id).in_(part))
            .group_by(Change.subject, Change.subject_id)
        )
        for subject, number, seq in session.connection().execute(query):
            last[(subject, number)] = seq
    return last


def _touches_version(lead: Lead) -> bool:
    state = sa.inspect(lead)
    return state.pending or any(state.attrs[name].history.has_changes() for name in VERSIONED)


def _write_version(session: Session, change_set_id: int, known_at: datetime, lead: Lead) -> None:
    """Close the version that stood and open the next; flushes of one transaction share a moment."""
    connection = session.connection()
    current = connection.execute(
        sa.select(LeadVersion.id, LeadVersion.seq, LeadVersion.known_from).where(
            LeadVersion.lead_id == lead.id, LeadVersion.known_to.is_(None)
        )
    ).one_or_none()
    seq, moment = 1, known_at
    if current is not None:
        seq = current.seq + 1
        # Clocks of two hosts may differ; what was known never runs backwards.
        moment = max(known_at, current.known_from)
        connection.execute(
            sa.update(LeadVersion).where(LeadVersion.id == current.id).values(known_to=moment)
        )
    values = {name: plain_version(getattr(lead, name)) for name in VERSIONED}
    connection.execute(
        sa.insert(LeadVersion).values(
            lead_id=lead.id, seq=seq, change_set_id=change_set_id, known_from=moment, **values
        )
    )


def plain_version(value: Any) -> Any:
    """A version keeps codes, not enumerations: a code that is retired later still reads."""
    return value.value if isinstance(value, enum.Enum) else value


def _hand_up(session: Session) -> None:
    """A savepoint was released: its change set lives on in what is around it."""
    made: _Made | None = session.info.get(_CHANGE_SET)
    released = session.get_nested_transaction()
    if made is None or released is None or made.within is not released:
        return
    around = released.parent
    while around is not None and around.parent is not None and not around.nested:
        around = around.parent
    made.within = around


def _forget(session: Session, transaction: SessionTransaction) -> None:
    """Where the change set was made has ended, by commit of everything or by rollback."""
    made: _Made | None = session.info.get(_CHANGE_SET)
    if made is not None and made.within is transaction:
        del session.info[_CHANGE_SET]


def _refuse_bulk(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert):
        return
    table = getattr(state.statement, "table", None)
    if table is not None and table.name in _audited_tables():
        raise BulkWriteRefused(f"{table.name} is audited: change its records one by one")


@cache
def _audited_tables() -> frozenset[str]:
    return frozenset(
        mapper.class_.__tablename__
        for mapper in Model.registry.mappers
        if mapper.class_.audit_subject
    )
