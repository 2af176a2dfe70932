"""What the overview says of the landings ahead, and the goals beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from crm.access import Actor
from crm.leads.counting import count
from crm.leads.filters import LeadFilter
from crm.reports.forecast.queries import LandingForecast, forecast_of
from crm.reports.forecast.rules import Points
from crm.reports.overview import overview
from crm.spans import Period
from models.enums import Role, Stage, Status
from models.landing_goal import LandingGoal
from models.landing_rate import LandingRate
from tests.api.machine import machine_of
from tests.clients import Client
from tests.leads.making import NOW, TODAY, actor_of, some_leads
from tests.people import People
from tests.reports.rates import some_rates


@pytest.fixture(autouse=True)
def day() -> Any:
    """The pages stand on the day of the leads."""
    with time_machine.travel(NOW, tick=False):
        yield


def _leads(session: Any, people: People, team: str, **stages: int) -> None:
    """So many leads of a team in each stage, one of them on hold; committed."""
    scout = people.scout(team)
    leads = iter(some_leads(scout, sum(stages.values()), f"{team}第{{}}软件有限公司"))
    for name, n in stages.items():
        for number in range(n):
            lead = next(leads)
            lead.stage = Stage(name)
            if lead.stage is Stage.LANDED:
                lead.landed_on = lead.signed_on = date(TODAY.year, 1 + number % 10, 15)
            elif not number:
                lead.status, lead.hold_until, lead.held_since = Status.ON_HOLD, TODAY, TODAY
    session.commit()


def _goal(session: Any, year: int, landings: int) -> None:
    session.add(LandingGoal(year=year, landings=landings, set_at=NOW))
    session.commit()


@pytest.fixture
def city(session: Any, people: People, once: Callable[..., Any]) -> People:
    """Two teams with leads in every stage, and what was observed of past quarters."""

    def make() -> int:
        _leads(session, people, "beijing", identified=9, negotiating=6, committed=4, landed=3)
        _leads(session, people, "chengdu", engaged=8, registered=3, landed=2)
        some_rates(session, TODAY)
        return people.count

    people.count = once("landing_city", make)
    return people


def _of(user: Any) -> LandingForecast:
    return forecast_of(actor_of(user), TODAY)


def _figures_open_what_they_count(actor: Actor, found: LandingForecast) -> None:
    for figure in found.figures():
        assert isinstance(figure.opens, LeadFilter)
        assert count(actor, figure.opens, TODAY).n == figure.value, figure


def test_who_sees_a_part_is_told_what_becomes_of_it_and_of_no_goal(
    session: Any, city: People
) -> None:
    _goal(session, TODAY.year, 12)
    boss = city.manager()
    scout, other, third = (city.scout(team) for team in ("beijing", "chengdu", "shenzhen"))
    expected = {boss: (30, 5, 12), scout: (19, 3, None), other: (11, 2, None), third: (0, 0, None)}
    for user, (whole, landed, goal) in expected.items():
        found = _of(user)
        _figures_open_what_they_count(actor_of(user), found)
        assert (found.whole, found.landed.value, found.years[0].goal) == (whole, landed, goal)
        assert found.years[1].goal is None
        page = overview(actor_of(user), Period.QUARTER, NOW).forecast
        assert (page.path, page.years) == (found.path, found.years)
    assert _of(third).path[0].points == Points(0, 0, 0)
    city_wide, part = _of(boss).years[0].points, _of(scout).years[0].points
    assert city_wide is not None
    assert part is not None
    assert all(a > b for a, b in zip(city_wide, part, strict=True))


def test_a_year_has_what_landed_in_it_and_a_path_never_falls(city: People) -> None:
    found = _of(city.manager())
    assert found.as_of == TODAY
    assert [one.quarter.first for one in found.quarters] == [
        date(2026, 10, 1),
        date(2027, 1, 1),
        date(2027, 4, 1),
        date(2027, 7, 1),
        date(2027, 10, 1),
    ]
    rest, year = found.quarters[0].points, found.years[0].points
    assert rest is not None
    # In a fourth quarter the rest of it is the rest of the year.
    assert year == rest.after(5)
    ends = [one.until_end for one in found.path]
    for before, after in pairwise(ends):
        assert before is not None
        assert after is not None
        assert all(a <= b for a, b in zip(before, after, strict=True))
    # The ends of quarters do not add up to the year: it is narrower than their sum.
    following, quarters = found.years[1].points, [one.points for one in found.quarters[1:]]
    assert following is not None
    assert following.sure >= sum(one.sure for one in quarters if one)
    assert following.possible <= sum(one.possible for one in quarters if one)


def test_the_last_set_that_is_not_of_a_day_to_come_is_read(session: Any, city: People) -> None:
    for days, standing in ((-30, 40), (1, 900)):
        some_rates(session, TODAY + timedelta(days=days), standing)
    found = _of(city.manager())
    assert (found.as_of, found.rates[Stage.ENGAGED][0].standing) == (TODAY, 100)
    session.execute(sa.delete(LandingRate).where(LandingRate.as_of == TODAY))
    found = _of(city.manager())
    assert (found.as_of, found.rates[Stage.ENGAGED][0].standing) == (
        TODAY - timedelta(days=30),
        40,
    )


def _text(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.text))


def test_an_empty_city_and_one_without_history_are_told_no_range(
    session: Any, people: People, client: Client
) -> None:
    client.sign_in(people.manager().email)

    def said() -> tuple[str, str]:
        page, working = _text(client, "/overview"), _text(client, "/overview/forecast")
        for word in ("九成把握至少", "最可能", "照现在的进度"):
            assert word not in page
        assert working.count("还说不出") - working.count("还说不出会") == 7
        assert 'class="ranges"' not in client.get("/overview").text
        return page, working

    assert all("现在没有在谈的线索" in text for text in said())
    _leads(session, people, "beijing", identified=3, committed=2)
    assert all("还没有算过以往的落地比例" in text for text in said())
    # Five stages of three: not enough even together.
    some_rates(session, TODAY, standing=3)
    page, working = said()
    assert "以往各季看得到的线索太少" in page
    assert "以往各季看得到的线索太少" in working
    assert working.count("太少") >= 40


def test_the_page_says_what_is_likely_beside_the_goal(
    session: Any, city: People, client: Client
) -> None:
    client.sign_in(city.manager().email)
    text = _text(client, "/overview")
    assert "今年的落地目标还没有定" in text
    assert "定目标" in text
    year = _of(city.manager()).years[0].points
    assert year is not None
    said = f"今年已落地 5 条；照现在的进度，到年底最可能 {year.likely} 条"
    assert f"{said}。" in text
    _goal(session, TODAY.year, year.likely + 2)
    _goal(session, TODAY.year + 1, 1)
    text = _text(client, "/overview")
    assert f"{said}，比目标少 2 条。" in text
    assert "比目标多" in text.partition("2027 年最可能")[2]
    assert "还没有定" not in text
    assert f"目标 {year.likely + 3}" in text


def test_a_goal_that_is_met_is_said_to_be(session: Any, city: People, client: Client) -> None:
    _goal(session, TODAY.year, 5)
    client.sign_in(city.manager().email)
    text = _text(client, "/overview")
    assert "今年已落地 5 条，5 条的目标已经完成；照现在的进度，到年底最可能" in text
    assert "比目标" not in text.partition("今年已落地")[2].partition("。")[0]


def test_who_sees_a_part_is_shown_no_goal(session: Any, city: People, client: Client) -> None:
    _goal(session, TODAY.year, 777)
    for user in (city.scout(), city.make(Role.PARK_OFFICER, park="nanhu")):
        client.sign_in(user.email)
        for path in ("/overview", "/overview/forecast"):
            text = _text(client, path)
            assert "777" not in text
            assert "定目标" not in text
    client.sign_in(city.make(Role.AUDITOR).email)
    assert "777" in _text(client, "/overview")
    assert "改目标" not in _text(client, "/overview")


def test_the_working_shows_the_shares_and_whence_they_are(
    session: Any, city: People, client: Client
) -> None:
    few = sa.update(LandingRate).where(LandingRate.stage == Stage.REGISTERED)
    session.execute(few.values(standing=14, landed=10))
    session.commit()
    client.sign_in(city.manager().email)
    text = _text(client, "/overview/forecast")
    assert "9.0% 100 条次里 9 条" in text.replace("%100", "% 100")
    assert "114 条次里 40 条含签约" in text


def test_machine_command_and_page_say_the_same(app: Flask, session: Any, city: People) -> None:
    _goal(session, TODAY.year, 12)
    boss = city.manager()
    machine = machine_of(app, boss)
    found = machine.get("/reports/landing-forecast").json
    assert found["today"] == found["as_of"] == TODAY.isoformat()
    page = _of(boss)
    for one, said in zip(page.quarters, found["quarters"], strict=True):
        assert one.points == (said["at_least_90"], said["likely"], said["at_least_10"])
    assert found["quarters"][0]["first"] == TODAY.isoformat()
    assert [one["goal"] for one in found["years"]] == [12, None]
    assert sum(one["standing"] for one in found["stages"]) == page.whole
    goals = machine.get("/goals/landings").json["items"]
    assert [(one["year"], one["landings"]) for one in goals] == [(TODAY.year, 12)]
    session.commit()
    run = app.test_cli_runner().invoke(args=["landings", "forecast", "--json"])
    assert json.loads(run.stdout) == found
    lines = app.test_cli_runner().invoke(args=["landings", "forecast"]).stdout.splitlines()
    year = page.years[0].points
    assert year is not None
    assert f"2026: {year.sure} {year.likely} {year.possible}" in lines
    part = machine_of(app, city.scout()).get("/reports/landing-forecast").json
    assert part["years"][0]["goal"] is None


def test_observing_by_hand(app: Flask, session: Any, city: People) -> None:
    session.execute(sa.delete(LandingRate))
    session.commit()
    args = ["landings", "observe", "--at", "2027-01-05T08:00", "--json"]
    run = app.test_cli_runner().invoke(args=args)
    assert json.loads(run.stdout)["rates"] == 40
    # Registered in November, all of them, and then made what they are: nobody moved them there.
    assert session.scalars(sa.select(LandingRate.as_of).distinct()).one() == date(2027, 1, 5)
