"""How PostgreSQL is spoken to (models/postgresql.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from models import engine, sets
from models.user import User

pytestmark = pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)

Writing = Callable[[sa.Connection], object]
_NOTE = sa.Table("note", sa.MetaData(), sa.Column("id", sa.Integer))
_IN_A_SELECT = "WITH made AS (insert INTO note VALUES (1) RETURNING id) SELECT id FROM made"


@pytest.fixture
def one_connection(database_url: str) -> Iterator[sa.Engine]:
    """An engine of our settings whose only connection has a table of its own."""
    url = sa.make_url(database_url).set(drivername="postgresql+psycopg")
    made = sa.create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    engine.prepare(made)
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE note (id int)")
    yield made
    made.dispose()


def test_what_pages_ask_stays_prepared(one_connection: sa.Engine) -> None:
    for key in (1, 100_000) * 5:
        with one_connection.connect() as connection:
            connection.execute(sa.select(User.name).where(User.id == key))
    with one_connection.connect() as connection:
        asked = "SELECT statement FROM pg_prepared_statements"
        statements = connection.exec_driver_sql(asked).scalars().all()
    assert [one for one in statements if "FROM user_account" in one] == [statements[-1]]


def test_numbers_and_lists_of_them_arrive_whatever_stands_beside(one_connection: sa.Engine) -> None:
    """Within a statement psycopg keeps how it sends a list: by what it makes of its numbers."""
    values = [1, -1, 32_767, 32_768, 100_001, -(2**31), 2**31, 2**40, -(2**63)]
    lists = [[1], *([value, None, 1] for value in values), values, [[1, 2], [3, 100_001]]]
    with one_connection.connect() as connection:
        for sent, kind in ((values, "bigint"), (lists, "bigint[]")):
            asked = ", ".join([f"%s::{kind}"] * len(sent))
            assert list(connection.exec_driver_sql(f"SELECT {asked}", tuple(sent)).one()) == sent


@pytest.mark.parametrize(
    "write",
    [
        lambda one: one.execute(sa.insert(_NOTE), {"id": 1}),
        lambda one: one.execute(sa.insert(_NOTE), [{"id": 1}, {"id": 2}]),
        lambda one: one.exec_driver_sql("INSERT INTO note VALUES (%s)", [(1,), (2,)]),
        lambda one: one.exec_driver_sql(_IN_A_SELECT).all(),
        lambda one: sets.copy_rows(one, _NOTE, [{"id": 1}, {"id": 2}]),
    ],
    ids=["a row", "rows", "many times", "in a select", "copied"],
)
def test_nothing_of_a_transaction_is_left(one_connection: sa.Engine, write: Writing) -> None:
    count = sa.select(sa.func.count()).select_from(_NOTE)
    with one_connection.connect() as connection:
        write(connection)
        assert connection.scalar(count)
        connection.rollback()
        assert connection.scalar(count) == 0


def test_the_planner_is_told_what_the_operator_has_not(database_url: str) -> None:
    def told(**options: Any) -> str | None:
        url = sa.make_url(database_url).set(drivername="postgresql+psycopg")
        made = sa.create_engine(url, connect_args=options)
        engine.prepare(made)
        with made.connect() as connection:
            found: str = connection.exec_driver_sql("SHOW random_page_cost").scalar_one()
        made.dispose()
        return found

    assert told() == "1.1"
    assert told(options="-c random_page_cost=2") == "2"
