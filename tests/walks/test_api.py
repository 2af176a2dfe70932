"""Every operation of the API as every role and without a token, with own, foreign, no records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models import db
from models.enums import Role
from models.user import User
from tests.api.described import undescribed
from tests.api.machine import ROOT, Machine, machine_of
from tests.walks.operations import BODIES, OPERATIONS, QUERIES
from tests.walks.routes import locks, operations, writes
from tests.walks.rows import CITYWIDE, Row
from tests.walks.test_pages import BUDGET
from tests.walks.world import LIST, YEAR, World

NOBODYS = "zzzzzzzzzzzz"
IN_ORDER = ("GET", "PATCH", "POST", "DELETE")
# Every lead with the names of that time: a table each.
BUDGETS = {"api.reports.pipeline": 20}
# For who may see a person's numbers.
NUMBERED = frozenset({"api.contacts.change", "api.contacts.remove"})
FILES = frozenset({"api.attachments.content"})


def test_the_table_names_every_operation_and_no_other(app: Flask) -> None:
    assert set(operations(app)) == set(OPERATIONS)


def _values(world: World, endpoint: str, which: str) -> dict[str, Any]:
    def of(noun: str) -> str:
        return world.ids[noun].get(which, NOBODYS)

    has_landed = endpoint.startswith("api.premises.")
    contact = world.extra["contact_id"] if which == "own" else NOBODYS
    return {
        "lead_id": of("premises.new" if has_landed else "leads"),
        "premises_id": of("premises"),
        "attachment_id": of("attachments"),
        "visit_id": of("visits"),
        "trip_id": of("trips"),
        "stop_id": of("stops"),
        "event_id": of("events"),
        "invitation_id": world.extra["invitation_id"] if which == "own" else NOBODYS,
        "merger_id": world.extra["merger_id"] if which == "own" else NOBODYS,
        "referral_id": of("referrals"),
        "appointment_id": of("appointments"),
        "task_id": of("next_steps.complete"),
        "company_id": of("companies"),
        "offer_id": of("offers"),
        "contact_id": contact,
        "judgement_id": of("chain_judgements"),
        "segment_code": "FND-DB" if which == "own" else "NONE",
        "list_code": LIST if which == "own" else "none",
        "year": YEAR if which == "own" else 1999,
    }


def operation(app: Flask, rule: Rule, world: World, which: str) -> str:
    """The path of an operation for the own, the foreign or no record."""
    values = _values(world, rule.endpoint, which)
    found = {name: it for name, it in values.items() if name in rule.arguments}
    path = app.url_map.bind("localhost").build(rule.endpoint, found)
    asked = QUERIES[rule.endpoint](world) if rule.endpoint in QUERIES else ""
    return f"{path.removeprefix(ROOT)}?{asked}".removesuffix("?")


def _kinds(row: Row, rule: Rule) -> Iterator[str]:
    if rule.arguments:
        yield "missing"
    if row.scoped:
        yield "foreign"
    yield "own"


def _ask(
    who: Machine, method: str, path: str, endpoint: str, world: World, which: str
) -> TestResponse:
    body = BODIES[endpoint](world, which) if endpoint in BODIES else None
    headers = {"If_Match": "*"} if method in {"PATCH", "DELETE"} else {}
    return who.send(method, path, body, **headers)


def _wanted(row: Row, role: Role, which: str) -> frozenset[int]:
    if role not in row.roles:
        return frozenset({row.refused})
    if which == "missing" or (which == "foreign" and role not in CITYWIDE):
        return frozenset({404})
    return row.answers


def person(role: Role, world: World) -> User:
    """Who has that role."""
    return db.session.query(User).filter(User.email == world.emails[role]).one()


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_the_table_says(
    app: Flask, world: World, session: Any, role: Role
) -> None:
    who = machine_of(app, person(role, world))
    rules, wrong, unsaid = operations(app), [], set()
    # Reading first: what is written changes what the later ones find.
    for (endpoint, method), row in sorted(
        OPERATIONS.items(), key=lambda item: IN_ORDER.index(item[0][1])
    ):
        rule = rules[endpoint, method]
        for which in _kinds(row, rule):
            path = operation(app, rule, world, which)
            answer = _ask(who, method, path, endpoint, world, which)
            unsaid |= {(endpoint, method, *said) for said in undescribed(app, rule, answer)}
            wanted = _wanted(row, role, which)
            if endpoint in NUMBERED and _sees_no_numbers(role):
                wanted = frozenset({404, row.refused})
            shaped = answer.is_json or answer.status_code == 204 or endpoint in FILES
            if answer.status_code not in wanted or not shaped:
                wrong.append((method, path, which, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert unsaid == set()


def _sees_no_numbers(role: Role) -> bool:
    """Whoever reads no lead of the company has no number there to change."""
    return role in {Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR}


def test_without_a_token_nothing_is_answered(app: Flask, world: World) -> None:
    wrong = []
    for (endpoint, method), rule in operations(app).items():
        for which in ("own", "missing"):
            path = operation(app, rule, world, which)
            answer = _ask(Machine(app), method, path, endpoint, world, which)
            if answer.status_code != 401 or answer.json["code"] != "token":
                wrong.append((method, path, answer.status_code))
            wrong.extend(undescribed(app, rule, answer))
    assert wrong == []


def test_anothers_record_reads_like_none(app: Flask, world: World, session: Any) -> None:
    """Status and body are the same for a foreign record and for none, whatever is sent."""
    who = machine_of(app, person(Role.SCOUT, world))
    for (endpoint, method), row in OPERATIONS.items():
        if not row.scoped:
            continue
        rule = operations(app)[endpoint, method]
        for body in (None, {}, {"nonsense": 1}):
            answers = [
                who.send(method, operation(app, rule, world, which), body)
                for which in ("foreign", "missing")
            ]
            assert answers[0].status_code == answers[1].status_code, (endpoint, body)
            assert answers[0].json == answers[1].json, (endpoint, body)


@pytest.mark.parametrize("field", ["lead", "company"])
def test_what_a_body_names_and_is_not_there_is_said_at_its_field(
    app: Flask, world: World, session: Any, field: str
) -> None:
    """The address is right, so it is no 404."""
    who, wrong = machine_of(app, person(Role.SCOUT, world)), []
    for (endpoint, method), rule in operations(app).items():
        body = BODIES[endpoint](world, "own") if endpoint in BODIES else None
        if method == "POST" and isinstance(body, dict) and field in body:
            path = operation(app, rule, world, "own")
            answer = who.post(path, {**body, field: NOBODYS})
            if answer.status_code != 422 or list(answer.json["errors"]) != [field]:
                wrong.append((path, answer.status_code, answer.text))
    assert wrong == []


def test_a_tag_is_compared_with_what_is_held(app: Flask, world: World, session: Any) -> None:
    """A change with a tag of another state is refused only once its record is held."""
    who, wrong = machine_of(app, person(Role.MANAGER, world)), []
    for (endpoint, method), rule in operations(app).items():
        if method in {"PATCH", "DELETE"}:
            path = operation(app, rule, world, "own")
            body = BODIES[endpoint](world, "own") if endpoint in BODIES else None
            assert who.send(method, path, body).status_code == 428, path
            with locks(app) as held:
                answer = who.send(method, path, body, If_Match='"of another state"')
            holds = bool(held) or db.engine.name == "sqlite"
            if answer.status_code != 412 or not holds:
                wrong.append((method, path, answer.status_code, answer.text, holds))
    assert wrong == []


@pytest.mark.parametrize("role", [Role.SCOUT, Role.MANAGER, Role.ADMINISTRATOR])
def test_reading_keeps_to_its_statements_on_a_cold_process_and_leaves_nothing_behind(
    make_app: Any, app: Flask, world: World, session: Any, role: Role
) -> None:
    secret = machine_of(app, person(role, world)).secret
    # A moment is settled once, by whoever asks for it first.
    Machine(app, secret).get("/reports/pipeline?known_at=2026-11-25T00:00:00Z")
    cold = make_app()
    over = {}
    with writes(cold) as written:
        for (endpoint, method), rule in operations(app).items():
            if method == "GET":
                path = operation(app, rule, world, "own")
                answer = Machine(cold, secret).get(path)
                assert answer.status_code == 200 or role != Role.MANAGER, path
                found = re.search(r'n=(\d+)"', answer.headers["Server-Timing"])
                assert found
                if int(found[1]) > BUDGETS.get(endpoint, BUDGET):
                    over[path] = int(found[1])
    assert over == {}
    # That a moment is settled is kept, so that what was read of it once is read of it for ever.
    assert [sql for sql in written if "settled" not in sql] == []
