"""Runs the migrations in one transaction, then adds what is missing of the city's facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy.orm import Session

import models
from crm import reference
from models.base import UTCDateTime


def render_item(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Write our column types so that a migration needs nothing of the application."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate over the application's own engine."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, _tables_may_be_rebuilt(connection):
        context.configure(
            connection=connection,
            target_metadata=models.db.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    with engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    if heads and set(heads) == set(context.script.get_heads()):
        with Session(engine) as session, session.begin():
            reference.load(session)


@contextmanager
def _tables_may_be_rebuilt(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by writing it anew, and drops the old one while others refer to it.

    Foreign keys are switched off before the transaction begins: inside it they can not be.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if broken := driver.execute("PRAGMA foreign_key_check").fetchone():
            raise RuntimeError(f"a row of {broken[0]} refers to a row of {broken[2]} that is gone")
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


run()
