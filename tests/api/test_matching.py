"""If-Match: of two who read the same and change it at the same moment one is told (412)."""

from __future__ import annotations

import ast
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.config import ROOT
from crm.leads import directives
from models import db
from models.base import Model
from models.lead import Lead
from models.task import Task
from models.user import User
from tests.api.machine import machine_of
from tests.at_once import at_once
from tests.landing.making import a_signed_lead
from tests.leads.making import a_lead, actor_of
from tests.people import People
from tests.walks.routes import operations

CHANGING = ("PATCH", "DELETE")
# Where a tag is made and compared.
HOME = ROOT / "views" / "api" / "answers.py"
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

Made = tuple[type[Model], int, str, Callable[[str], dict[str, Any]]]


def _directive(people: People) -> tuple[User, Made]:
    boss = people.manager()
    lead = a_lead(people.scout())
    task = directives.give(
        lead.public_id, "周五前答复", clock.today(), "", actor_of(boss), now=clock.now()
    )

    def body(day: str) -> dict[str, Any]:
        return {"due_on": day, "reason": "等场地方案"}

    return boss, (Task, task.id, f"/tasks/{task.public_id}", body)


def _premises(people: People) -> tuple[User, Made]:
    scout = people.scout()
    lead = a_signed_lead(scout)
    return scout, (Lead, lead.id, f"/leads/{lead.public_id}/premises", lambda day: {"address": day})


@pytest.mark.parametrize("making", [_directive, _premises])
def test_of_two_who_change_what_they_read_one_is_told(
    app: Flask, session: Any, people: People, making: Callable[[People], tuple[User, Made]]
) -> None:
    who, (noun, key, path, body) = making(people)
    machine = machine_of(app, who)
    if path.endswith("/premises"):
        sent = {"park": "nanhu", "area_m2": 800, "lease_start": "2026-11-01"}
        path = f"/premises/{machine.post(path, sent).json['id']}"
    tag, got = machine.get(path).headers["ETag"], {}
    actor = actor_of(who)
    session.commit()

    def change(day: str) -> Callable[[], None]:
        theirs = machine_of(app, who)

        def send() -> None:
            got[day] = theirs.patch(path, body(day), If_Match=tag).status_code

        return send

    days = ("2099-12-01", "2099-12-02")
    deeds = {day: (actor, change(day)) for day in days}
    with _both_held_up(noun, key, len(deeds)) as let_go:
        at_once(app, deeds | {"let go": (actor, let_go)})
    assert sorted(got.values()) == [200, 412], got


@contextmanager
def _both_held_up(noun: type[Model], key: int, waiting: int) -> Iterator[Callable[[], None]]:
    """A deed that lets the row go once so many wait for it; SQLite has one writer anyway."""
    with db.engine.connect() as holder, db.engine.connect() as watcher:
        if holder.dialect.name == "sqlite":
            holder.rollback()
            yield lambda: None
            return
        rows = sa.table(noun.__tablename__, sa.column("id"))
        holder.execute(sa.select(rows).where(rows.c.id == key).with_for_update())
        watcher.execution_options(isolation_level="AUTOCOMMIT")

        def let_go() -> None:
            late = time.monotonic() + 60
            while watcher.scalar(sa.text(_WAITING)) < waiting and time.monotonic() < late:
                pass
            holder.rollback()

        yield let_go


def test_every_change_holds_its_record_and_compares_the_tag_in_one_way(app: Flask) -> None:
    asked = {
        endpoint
        for (endpoint, method), _rule in operations(app).items()
        if method in CHANGING
        and "matched" not in inspect.unwrap(app.view_functions[endpoint]).__code__.co_names
    }
    assert asked == set()


def test_nothing_else_looks_at_the_tag_that_was_sent() -> None:
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "views").rglob("*.py")
        if path != HOME and _looks_at_tags(path)
    ]
    assert elsewhere == []


def _looks_at_tags(path: Path) -> bool:
    """Whether a file reads If-Match, or borrows what compares it."""
    found = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.attr for node in found if isinstance(node, ast.Attribute)}
    asked = {
        node.args[0].value
        for node in found
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist"}
    }
    return bool(names & {"if_match", "tag_of", "_require_match"}) or "If-Match" in asked
