"""All that can not be read of a request is named at once, field by field, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from crm import clock
from crm.companies.service import create_company
from models.enums import Role
from models.lead import Lead
from tests.api.machine import Machine, machine_of
from tests.people import People
from tests.walks.operations import BODIES
from tests.walks.routes import operations
from tests.walks.test_api import operation, person
from tests.walks.world import World

# Neither text nor number, list, date or code.
UNREADABLE = {"no": "value"}


def _named(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.text
    return set(answer.json["errors"])


def _bodies(app: Flask) -> dict[str, dict[str, Any]]:
    """The schema of the body of every operation that takes JSON, by its id."""
    document = app.test_client().get("/api/v1/openapi.json").json
    found = {}
    for at_path in document["paths"].values():
        for said in (one for one in at_path.values() if "operationId" in one):
            content = said.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
                found[said["operationId"]] = document["components"]["schemas"][name]
    return found


def test_every_operation_names_all_fields_that_it_can_not_read(
    app: Flask, world: World, session: Any
) -> None:
    who, bodies, wrong = machine_of(app, person(Role.MANAGER, world)), _bodies(app), []
    asked = {endpoint for endpoint, body in BODIES.items() if isinstance(body(world, "own"), dict)}
    # Every operation that takes JSON is asked.
    assert len(asked) == len(bodies)
    for (endpoint, method), rule in operations(app).items():
        if endpoint not in asked:
            continue
        schema = bodies["_".join(endpoint.split(".")[1:])]
        path = operation(app, rule, world, "own")
        tag = {"If_Match": "*"} if method == "PATCH" else {}
        every = dict.fromkeys(schema.get("properties", {}), UNREADABLE) | {"nonsense": 1}
        needed = {*schema.get("required", ()), "nonsense"}
        for sent, wanted in ((every, set(every)), ({"nonsense": 1}, needed)):
            answer = who.send(method, path, sent, **tag)
            if answer.status_code != 422 or set(answer.json["errors"]) != wanted:
                wrong.append((path, sent, answer.status_code, answer.text))
    assert wrong == []


@pytest.fixture
def machine(app: Flask, people: People, session: Any) -> Machine:
    """A scout's machine."""
    return machine_of(app, people.scout())


def test_what_can_not_be_read_comes_first_and_what_the_rules_say_next(
    machine: Machine, session: Any
) -> None:
    company = create_company("星环软件有限公司", now=clock.now())
    session.commit()
    sent: dict[str, Any] = {"company": company.public_id, "segment": "NONE", "channel": "nowhere"}
    unread = {
        "planned_investment_cny": "abc",
        "planned_headcount": 1.5,
        "expected_signing_on": "2027-02-30",
        "next_step": 7,
        "owner": "not an id",
        "nonsense": 1,
    }
    del sent["channel"]
    assert _named(machine.post("/leads", sent | unread)) == {*unread, "channel"}
    sent["channel"] = "nowhere"
    assert _named(machine.post("/leads", sent | unread)) == set(unread)
    assert _named(machine.post("/leads", sent)) == {"segment", "channel"}
    assert session.query(Lead).count() == 0
