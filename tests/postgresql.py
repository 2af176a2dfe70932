"""A worker's database on PostgreSQL, which every test finds as the migrations left it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# What a test touched is deleted and put back: a hundredth of what a new database costs. More rows
# than these would leave so much dead that the next tests were slower.
_MANY = 20_000
_NEW = "new"
_TABLES = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY tablename
"""
_SEQUENCES = """
    SELECT schemaname || '.' || sequencename, coalesce(last_value, start_value),
           last_value IS NOT NULL
    FROM pg_sequences
"""
# Whatever makes, alters or drops a table, an index, a constraint or a trigger changes one of these.
_SHAPE = """
    SELECT (SELECT (count(*), max(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
           (SELECT (count(*), max(oid)) FROM pg_constraint),
           (SELECT (count(*), max(oid), sum(ascii(tgenabled::text))) FROM pg_trigger),
           (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped),
           (SELECT version_num FROM public.alembic_version)
"""
# Whoever still holds something; an application's idle connections serve the next test, too.
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@dataclass(frozen=True)
class _World:
    """The tables that hold anything, each with the copy of its rows; what sets the counters."""

    copies: dict[str, sql.Identifier]
    counters: sql.Composed


class Database:
    """One database, made from a template and made anew only where a test altered its tables."""

    def __init__(self, server: Any, name: str, template: str) -> None:
        self.url = str(server.get_uri(name))
        self._server, self._name, self._template = server, name, template
        self._open: psycopg.Connection[Any] | None = None
        self._worlds: dict[str, _World] = {}

    def as_new(self) -> None:
        """Give every table the rows it had when it was made, and every counter its value."""
        if self._open is not None:
            try:
                if self._restored(self._open, _NEW) and self._gone < _MANY:
                    return
            except psycopg.OperationalError:  # the test took the server away
                pass
        self._make()

    def close(self) -> None:
        """Leave the server."""
        if self._open is not None:
            self._open.close()

    def keep(self, world: str) -> None:
        """Keep what the tables hold now under that name."""
        assert self._open
        self._kept(self._open, world)

    def put_back(self, world: str) -> bool:
        """Make it again what was kept under that name; False where that is not known any more."""
        if self._open is None or world not in self._worlds:
            return False
        return self._restored(self._open, world)

    def _make(self) -> None:
        self.close()
        self._server.psql(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        self._server.psql(f"CREATE DATABASE {self._name} TEMPLATE {self._template}")
        self._open = connection = psycopg.connect(self.url, autocommit=True)
        # Neither the triggers that refuse a removal nor foreign keys speak while rows go back.
        connection.execute("SET session_replication_role = replica")
        self._tables = [name for (name,) in connection.execute(_TABLES)]
        self._worlds.clear()
        # What lies in each table: the copy that was put there, and how its rows looked then.
        self._lying: dict[str, tuple[sql.Identifier, Any]] = {}
        self._kept(connection, _NEW)

    def _kept(self, connection: psycopg.Connection[Any], world: str) -> None:
        """Copy what is not known from an earlier world."""
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(world)))
        for name, rows in self._rows(connection).items():
            if self._lying.get(name, (None, None))[1] == rows:
                continue
            copy = sql.Identifier(world, name)
            connection.execute(
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(copy, sql.Identifier(name))
            )
            self._lying[name] = copy, rows
        counters = sql.SQL(", ").join(
            sql.SQL("setval({}, {}, {})").format(*map(sql.Literal, row))
            for row in connection.execute(_SEQUENCES)
        )
        copies = {name: copy for name, (copy, _rows) in self._lying.items()}
        self._worlds[world] = _World(copies, sql.SQL("SELECT {}").format(counters))
        self._shape = connection.execute(_SHAPE).fetchone()

    def _restored(self, connection: psycopg.Connection[Any], world: str) -> bool:
        """Put back what differs; False where the tables themselves do."""
        connection.execute(_OTHERS)
        if connection.execute(_SHAPE).fetchone() != self._shape:
            return False
        wanted, self._gone = self._worlds[world], 0
        found = self._rows(connection)
        touched = [
            name
            for name in found.keys() | wanted.copies.keys()
            if name not in found or self._lying.get(name) != (wanted.copies.get(name), found[name])
        ]
        for name in touched:
            self._lying.pop(name, None)
            if name in found:
                self._gone += connection.execute(
                    sql.SQL("DELETE FROM {}").format(sql.Identifier(name))
                ).rowcount
            if name in wanted.copies:
                connection.execute(
                    sql.SQL("INSERT INTO {} TABLE {}").format(
                        sql.Identifier(name), wanted.copies[name]
                    )
                )
        back = [name for name in touched if name in wanted.copies]
        for name, rows in self._looks(connection, back).items():
            self._lying[name] = wanted.copies[name], rows
        connection.execute(wanted.counters)
        return True

    def _rows(self, connection: psycopg.Connection[Any]) -> dict[str, Any]:
        """The tables that hold anything, and how their rows look."""
        each = [
            sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(name), sql.Identifier(name))
            for name in self._tables
        ]
        filled = [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(each))]
        return self._looks(connection, filled)

    def _looks(self, connection: psycopg.Connection[Any], names: list[str]) -> dict[str, Any]:
        """How many rows they have and who wrote the latest: no change leaves both as they were."""
        each = [
            sql.SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}").format(
                sql.Literal(name), sql.Identifier(name)
            )
            for name in names
        ]
        if not each:
            return {}
        found = connection.execute(sql.SQL(" UNION ALL ").join(each))
        return {name: tuple(looks) for name, *looks in found}
