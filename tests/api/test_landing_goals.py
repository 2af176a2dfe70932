"""The goals of landings by machine: set, changed and cleared as on the page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from crm.reports.landing_goals.queries import edits, landing_goals
from models.enums import ApiScope, Role
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.clients import Client
from tests.people import People

PATH = "/goals/landings/2027"


@pytest.fixture
def manager(people: People, session: Any) -> User:
    """Who sets goals."""
    return people.manager()


@pytest.fixture
def boss(app: Flask, manager: User) -> Machine:
    """The manager's machine."""
    return machine_of(app, manager)


def _goals() -> list[tuple[int, int | None]]:
    return [(goal.year, goal.landings) for goal in landing_goals()]


def test_a_goal_is_set_changed_and_cleared_by_the_tag_that_was_read(
    app: Flask, boss: Machine, manager: User, client: Client, session: Any
) -> None:
    none = boss.get(PATH)
    assert none.json == {"year": 2027, "landings": None, "set_at": None}
    first = boss.patch(PATH, {"landings": 12}, If_Match=none.headers["ETag"])
    assert (first.status_code, first.json["landings"]) == (200, 12)
    read = boss.get(PATH)
    assert (read.headers["ETag"], read.json) == (first.headers["ETag"], first.json)
    assert boss.get(PATH, If_None_Match=read.headers["ETag"]).status_code == 304
    other = boss.patch(PATH, {"landings": 14}, If_Match=first.headers["ETag"])
    assert other.json["landings"] == 14
    assert boss.get("/goals/landings").json["items"] == [other.json]
    # The page says the same, and who did it.
    client.sign_in(manager.email)
    page = client.get("/landing-goals").text
    assert "14 条" in page
    assert manager.name in page
    gone = boss.delete(PATH, If_Match=other.headers["ETag"])
    assert gone.status_code == 204
    session.expire_all()
    assert _goals() == []
    left = boss.get(PATH).json
    assert left["landings"] is None
    assert left["set_at"] is not None
    assert boss.delete(PATH, If_Match="*").status_code == 204
    said = [(one.who, one.year, one.before, one.after) for one in edits()]
    assert said == [
        (manager.name, 2027, 14, None),
        (manager.name, 2027, 12, 14),
        (manager.name, 2027, None, 12),
    ]


def test_who_read_an_earlier_goal_or_none_is_told(boss: Machine, session: Any) -> None:
    none = boss.get(PATH).headers["ETag"]
    assert boss.patch(PATH, {"landings": 12}).status_code == 428
    assert boss.delete(PATH).status_code == 428
    assert boss.patch(PATH, {"landings": 12}, If_Match=none).status_code == 200
    stale = boss.patch(PATH, {"landings": 20}, If_Match=none)
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert boss.delete(PATH, If_Match=none).status_code == 412
    session.expire_all()
    assert _goals() == [(2027, 12)]


@pytest.mark.parametrize("landings", [None, 0, -3, 10_000, "12", 1.5, True])
def test_what_is_no_goal_is_refused_at_its_field(boss: Machine, landings: Any) -> None:
    wrong = boss.patch(PATH, {"landings": landings, "goal": 1}, If_Match="*")
    assert (wrong.status_code, set(wrong.json["errors"])) == (422, {"landings", "goal"})
    assert set(boss.patch(PATH, {}, If_Match="*").json["errors"]) == {"landings"}
    assert _goals() == []


def test_a_year_that_no_goal_is_of_is_not_there(boss: Machine) -> None:
    for year in (1999, 2101, 20270):
        path = f"/goals/landings/{year}"
        assert boss.get(path).status_code == 404
        assert boss.patch(path, {"landings": 12}, If_Match="*").status_code == 404
        assert boss.delete(path, If_Match="*").status_code == 404


def test_others_read_it_and_set_none(app: Flask, boss: Machine, people: People) -> None:
    boss.patch(PATH, {"landings": 12}, If_Match="*")
    for who in (people.scout(), people.make(Role.AUDITOR)):
        machine = machine_of(app, who)
        assert machine.get(PATH).json["landings"] == 12
        assert machine.patch(PATH, {"landings": 1}, If_Match="*").status_code == 403
        assert machine.delete(PATH, If_Match="*").status_code == 403
    admin = people.make(Role.ADMINISTRATOR)
    reader = machine_of(app, admin, ApiScope.READ)
    assert reader.patch(PATH, {"landings": 1}, If_Match="*").status_code == 403
    assert machine_of(app, admin).patch(PATH, {"landings": 13}, If_Match="*").status_code == 200
    assert _goals() == [(2027, 13)]
