"""Runs the migrations in one transaction, then adds what is missing of the city's facts.

What the planner knows of the tables and of new indexes is brought up to date last.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy.orm import Session

from crm import reference
from models import statistics
from models.base import UTCDateTime
from models.every import TABLES
from models.filling import tables_made_anew


def render_item(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Write our column types so that a migration needs nothing of the application."""
    if kind == "type" and isinstance(value, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate over the application's own engine."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, tables_made_anew(connection):
        context.configure(
            connection=connection,
            target_metadata=TABLES,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        context.run_migrations()
    with engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    # A backup brings the city's own facts (crm/backup).
    bare = "facts=none" in context.get_x_argument()
    if heads and not bare and set(heads) == set(context.script.get_heads()):
        with Session(engine) as session, session.begin():
            reference.load(session)
    with engine.begin() as connection:
        statistics.look_again(connection)


run()
