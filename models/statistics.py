"""What the database's planner knows of its tables: how many rows a value of each index finds."""

from __future__ import annotations

import sqlalchemy as sa

# Of each index so many entries are looked at: well below a second with a million visits.
_SAMPLE = 10_000
_INDEXES = """
    SELECT DISTINCT stat.tbl, stat.idx, master.sql
    FROM sqlite_stat1 stat LEFT JOIN sqlite_master master ON master.name = stat.idx
"""
_NUMBER = """
    UPDATE sqlite_stat1
    SET stat = :n || CASE instr(stat, ' ') WHEN 0 THEN '' ELSE substr(stat, instr(stat, ' ')) END
    WHERE tbl = :tbl AND idx IS :idx
"""


def look_again(connection: sa.Connection) -> None:
    """Let SQLite look at its tables, which it never does by itself.

    Without it a scout's leads are looked for among the whole city's: it takes the index that has
    most columns. Connections know what it found from when they are opened. PostgreSQL needs none
    of it: it looks whenever much has changed.
    """
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql(f"PRAGMA analysis_limit = {_SAMPLE}")
    connection.exec_driver_sql("ANALYZE")
    _count(connection)


def sweep(engine: sa.Engine) -> None:
    """Let PostgreSQL clear up at once, after much was written, what it otherwise would in minutes.

    Rows that were written twice leave half a table to skip, and an index alone answers nothing
    until it is known which rows everybody sees. Outside any transaction; SQLite needs none of it.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE)")


def _count(connection: sa.Connection) -> None:
    """From a sample it guesses how many rows there are, of each index of a table differently; it
    then reads a table by an index that seems small. They are soon counted."""
    quote = connection.dialect.identifier_preparer.quote
    known: dict[str, int] = {}
    for table, index, made_by in connection.execute(sa.text(_INDEXES)).all():
        _, _, only = (made_by or "").partition(" WHERE ")
        rows = f"{quote(table)} WHERE {only}" if only else quote(table)
        if rows not in known:
            counted = f"SELECT count(*) FROM {rows}"  # noqa: S608 (its own schema)
            known[rows] = connection.exec_driver_sql(counted).scalar_one()
        values = {"n": known[rows], "tbl": table, "idx": index}
        connection.execute(sa.text(_NUMBER), values)
