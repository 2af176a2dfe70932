"""On whose behalf, and through what, the coming changes are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from models.enums import Via


@dataclass(frozen=True)
class Acting:
    """Who acts (a user's id, or none for a job), through what, in which request, and why."""

    actor_id: int | None
    via: Via
    request_id: str | None = None
    reason: str | None = None
    effective_at: datetime | None = None


_NOBODY = Acting(actor_id=None, via=Via.CLI)
_current: ContextVar[Acting] = ContextVar("acting", default=_NOBODY)


def current() -> Acting:
    """Who acts now."""
    return _current.get()


def set_acting(who: Acting) -> None:
    """Say who acts from here on (the edge of a request)."""
    _current.set(who)


@contextmanager
def acting(
    actor_id: int | None, via: Via, *, request_id: str | None = None, reason: str | None = None
) -> Iterator[None]:
    """Changes made inside are theirs."""
    token = _current.set(Acting(actor_id, via, request_id, reason))
    try:
        yield
    finally:
        _current.reset(token)
