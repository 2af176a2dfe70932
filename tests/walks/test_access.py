"""Every route as every role and signed out, with one's own, another's and no record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crm.access import Right
from crm.access.policy import RIGHTS
from crm.errors import CrmError, Refusal
from crm.formats import say
from models.enums import Role
from tests.clients import Client
from tests.walks.operations import OPERATIONS
from tests.walks.routes import ROLES, address, routes, writes
from tests.walks.rows import CITYWIDE, LEAD_READERS, Row
from tests.walks.table import TABLE
from tests.walks.world import World


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    assert set(routes(app)) == set(TABLE)


# The right opens the door; what lies behind it is for fewer, as conditions.py and the rooms say.
LIAISON = frozenset({Role.LIAISON_LEADER})
HOUSE = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER})
NARROWER = {
    # Of what was promised a liaison leader is told by the lead's people.
    **dict.fromkeys(("promises.another_day", "promises.put_off", "promises.ask_why"), LIAISON),
    **dict.fromkeys(("promises.withdraw", "promises.keep", "promises.reopen"), LIAISON),
    # Files of what only readers of leads see.
    **dict.fromkeys(("exports.trip_report", "exports.guest_list", "exports.leads"), HOUSE),
    **dict.fromkeys(("exports.chosen", "exports.ledgers", "exports.promises"), HOUSE),
    "reminder_forecasts.index": frozenset({Role.SECURITY_OFFICER}),
    # The walk sets a next step; directives and promises have rights of their own.
    "api.tasks.create": frozenset({Role.PARK_OFFICER, Role.LIAISON_LEADER}),
    "api.reports.pipeline": LEAD_READERS - CITYWIDE,
}


@pytest.mark.only_sqlite
def test_the_right_above_a_view_says_who_may_use_it(app: Flask) -> None:
    """The table is written by hand; what a reader sees above the view says the same."""
    wider, narrower = set(), {}
    for (endpoint, method), row in (TABLE | OPERATIONS).items():
        needed: frozenset[Right] = getattr(app.view_functions[endpoint], "needs", frozenset())
        may = {role for role in Role if needed & RIGHTS[role]}
        if needed and row.roles - may:
            wider.add((endpoint, method))
        elif needed and may != row.roles:
            narrower[endpoint] = may - row.roles
    assert wider == set()
    assert narrower == NARROWER


def _wanted(row: Row, role: Role, which: str) -> frozenset[int]:
    if role not in row.roles:
        return frozenset({row.refused})
    if which == "missing" or (which == "foreign" and row.scoped and role not in CITYWIDE):
        return frozenset({404})
    return row.answers


# Who asks for records that nobody has. What they are refused by is the same for everybody, and what
# is another's is asked for by all.
ASKING_FOR_NONE = (Role.SCOUT, Role.MANAGER)
# Between them they may send every form; the first who may does.
WHO_MAY = (Role.MANAGER, Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.SCOUT, Role.AUDITOR)


def _kinds(world: World, endpoint: str, arguments: set[str], role: Role) -> Iterator[str]:
    """Own, then another's and none where the address names a record."""
    if "public_id" in arguments:
        if role in ASKING_FOR_NONE:
            yield "missing"
        if "foreign" in world.records(endpoint):
            yield "foreign"
    yield "own"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says_and_reading_writes_nothing(
    app: Flask, world: World, role: Role
) -> None:
    client = Client(app).sign_in(world.emails[role])
    found = routes(app)
    wrong = []
    with writes(app) as written:
        for (endpoint, method), row in TABLE.items():
            rule = found[endpoint, method]
            for which in _kinds(world, endpoint, rule.arguments, role):
                path = address(app, rule, world, which)
                written.clear()
                response = client.get(path) if method == "GET" else client.post(path)
                wanted = _wanted(row, role, which)
                if response.status_code not in wanted:
                    wrong.append((method, path, which, response.status_code, sorted(wanted)))
                # That a file goes out is noted.
                if method == "GET" and not endpoint.startswith("exports.") and written:
                    wrong.append((method, path, which, written[0]))
    assert wrong == []


def test_signed_out_sees_nothing_but_the_way_in(app: Flask, world: World) -> None:
    client = Client(app)
    client.get("/login")
    wrong = []
    for (endpoint, method), rule in routes(app).items():
        if TABLE[endpoint, method].public:
            continue
        path = address(app, rule, world, "own")
        response = client.get(path) if method == "GET" else client.post(path)
        if response.status_code != 302 or not response.location.startswith("/login"):
            wrong.append((method, path, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_anothers_lead_reads_like_none_whatever_the_method(
    app: Flask, world: World, method: str
) -> None:
    client = Client(app).sign_in(world.emails[Role.SCOUT])
    headers = {"X-CSRFToken": client.token}
    for tail in ("", "/edit", "/stage-changes", "/stage-changes/new", "/registration"):
        answers = {
            which: client.send(method, f"/leads/{public_id}{tail}", headers=headers)
            for which, public_id in (
                ("foreign", world.ids["leads"]["foreign"]),
                ("missing", "zzzzzzzzzzzz"),
            )
        }
        assert answers["foreign"].status_code == answers["missing"].status_code, tail
        assert answers["foreign"].status_code in {404, 405}, tail


@pytest.mark.only_sqlite
def test_a_form_refused_as_json_has_the_shape_of_the_api(app: Flask, world: World) -> None:
    """An empty form from somebody who may send it: code and status agree, and a reason is said."""
    found, wrong = routes(app), []
    clients = {role: Client(app).sign_in(world.emails[role]) for role in WHO_MAY}
    for (endpoint, method), row in TABLE.items():
        if method != "POST" or row.public:
            continue
        client = clients[next(role for role in WHO_MAY if role in row.roles)]
        path = address(app, found[endpoint, method], world, "own")
        answer = client.post(path, headers={"Accept": "application/json"})
        if answer.status_code >= 400 and not _says_why(answer):
            wrong.append((path, answer.status_code, answer.mimetype, answer.text[:200]))
    assert "\n".join(map(str, wrong)) == ""


def _says_why(answer: TestResponse) -> bool:
    """Whether a refusal has the API's shape, the status of its code, and something to say."""
    if not answer.is_json or not {"code", "message", "errors"} <= set(answer.json):
        return False
    # What only a page that was tampered with sends has no sentence of its own.
    statuses = {"http": 400, **{kind.code: kind.status for kind in CrmError.__subclasses__()}}
    agrees = statuses.get(answer.json["code"], 422) == answer.status_code
    said = answer.json["errors"] or answer.json["message"] != say(Refusal({}).message)
    return agrees and bool(said)
