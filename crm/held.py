"""One record with its row held until the end of the transaction.

Whoever waited for it reads it as the one before left it. SQLite has no row locks: there the whole
transaction began with the write lock.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import sqlalchemy as sa

from crm.errors import NotFound
from models import db
from models.base import Model

T = TypeVar("T", bound=Model)


def held(noun: type[T], *which: sa.ColumnElement[bool], referable: bool = False) -> T:
    """The record of a noun that these conditions name. NotFound when there is none.

    ``referable``: what refers to it may be written meanwhile.
    """
    model: Any = noun
    record = db.session.scalar(
        sa.select(model)
        .where(*which)
        .with_for_update(of=model, key_share=referable)
        .execution_options(populate_existing=True)
    )
    if record is None:
        raise NotFound
    return cast("T", record)
