"""The routes of the application as the walks take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.routing import Rule

from models import db
from models.enums import Role
from tests.walks.world import World

# One who sees a team's records, one who sees all, one who sees the house: between them they open
# every page. What the others may see is asked of PostgreSQL by the walks of the API and of figures.
ON_BOTH = (Role.SCOUT, Role.MANAGER, Role.ADMINISTRATOR)
ROLES = [
    role if role in ON_BOTH else pytest.param(role, marks=pytest.mark.only_sqlite) for role in Role
]


def routes(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every endpoint and method of the pages, with its rule."""
    return _routes(app, api=False)


def operations(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every endpoint and method of the API, with its rule."""
    return _routes(app, api=True)


def _routes(app: Flask, *, api: bool) -> dict[tuple[str, str], Rule]:
    found: dict[tuple[str, str], Rule] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") is not api:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[rule.endpoint, method] = rule
    return found


def address(app: Flask, rule: Rule, world: World, which: str) -> str:
    """The path of a rule for the own, the foreign or no record."""
    values = world.values(rule.endpoint, rule.arguments, which)
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def pages(app: Flask) -> list[Rule]:
    """What can be read with GET, the files aside."""
    return [r for (name, method), r in routes(app).items() if method == "GET" and name != "static"]


def writes(app: Flask) -> AbstractContextManager[list[str]]:
    """The statements that write a row meanwhile, committed or not."""
    return _noted(app, lambda sql: sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")))


def locks(app: Flask) -> AbstractContextManager[list[str]]:
    """The statements that hold a row meanwhile; SQLite has none."""
    return _noted(app, lambda sql: "FOR UPDATE" in sql or "FOR NO KEY UPDATE" in sql)


@contextmanager
def _noted(app: Flask, wanted: Callable[[str], bool]) -> Iterator[list[str]]:
    found: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        if wanted(sql):
            found.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
