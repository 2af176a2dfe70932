"""Reports by machine say what the pages and files say."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from models.enums import Role
from models.user import User
from tests.api.machine import Machine, machine_of
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People
from tests.walks.test_figures import event_pages, logins, marked

__all__ = ["event_pages", "logins"]

ROLES = [Role.MANAGER, Role.TEAM_LEAD, Role.PARK_OFFICER]


@pytest.fixture
def city(session: Any, logins: dict[Role, str]) -> dict[Role, User]:
    """A demo city, and somebody of each role."""
    users = {user.email: user for user in session.scalars(sa.select(User))}
    return {role: users[email] for role, email in logins.items()}


def test_overview_coverage_and_goals_are_those_of_the_page(
    app: Flask, city: dict[Role, User]
) -> None:
    for role in ROLES:
        browser = Client(app).sign_in(city[role].email)
        shown = list(marked(browser.get("/overview?period=two_years").text, "figure"))
        who = machine_of(app, city[role])
        found = who.get("/reports/overview?period=two_years").json
        assert (found["first"], found["last"]) == ("2025-01-01", "2026-12-31")
        said = {one["name"]: one for one in found["figures"]}
        compared = 0
        for figure in shown:
            name = figure["data-name"]
            if figure["href"].startswith("/targets/"):
                continue
            one = said[name]
            assert str(one["value"]) == figure["data-value"], (role, name)
            if "data-sum" in figure:
                assert str(one["sum"]) == figure["data-sum"], (role, name)
            assert one["opens"] == figure["href"]
            compared += 1
        assert compared > 30
        editions = who.get("/reports/coverage").json["items"]
        _compare_editions(editions, [one for one in shown if one["href"].startswith("/targets/")])
    _compare_goals(machine_of(app, city[Role.MANAGER]), machine_of(app, city[Role.SCOUT]))


def _compare_editions(editions: list[dict[str, Any]], shown: list[dict[str, str]]) -> None:
    said = Counter(
        (name, value)
        for one in editions
        for name, value in {
            **{name: one[name] for name in ("covered", "entries")},
            **one["states"],
        }.items()
    )
    seen = Counter((one["data-name"], int(one["data-value"])) for one in shown)
    assert seen
    assert seen == Counter({key: n for key, n in said.items() if key in seen})
    assert said["covered", editions[0]["covered"]]


def _compare_goals(who: Machine, scout: Machine) -> None:
    figures = who.get("/reports/overview").json["figures"]
    shown = {one["name"]: one for one in figures if one["name"].startswith("goal-")}
    goals = {f"goal-{one['code']}": one for one in who.get("/goals").json["items"]}
    known = {name: one for name, one in goals.items() if one["actual"] is not None}
    assert shown
    assert set(known) == set(shown)
    for name, one in known.items():
        assert one["companies"] == shown[name]["value"]
        if shown[name]["sum_of"]:
            assert one["actual"] == shown[name]["sum"]
        assert one["gap"] is None or one["gap"] == max(0, one["value"] - one["actual"])
    others = scout.get("/goals").json["items"]
    assert len(others) == len(goals)
    assert {one["actual"] for one in others} == {None}


def test_a_ledger_is_the_one_of_the_file(app: Flask, city: dict[Role, User]) -> None:
    boss, browser = machine_of(app, city[Role.MANAGER]), Client(app)
    browser.sign_in(city[Role.MANAGER].email)
    for kind in ("negotiating", "signed", "landed"):
        seen = _every(boss, f"/reports/ledger?kind={kind}&limit=40")
        file = _file(browser, f"/ledgers/{kind}.csv")
        assert len(file) == len(seen) > 1
        for row, item in zip(file, seen, strict=True):
            assert str(item["number"]) == row["序号"]
            assert item["investor"] == row["投资方"]
            assert (item["progress"] or "") == row["最新进展"]
            planned = item["planned_investment_cny"]
            assert (planned or 0) == round(float(row["计划总投资(万元)"] or 0) * 10_000)
            if kind == "signed":
                assert str(item["signed_investment_cny"] or "") == row["协议投资"]
    every = _every(boss, "/reports/ledger?limit=200")
    of_team = _every(boss, "/reports/ledger?limit=200&team=beijing")
    assert 0 < len(of_team) < len(every)
    own = _every(machine_of(app, city[Role.SCOUT]), "/reports/ledger?limit=200")
    assert {one["lead"] for one in own} < {one["lead"] for one in every}
    wrong = boss.get("/reports/ledger?cursor=abc")
    assert list(wrong.json["errors"]) == ["cursor"]


def _every(who: Machine, path: str) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        page = who.get(path + cursor).json
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def _file(browser: Client, path: str) -> list[dict[str, str]]:
    text = browser.get(path).get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    first = next(number for number, row in enumerate(rows) if row[:2] == ["序号", "项目名称"])
    return [dict(zip(rows[first], row, strict=True)) for row in rows[first + 1 :]]


# Statements of the pipeline of a moment.
AT_LEAST = 8


def test_the_pipeline_is_the_one_that_the_command_prints(
    app: Flask, people: People, session: Any
) -> None:
    scout = people.scout()
    a_lead(scout)
    a_lead(scout, "贝塔软件有限公司")
    session.commit()
    boss, known_at = machine_of(app, people.manager()), clock.now().isoformat()
    session.commit()
    printed = app.test_cli_runner().invoke(args=["pipeline", "--known-at", known_at, "--json"])
    assert printed.exit_code == 0, printed.output
    moment = known_at.replace("+", "%2B")
    answer = boss.get(f"/reports/pipeline?known_at={moment}")
    assert answer.status_code == 200, answer.text
    assert len(answer.json["leads"]) == 2
    assert answer.get_data(as_text=True) == printed.stdout
    # What goes past SQLAlchemy is counted like the rest: five tables of codes, names, versions.
    counted = re.search(r'n=(\d+)"', answer.headers["Server-Timing"])
    assert counted
    assert int(counted[1]) > AT_LEAST
    assert boss.get("/reports/pipeline").json["leads"] == answer.json["leads"]
    ahead = boss.get("/reports/pipeline?known_at=2199-01-01T00:00:00Z")
    assert list(ahead.json["errors"]) == ["known_at"]
    assert machine_of(app, scout).get("/reports/pipeline").status_code == 404
