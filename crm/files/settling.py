"""A file takes its place in the commit of its row: no row is ever without it, and what is refused
leaves nothing behind.
"""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from crm.files.store import Received

_WAITING = "files.waiting"


def install() -> None:
    """Listen to every session."""
    if not event.contains(Session, "before_commit", _settle):
        event.listen(Session, "before_commit", _settle)
        event.listen(Session, "after_rollback", _forget)


def settle_with(session: Session, file: Received) -> None:
    """Put the file in its place when the session commits, and not at all when it rolls back."""
    session.info.setdefault(_WAITING, []).append(file)


def _settle(session: Session) -> None:
    for file in session.info.pop(_WAITING, ()):
        file.settle()


def _forget(session: Session) -> None:
    session.info.pop(_WAITING, None)
