"""A file takes its place in the commit of its row: no row is ever without it, and what is refused
leaves nothing behind. A file that is purged goes after the commit that forgets it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from crm.files.store import FileStore, Received
from models.attachment import Blob

_WAITING = "files.waiting"
_LEAVING = "files.leaving"


def install() -> None:
    """Listen to every session."""
    if not event.contains(Session, "before_commit", _settle):
        event.listen(Session, "before_commit", _settle)
        event.listen(Session, "after_commit", _remove)
        event.listen(Session, "after_soft_rollback", _forget)


def settle_with(session: Session, file: Received) -> None:
    """Put the file in its place when the session commits, and not at all when it rolls back."""
    session.info.setdefault(_WAITING, []).append(file)


def remove_with(session: Session, store: FileStore, sha256: str) -> None:
    """Take the file away once the session has committed, and not at all when it rolls back."""
    session.info.setdefault(_LEAVING, []).append((store, sha256))


# A savepoint commits and rolls back, too; what was asked for waits for the whole.


def _remove(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for store, sha256 in session.info.pop(_LEAVING, ()):
        _take_away(session.get_bind(), store, sha256)


def _take_away(database: sa.Engine | sa.Connection, store: FileStore, sha256: str) -> None:
    """Somebody may have brought the same content since: then it stays, and nobody brings it now."""
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE blob IN SHARE ROW EXCLUSIVE MODE"))
        there = sa.select(Blob.id).where(Blob.sha256 == sha256)
        if connection.scalar(there) is None:
            store.remove(sha256)


def _settle(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for file in session.info.pop(_WAITING, ()):
        file.settle()


def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        return
    session.info.pop(_WAITING, None)
    session.info.pop(_LEAVING, None)
