"""Triggers that refuse to rewrite what happened, for migrations; the same on both engines."""

from __future__ import annotations

import sqlalchemy as sa

APPEND_ONLY = ("change_set", "change", "stage_change", "delivery_attempt")
# A version may be closed once; all else of it stays as it was known.
CLOSED_ONCE = "lead_version"
# Reports of the past print these rows by their codes: a row is renamed or retired, its code stays.
FIXED_CODES = ("team", "segment", "channel", "district", "park")


def create_triggers(connection: sa.Connection) -> None:
    """Make the refusal triggers."""
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    create_close_trigger(connection)


def drop_triggers(connection: sa.Connection) -> None:
    """Remove the refusal triggers."""
    drop_close_trigger(connection)
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_update")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        return
    for table in APPEND_ONLY:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_rewrite()")


def create_close_trigger(connection: sa.Connection) -> None:
    """Let a version be closed once, over the columns that its table has at this migration."""
    columns = [
        column["name"]
        for column in sa.inspect(connection).get_columns(CLOSED_ONCE)
        if column["name"] != "known_to"
    ]
    made = _close_sqlite if connection.dialect.name == "sqlite" else _close_postgresql
    for statement in made(columns):
        connection.exec_driver_sql(statement)


def drop_close_trigger(connection: sa.Connection) -> None:
    """Make room for other columns of a version; ``create_close_trigger`` follows."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {CLOSED_ONCE}_no_update")
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {CLOSED_ONCE}_no_delete")
        return
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {CLOSED_ONCE}_append_only ON {CLOSED_ONCE}")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_second_close()")


def create_code_triggers(connection: sa.Connection) -> None:
    """Refuse another code for a row that has one, and its deletion."""
    if connection.dialect.name == "sqlite":
        for table in FIXED_CODES:
            refuse = f"BEGIN SELECT RAISE(ABORT, 'the code of a {table} stays'); END"
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_code_stays BEFORE UPDATE OF code ON {table} "
                f"WHEN NEW.code <> OLD.code {refuse}"
            )
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_row_stays BEFORE DELETE ON {table} {refuse}"
            )
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION refuse_code() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND NEW.code = OLD.code THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION USING MESSAGE = 'the code of a ' || TG_TABLE_NAME || ' stays'; END $$"
    )
    for table in FIXED_CODES:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_code_stays BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_code()"
        )


def drop_code_triggers(connection: sa.Connection) -> None:
    """Let codes change."""
    if connection.dialect.name == "sqlite":
        for table in FIXED_CODES:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_code_stays")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_row_stays")
        return
    for table in FIXED_CODES:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_code_stays ON {table}")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_code()")


def _statements(dialect: str) -> list[str]:
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _refusal(table: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {_refusal(table)}"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]


def _close_sqlite(columns: list[str]) -> list[str]:
    same = " AND ".join(f"NEW.{c} IS OLD.{c}" for c in columns)
    refuse = _refusal(CLOSED_ONCE)
    return [
        f"CREATE TRIGGER {CLOSED_ONCE}_no_delete BEFORE DELETE ON {CLOSED_ONCE} {refuse}",
        f"CREATE TRIGGER {CLOSED_ONCE}_no_update BEFORE UPDATE ON {CLOSED_ONCE} "
        f"WHEN NOT (OLD.known_to IS NULL AND {same}) {refuse}",
    ]


_RAISE = "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';"


def _postgresql() -> list[str]:
    made = [
        "CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_RAISE} END $$"
    ]
    made += [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()"
        for table in APPEND_ONLY
    ]
    return made


def _close_postgresql(columns: list[str]) -> list[str]:
    same = " AND ".join(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in columns)
    return [
        "CREATE FUNCTION refuse_second_close() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND OLD.known_to IS NULL AND {same} THEN RETURN NEW; END IF; "
        f"{_RAISE} END $$",
        f"CREATE TRIGGER {CLOSED_ONCE}_append_only BEFORE UPDATE OR DELETE ON {CLOSED_ONCE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_second_close()",
    ]
