"""Goals of landings: who sets them, what is refused, what the trail says, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crm.access import Actor
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.reports.landing_goals.queries import edits, landing_goals
from crm.reports.landing_goals.service import clear_goal, set_goal
from models.enums import Role
from tests.clients import Client
from tests.leads.making import NOW, actor_of
from tests.people import People


@pytest.fixture
def boss(people: People) -> Actor:
    """A manager."""
    return actor_of(people.manager())


def _goals() -> list[tuple[int, int | None]]:
    return [(goal.year, goal.landings) for goal in landing_goals()]


def test_it_is_set_changed_and_cleared_and_the_trail_says_so(
    session: Any, people: People, boss: Actor
) -> None:
    admin = actor_of(people.make(Role.ADMINISTRATOR))
    assert set_goal(2026, 12, boss, NOW) == 0
    session.commit()
    assert set_goal(2026, 14, admin, NOW, seen=12) == 12
    session.commit()
    set_goal(2026, 14, boss, NOW)
    session.commit()
    set_goal(2027, 9999, boss, NOW)
    session.commit()
    assert _goals() == [(2026, 14), (2027, 9999)]
    assert landing_goals()[0].set_by_id == admin.id
    assert clear_goal(2026, boss, NOW, seen=14) == 14
    session.commit()
    assert clear_goal(2026, boss, NOW) == 0
    session.commit()
    assert _goals() == [(2027, 9999)]
    set_goal(2026, 15, boss, NOW, seen=0)
    session.commit()
    said = [(one.year, one.before, one.after) for one in edits()]
    assert said == [
        (2026, None, 15),
        (2026, 14, None),
        (2027, None, 9999),
        (2026, 12, 14),
        (2026, None, 12),
    ]


@pytest.mark.parametrize("landings", [None, 0, -3, 10_000])
def test_what_is_no_goal_is_refused(boss: Actor, landings: int | None) -> None:
    with pytest.raises(Refusal) as refused:
        set_goal(2026, landings, boss, NOW)
    assert list(refused.value.errors) == ["landings"]
    assert not _goals()


def test_a_year_that_no_goal_is_of_is_not_there(boss: Actor) -> None:
    for year in (1999, 2101):
        with pytest.raises(NotFound):
            set_goal(year, 5, boss, NOW)
        with pytest.raises(NotFound):
            clear_goal(year, boss, NOW)


def test_others_set_none(people: People) -> None:
    for role in Role:
        if role in (Role.MANAGER, Role.ADMINISTRATOR):
            continue
        actor = Actor(1, role)
        with pytest.raises(Forbidden):
            set_goal(2026, 5, actor, NOW)
        with pytest.raises(Forbidden):
            clear_goal(2026, actor, NOW)


def test_who_was_slower_is_told(session: Any, boss: Actor) -> None:
    set_goal(2026, 12, boss, NOW, seen=0)
    session.commit()
    with pytest.raises(Conflict):
        set_goal(2026, 20, boss, NOW, seen=0)
    with pytest.raises(Conflict):
        clear_goal(2026, boss, NOW, seen=11)
    assert _goals() == [(2026, 12)]


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found
    return found.group(1)


def _undo(text: str) -> str:
    found = re.search(r'/landing-goals/2026/restoration\?was=[^"&]+', text)
    assert found, text[-2000:]
    return found.group(0)


def test_the_form_sets_it_and_every_step_has_a_way_back(
    session: Any, people: People, client: Client
) -> None:
    client.sign_in(people.make(Role.ADMINISTRATOR).email)
    for landings, stands in (("12", "12"), ("１,５00", "1500")):
        seen = re.search(r'name="seen"[^>]*value="(\d+)"', client.get("/landing-goals/2026").text)
        assert seen
        form = {"landings": landings, "seen": seen.group(1)}
        assert client.post("/landing-goals/2026", data=form).status_code == 302
        page = client.get("/landing-goals").text
        assert f"{int(stands):,} 条" in page or f"{stands} 条" in page
    assert client.post(_undo(page)).status_code == 302
    session.rollback()
    assert _goals() == [(2026, 12)]
    assert client.post("/landing-goals/2026/removal").status_code == 302
    session.rollback()
    assert not _goals()
    undo = _undo(client.get("/landing-goals").text)
    assert client.post(undo).status_code == 302
    session.rollback()
    assert _goals() == [(2026, 12)]
    # Somebody has set it since: the old way back leads nowhere.
    client.post("/landing-goals/2026", data={"landings": "13"})
    client.post(undo)
    session.rollback()
    assert _goals() == [(2026, 13)]


def test_what_is_wrong_is_said_at_the_field_and_a_conflict_on_top(
    session: Any, people: People, client: Client
) -> None:
    client.sign_in(people.manager().email)
    for typed in ("", "0", "12.5", "一打", "10000"):
        page = client.post("/landing-goals/2026", data={"landings": typed})
        assert page.status_code == 422, typed
        assert 'data-field="landings"' in page.text
    page = client.post("/landing-goals/2026", data={"landings": "12", "seen": "9"})
    assert page.status_code == 409
    assert "有人取消了目标" in page.text
    assert 'value="12"' in page.text
    session.rollback()
    assert not _goals()
    assert client.get("/landing-goals/1066").status_code == 404
