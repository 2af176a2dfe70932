"""Listens to every flush and writes the trail and the lead versions in the same transaction."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    Session,
    SessionTransaction,
    class_mapper,
    object_mapper,
    object_session,
)

from crm.audit import versions
from crm.audit.acting import current
from crm.audit.settled import moment_to_write
from models.audit import Change, ChangeSet
from models.base import Model
from models.creating import Created, on_created
from models.lead import Lead
from models.sets import insert_rows

_CHANGE_SET = "audit.change_set"
_PLAIN = frozenset((str, int, bool))
# All that the trail says of a record's last state when it is purged.
PURGED = {"purged": True}
_purges: ContextVar[bool] = ContextVar("purges", default=False)
_returns: ContextVar[bool] = ContextVar("returns", default=False)


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


@contextmanager
def purging() -> Iterator[None]:
    """What is deleted inside leaves in the trail that it was, and no word of what it said."""
    token = _purges.set(True)
    try:
        yield
    finally:
        _purges.reset(token)


@contextmanager
def returning() -> Iterator[None]:
    """What is made inside was there before under the same key: its trail goes on."""
    token = _returns.set(True)
    try:
        yield
    finally:
        _returns.reset(token)


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
        if all(mapper.configured for mapper in Model.registry.mappers):
            _remember_what_was()
        else:
            # Not now: a command that only reads rows starts without relating all models.
            event.listen(Mapper, "after_configured", _remember_what_was, once=True)
        event.listen(Session, "after_flush", _record)
        on_created(_record_created)
        event.listen(Session, "do_orm_execute", _refuse_bulk)
        event.listen(Session, "after_commit", _hand_up)
        event.listen(Session, "after_transaction_end", _forget)


def _remember_what_was() -> None:
    """Load the old value of an expired column before it is set: the trail says what was there."""
    for mapper in Model.registry.mappers:
        if mapper.class_.audit_subject:
            for column in mapper.column_attrs:
                event.listen(column.class_attribute, "set", _no_change, active_history=True)


def _no_change(_record: Any, _value: Any, _old: Any, _initiator: Any) -> None:
    """Only its ``active_history`` matters."""


def note(record: Model, name: str, before: Any, after: Any) -> None:
    """Write into a record's trail what none of its columns says: who belongs to it, say.

    Raises ValueError for a record that has no trail or is in no session.
    """
    session = object_session(record)
    if session is None or record.audit_subject is None:
        raise ValueError("only what is audited and in a session has a trail")
    edit = Edit(record.audit_subject, subject_id(record), name, before, after)
    _write_edits(session, _change_set(session).id, [edit])


def _record(session: Session, _flush: Any) -> None:
    edits = [*_created(session.new), *_changed(session.dirty), *_deleted(session.deleted)]
    leads = [
        lead
        for lead in (*session.new, *session.dirty)
        if isinstance(lead, Lead) and lead.archived_at is None and versions.moved(lead)
    ]
    gone = [lead for lead in session.deleted if isinstance(lead, Lead)]
    # What lies in the trash has no version that stands; one begins when it is brought back.
    gone += [lead for lead in session.dirty if isinstance(lead, Lead) and lead.archived_at]
    if not edits and not leads:
        return
    made = _change_set(session)
    if edits:
        _write_edits(session, made.id, edits)
    if leads or gone:
        versions.write(session.connection(), made.id, made.known_at, leads, gone)


def _record_created(session: Session, created: Created) -> None:
    """The same of records that were made as rows."""
    edits = [
        Edit(model.audit_subject, row["id"], "*", None, _said(model, row))
        for model, rows in created.items()
        if model.audit_subject
        for row in rows
    ]
    if not edits:
        return
    made = _change_set(session)
    _write_edits(session, made.id, edits)
    if leads := created.get(Lead):
        versions.begin(session.connection(), made.id, made.known_at, leads)


def _created(records: Iterable[Any]) -> Iterable[Edit]:
    for record in records:
        if isinstance(record, Model) and record.audit_subject:
            yield Edit(record.audit_subject, subject_id(record), "*", None, _values(record))


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
            if name in record.audit_omit or _purges.get():
                if name == "updated_at":
                    continue
                before = after = None
            yield Edit(record.audit_subject, subject_id(record), name, before, after)


def _deleted(records: Iterable[Any]) -> Iterable[Edit]:
    for record in records:
        if isinstance(record, Model) and record.audit_subject:
            before = PURGED if _purges.get() else _values(record)
            yield Edit(record.audit_subject, subject_id(record), "*", before, None)


def _values(record: Model) -> dict[str, Any]:
    """What is loaded of a record's columns; nothing is read for it."""
    return _said(type(record), sa.inspect(record).dict)


def _said(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(values[name]) for name in _columns(model) if name in values}


@cache
def _columns(model: type[Model]) -> tuple[str, ...]:
    """The columns of a table that its trail keeps."""
    return tuple(c.key for c in class_mapper(model).column_attrs if c.key not in model.audit_omit)


def subject_id(record: Model) -> int:
    """The key under which the trail knows a record: the first column of its primary key.

    A day is known by how many days the calendar has had until it.
    """
    key = object_mapper(record).primary_key_from_instance(record)[0]
    return key.toordinal() if isinstance(key, date) else int(key)


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    if isinstance(value, (date, time)):
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


def made_now(session: Any) -> int | None:
    """The change set that this transaction has made so far, by its key."""
    made: _Made | None = session.info.get(_CHANGE_SET)
    return made.id if made else None


def _write_edits(session: Session, change_set_id: int, edits: list[Edit]) -> None:
    last = _last_seqs(session, edits)
    rows = []
    for subject, number, field, before, after in edits:
        seq = last[(subject, number)] = last.get((subject, number), 0) + 1
        rows.append(
            {
                "subject": subject,
                "subject_id": number,
                "field": field,
                "before": before,
                "after": after,
                "change_set_id": change_set_id,
                "seq": seq,
            }
        )
    insert_rows(session.connection(), Change.__table__, rows)


def _last_seqs(session: Session, edits: list[Edit]) -> dict[tuple[str, int], int]:
    """The last number of each subject that has one; the record's own row lock orders writers.

    A record that is new has none, unless SQLite gave it the number of one that is gone, or it is
    made again (``returning``).
    """
    new = {(e.subject, e.subject_id) for e in edits if e.field == "*" and e.before is None}
    if _returns.get():
        new = set()
    highest = {subject: _highest(session, subject) for subject in {s for s, _ in new}}
    fresh = {(subject, number) for subject, number in new if number > highest[subject]}
    known: defaultdict[str, list[int]] = defaultdict(list)
    for subject, number in sorted({(e.subject, e.subject_id) for e in edits} - fresh):
        known[subject].append(number)
    last: dict[tuple[str, int], int] = {}
    for subject, numbers in known.items():
        # Subject by subject: SQLite reads the whole trail where it is asked for pairs.
        for start in range(0, len(numbers), 500):
            query = (
                sa.select(Change.subject_id, sa.func.max(Change.seq))
                .where(
                    Change.subject == subject,
                    Change.subject_id.in_(numbers[start : start + 500]),
                )
                .group_by(Change.subject_id)
            )
            for number, seq in session.connection().execute(query):
                last[(subject, number)] = seq
    return last


def _highest(session: Session, subject: str) -> int:
    """The highest number in the trail of a subject; a sequence of PostgreSQL gives none twice.

    A record that only ties others together is known under one of their numbers, a day of the
    calendar under its own.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite" and subject not in _numbered_again():
        return 0
    query = sa.select(sa.func.max(Change.subject_id)).where(Change.subject == subject)
    return connection.scalar(query) or 0


@cache
def _numbered_again() -> frozenset[str]:
    """Subjects whose key is not a number that is given once."""
    return frozenset(
        mapper.class_.audit_subject
        for mapper in Model.registry.mappers
        if mapper.class_.audit_subject
        and (len(mapper.primary_key) > 1 or not isinstance(mapper.primary_key[0].type, sa.Integer))
    )


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
