"""What a flush has changed, for whatever follows from records and is kept beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from models.creating import Created, on_created


def follow(
    keep: Callable[[Session, Any], None], created: Callable[[Session, Created], None] | None = None
) -> None:
    """Let them hear of each flush, and of records made as rows, in every session of the process."""
    if not event.contains(Session, "after_flush", keep):
        event.listen(Session, "after_flush", keep)
    if created is not None:
        on_created(created)


def records_of(model: type[Any], records: Iterable[Any]) -> Iterator[Any]:
    """Those of the records that are of this model."""
    return (record for record in records if isinstance(record, model))


def changed(record: Any, names: Iterable[str]) -> bool:
    """Whether one of these attributes has another value than before."""
    state = sa.inspect(record)
    return any(state.attrs[name].history.has_changes() for name in names)


def before(record: Any, name: str) -> Sequence[Any]:
    """The value that an attribute had before; none where it has not changed."""
    return sa.inspect(record).attrs[name].history.deleted or ()


def was(record: Any, name: str) -> Any:
    """The value that an attribute had before the flush, changed or not."""
    known = before(record, name)
    return known[0] if known else getattr(record, name)
