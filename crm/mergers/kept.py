"""What a merger changed, record by record, and the way back.

Only what is still as the merger left it goes back: who has changed a row since meant the company
that it stands at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, object_mapper

from crm.audit.recorder import plain, returning
from models import db
from models.base import Model

Key = list[Any]


class Kept:
    """Collects what a merger does; ``told`` is kept as JSON beside it."""

    def __init__(self) -> None:
        self._changed: list[dict[str, Any]] = []
        self._removed: list[dict[str, Any]] = []
        self._made: list[dict[str, Any]] = []

    def change(self, record: Model, **values: Any) -> None:
        """Set columns of a record; those that stand so already are passed over.

        Part of a key may be among them: it is found again by the new one.
        """
        before = {name: getattr(record, name) for name in values}
        moved = {name: value for name, value in values.items() if before[name] != value}
        for name, value in moved.items():
            setattr(record, name, value)
        if moved:
            self._changed.append(
                {
                    "table": _table(record),
                    "key": _key(record),
                    "before": {name: plain(before[name]) for name in moved},
                    "after": {name: plain(value) for name, value in moved.items()},
                }
            )

    def remove(self, record: Model) -> None:
        """Take a record out that says no more than another one does."""
        columns = object_mapper(record).column_attrs
        values = {column.key: plain(getattr(record, column.key)) for column in columns}
        self._removed.append({"table": _table(record), "values": values})
        db.session.delete(record)

    def make(self, record: Model) -> None:
        """Add a record that was not there; its key is known already."""
        db.session.add(record)
        self._made.append({"table": _table(record), "key": _key(record)})

    def told(self) -> dict[str, Any]:
        """All of it, as JSON keeps it."""
        return {"changed": self._changed, "removed": self._removed, "made": self._made}


def take_back(told: Mapping[str, Any]) -> None:
    """Undo what ``Kept`` told, the last first; what is gone or was changed since stays; flushes."""
    for made in reversed(told["made"]):
        if (record := _find(made)) is not None:
            db.session.delete(record)
    db.session.flush()
    for changed in reversed(told["changed"]):
        record = _find(changed)
        if record is None:
            continue
        for name, after in changed["after"].items():
            if plain(getattr(record, name)) == after:
                setattr(record, name, _value(type(record), name, changed["before"][name]))
        # One by one: a code that one gives up is free for the next.
        db.session.flush()
    for removed in reversed(told["removed"]):
        _bring_back(removed)


def _bring_back(removed: Mapping[str, Any]) -> None:
    """Write a record again; not where it is said anew, or what it was about is gone."""
    model = _models()[removed["table"]]
    values = {name: _value(model, name, value) for name, value in removed["values"].items()}
    try:
        with returning(), db.session.begin_nested():
            db.session.add(model(**values))
    except IntegrityError:
        return


def _find(told: Mapping[str, Any]) -> Model | None:
    found: Model | None = db.session.get(_models()[told["table"]], tuple(told["key"]))
    return found


def _table(record: Model) -> str:
    return str(record.__tablename__)


def _key(record: Model) -> Key:
    return [plain(part) for part in object_mapper(record).primary_key_from_instance(record)]


def _models() -> dict[str, type[Model]]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Model.registry.mappers}


def _value(model: type[Model], name: str, told: Any) -> Any:
    """A column's value out of JSON."""
    if told is None:
        return None
    mapper: Mapper[Any] = sa.inspect(model)
    kind = mapper.columns[name].type
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(told)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(told)
    # A type of our own says which one it keeps.
    if isinstance(getattr(kind, "impl", kind), sa.DateTime):
        return datetime.fromisoformat(told)
    return told
