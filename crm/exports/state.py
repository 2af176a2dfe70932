"""A long list is read in many statements and must still be of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models import db, engine


@contextmanager
def one_state() -> Iterator[None]:
    """What is read inside is one state of the database; the transaction ends with it.

    It only reads, also where a form asked for it: on SQLite nobody waits for a long list.
    """
    db.session.commit()
    with engine.reading():
        if db.engine.dialect.name == "postgresql":
            # SQLite's readers have that by themselves.
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        try:
            yield
        finally:
            db.session.rollback()
