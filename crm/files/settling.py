"""A file takes its place in the commit of its row: no row is ever without it, and what is refused
leaves nothing behind. A file that is purged goes after the commit that forgets it.
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from crm.files.store import FileStore, Received

_WAITING = "files.waiting"
_LEAVING = "files.leaving"


def install() -> None:
    """Listen to every session."""
    if not event.contains(Session, "before_commit", _settle):
        event.listen(Session, "before_commit", _settle)
        event.listen(Session, "after_commit", _remove)
        event.listen(Session, "after_rollback", _forget)


def settle_with(session: Session, file: Received) -> None:
    """Put the file in its place when the session commits, and not at all when it rolls back."""
    session.info.setdefault(_WAITING, []).append(file)


def remove_with(session: Session, store: FileStore, sha256: str) -> None:
    """Take the file away once the session has committed, and not at all when it rolls back."""
    session.info.setdefault(_LEAVING, []).append((store, sha256))


def _remove(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for store, sha256 in session.info.pop(_LEAVING, ()):
        store.remove(sha256)


def _settle(session: Session) -> None:
    for file in session.info.pop(_WAITING, ()):
        file.settle()


def _forget(session: Session) -> None:
    session.info.pop(_WAITING, None)
    session.info.pop(_LEAVING, None)
