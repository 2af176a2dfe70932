"""Tables, one file a noun. ``models.every`` has them all; who asks only some starts sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.base import db

__all__ = ["db"]


def __getattr__(name: str) -> Any:
    """``db``: who reads tables without models starts without it."""
    if name != "db":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from models.base import db  # noqa: PLC0415 (slow to import, and not always wanted)

    return db
