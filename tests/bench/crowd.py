"""Spreads a database's leads over very many scouts, so that as many mails are due."""

from __future__ import annotations

import sqlalchemy as sa

from tests.bench.databases import Database

# Of one scout, but for what an account has to itself.
_SCOUTS = """
    INSERT INTO user_account
        (public_id, email, name, role, password, active, fs_uniquifier, created_at)
    SELECT
        'crowd' || number.n, 'crowd' || number.n || '@bench.example', '专员' || number.n,
        one.role, one.password, one.active, 'crowd' || number.n, one.created_at
    FROM (
        WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :n)
        SELECT n FROM up
    ) number, (SELECT * FROM user_account WHERE role = 'scout' ORDER BY id LIMIT 1) one
"""
_FIRST = "SELECT min(id) FROM user_account WHERE email LIKE 'crowd%@bench.example'"
# Open tasks are their leads' owners'.
_LEADS = "UPDATE lead SET owner_id = :first + id % :n"
_TASKS = """
    UPDATE task SET assignee_id = (SELECT owner_id FROM lead WHERE lead.id = task.lead_id)
    WHERE state = 'open' AND lead_id IS NOT NULL AND kind = 'next_step'
"""


def spread(database: Database, people: int) -> None:
    """Make so many scouts and give each the like number of leads. Writes: take a copy."""
    engine = sa.create_engine(database.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text(_SCOUTS), {"n": people})
        first = connection.execute(sa.text(_FIRST)).scalar_one()
        connection.execute(sa.text(_LEADS), {"first": first, "n": people})
        connection.execute(sa.text(_TASKS))
    engine.dispose()
