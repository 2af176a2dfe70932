"""A worker's database on PostgreSQL, which every test finds as the migrations left it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

# What lies in a table is deleted and its first rows put back: a hundredth of what a new database
# costs. More rows than these would leave so much dead that the next tests were slower.
_MANY = 20_000
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
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Database:
    """One database, made from a template and made anew only where a test altered its tables."""

    def __init__(self, server: Any, name: str, template: str) -> None:
        self.url = str(server.get_uri(name))
        self._server, self._name, self._template = server, name, template
        self._open: psycopg.Connection[Any] | None = None

    def as_new(self) -> None:
        """Give every table the rows it had when it was made, and every counter its value."""
        if self._open is not None:
            try:
                if self._emptied(self._open):
                    return
            except psycopg.OperationalError:  # the test took the server away
                pass
        self._make()

    def close(self) -> None:
        """Leave the server."""
        if self._open is not None:
            self._open.close()

    def keep(self, world: str) -> None:
        """Keep the database as it stands, under that name."""
        self.close()
        self._copy(self._name, f"{self._name}_{world}")
        self._connect()

    def put_back(self, world: str) -> None:
        """Make the database again what was kept under that name."""
        self.close()
        self._copy(f"{self._name}_{world}", self._name)
        self._connect()

    def _copy(self, source: str, to: str) -> None:
        self._server.psql(f"DROP DATABASE IF EXISTS {to} WITH (FORCE)")
        self._server.psql(f"CREATE DATABASE {to} TEMPLATE {source}")

    def _connect(self) -> psycopg.Connection[Any]:
        self._open = connection = psycopg.connect(self.url, autocommit=True)
        # Neither the triggers that refuse a removal nor foreign keys speak while rows go back.
        connection.execute("SET session_replication_role = replica")
        return connection

    def _make(self) -> None:
        self.close()
        self._copy(self._template, self._name)
        connection = self._connect()
        connection.execute("CREATE SCHEMA kept")
        self._tables = [name for (name,) in connection.execute(_TABLES)]
        self._kept = self._filled(connection)
        for name in self._kept:
            connection.execute(
                sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(sql.Identifier(name))
            )
        self._counters = sql.SQL("SELECT {}").format(
            sql.SQL(", ").join(
                sql.SQL("setval({}, {}, {})").format(*map(sql.Literal, row))
                for row in connection.execute(_SEQUENCES)
            )
        )
        self._shape = connection.execute(_SHAPE).fetchone()

    def _emptied(self, connection: psycopg.Connection[Any]) -> bool:
        connection.execute(_OTHERS)
        if connection.execute(_SHAPE).fetchone() != self._shape:
            return False
        gone = sum(
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name))).rowcount
            for name in self._filled(connection)
        )
        for name in self._kept:
            connection.execute(
                sql.SQL("INSERT INTO public.{0} TABLE kept.{0}").format(sql.Identifier(name))
            )
        connection.execute(self._counters)
        return gone < _MANY

    def _filled(self, connection: psycopg.Connection[Any]) -> list[str]:
        """The tables that hold anything."""
        each = [
            sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(name), sql.Identifier(name))
            for name in self._tables
        ]
        return [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(each))]
