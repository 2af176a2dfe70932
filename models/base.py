"""The declarative base, the column types and the small helpers that every table shares."""

from __future__ import annotations

import enum
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column, relationship

from models.columns import UTCDateTime as UTCDateTime  # noqa: PLC0414 (models find it here)

# Every constraint has a name, so that a migration can drop it and an error names it.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PUBLIC_ID_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"
PUBLIC_ID_LENGTH = 12
PUBLIC_ID_SHAPE = f"[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}"
PUBLIC_ID = re.compile(PUBLIC_ID_SHAPE)


class Model(DeclarativeBase):
    """The base of all tables. Subclass this, not ``db.Model``, which type checkers can not read."""

    metadata = sa.MetaData(naming_convention=NAMES)

    # What crm.audit writes into the trail: the subject's name, and the columns it leaves out.
    audit_subject: ClassVar[str | None] = None
    audit_omit: ClassVar[frozenset[str]] = frozenset()


db = SQLAlchemy(model_class=Model, disable_autonaming=True)


def only_where(condition: str) -> dict[str, Any]:
    """What an index is given that holds only such rows, on both engines."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def str_enum(kind: type[enum.StrEnum], name: str | None = None) -> sa.Enum:
    """A column of codes, held by a CHECK; two columns of one kind in a table need names."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda codes: [code.value for code in codes],
        validate_strings=True,
    )


_chance: ContextVar[Random | None] = ContextVar("chance", default=None)


def new_public_id() -> str:
    """Twelve random characters (60 bits) that name a record in URLs and the API."""
    if chance := _chance.get():
        return public_id_from(chance)
    # The system is asked once, not twelve times; its bytes fall on all characters alike.
    drawn = secrets.token_bytes(PUBLIC_ID_LENGTH)
    return "".join(PUBLIC_ID_ALPHABET[byte % len(PUBLIC_ID_ALPHABET)] for byte in drawn)


def public_id_from(chance: Random) -> str:
    """A public id out of a given source of chance."""
    return "".join(chance.choices(PUBLIC_ID_ALPHABET, k=PUBLIC_ID_LENGTH))


@contextmanager
def public_ids_from(chance: Random) -> Iterator[None]:
    """Public ids made inside follow from this source: a demo of one seed has the same addresses."""
    token = _chance.set(chance)
    try:
        yield
    finally:
        _chance.reset(token)


def public_id() -> MappedColumn[str]:
    """The column that holds the public id."""
    return mapped_column(sa.String(PUBLIC_ID_LENGTH), unique=True, default=new_public_id)


def ref(column: str, *, index: bool = False, ondelete: str | None = None) -> MappedColumn[Any]:
    """A foreign key to ``table.column``; whether it may be null is in the annotation."""
    return mapped_column(sa.ForeignKey(column, ondelete=ondelete), index=index)


def link(**options: Any) -> Any:
    """A relationship that a page must load explicitly: touching it unloaded raises."""
    return relationship(lazy="raise_on_sql", **options)
