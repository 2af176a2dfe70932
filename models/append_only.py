"""Triggers that refuse to rewrite what happened, for migrations; the same on both engines."""

from __future__ import annotations

import sqlalchemy as sa

APPEND_ONLY = ("change_set", "change", "stage_change", "delivery_attempt")
# A version may be closed once; all else of it stays as it was known.
CLOSED_ONCE = "lead_version"


def create_triggers(connection: sa.Connection) -> None:
    """Make the refusal triggers."""
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def drop_triggers(connection: sa.Connection) -> None:
    """Remove the refusal triggers."""
    tables = (*APPEND_ONLY, CLOSED_ONCE)
    if connection.dialect.name == "sqlite":
        for table in tables:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_update")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        return
    for table in tables:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_rewrite()")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_second_close()")


def _statements(dialect: str) -> list[str]:
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _columns_of_version() -> list[str]:
    from models.audit import LeadVersion  # noqa: PLC0415 (the tables import nothing of this file)

    return [c.name for c in LeadVersion.__table__.columns if c.name != "known_to"]


def _sqlite() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    made = []
    for table in APPEND_ONLY:
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            + refuse.format(table=table),
        ]
    for table in (*APPEND_ONLY, CLOSED_ONCE):
        made.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            + refuse.format(table=table)
        )
    same = " AND ".join(f"NEW.{c} IS OLD.{c}" for c in _columns_of_version())
    made.append(
        f"CREATE TRIGGER {CLOSED_ONCE}_no_update BEFORE UPDATE ON {CLOSED_ONCE} "
        f"WHEN NOT (OLD.known_to IS NULL AND {same}) " + refuse.format(table=CLOSED_ONCE)
    )
    return made


def _postgresql() -> list[str]:
    raise_ = "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';"
    same = " AND ".join(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in _columns_of_version())
    made = [
        f"CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {raise_} END $$",
        "CREATE FUNCTION refuse_second_close() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND OLD.known_to IS NULL AND {same} THEN RETURN NEW; END IF; "
        f"{raise_} END $$",
    ]
    made += [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
        for table in APPEND_ONLY
    ]
    made.append(
        f"CREATE TRIGGER {CLOSED_ONCE}_append_only BEFORE UPDATE OR DELETE ON {CLOSED_ONCE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_second_close()"
    )
    return made
