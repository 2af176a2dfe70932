"""What narrows whose promises and whose days a page shows, the same on both."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.clients import Client
from tests.people import People

PAGES = ("/promises", "/calendar")


def _selects(page: str) -> dict[str, Sequence[str]]:
    """The values that each of the three may take."""
    found = re.findall(r'<select name="(team|person|park)">(.*?)</select>', page, re.S)
    return {name: re.findall(r'<option value="([^"]*)"', options) for name, options in found}


@pytest.mark.parametrize("path", PAGES)
def test_a_city_is_narrowed_by_team_then_person_and_by_park(
    path: str, client: Client, people: People
) -> None:
    scout, other = people.scout(), people.scout("shenzhen")
    client.sign_in(people.manager().email)
    whole = _selects(client.get(f"{path}?scope=city").text)
    assert list(whole) == ["team", "park"]
    assert {"", "beijing", "shenzhen"} <= set(whole["team"])
    assert len(whole["park"]) > 1
    page = client.get(f"{path}?scope=city&team=beijing").text
    assert re.search(r'<option value="beijing" selected>', page)
    chosen = _selects(page)["person"]
    assert scout.public_id in chosen
    assert other.public_id not in chosen


@pytest.mark.parametrize("path", PAGES)
def test_a_team_is_narrowed_by_person_and_park_and_one_s_own_by_nothing(
    path: str, client: Client, people: People
) -> None:
    scout, other = people.scout(), people.scout("shenzhen")
    client.sign_in(people.team_lead().email)
    team = _selects(client.get(f"{path}?scope=team").text)
    assert list(team) == ["person", "park"]
    assert scout.public_id in team["person"]
    assert other.public_id not in team["person"]
    assert not _selects(client.get(f"{path}?scope=mine&team=shenzhen").text)
