"""Runs the migrations in one transaction, then adds what is missing of the city's facts."""

from __future__ import annotations

from typing import Any, Literal

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
    with engine.connect() as connection:
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


run()
