"""What a flush has changed of the records of one model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa


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
