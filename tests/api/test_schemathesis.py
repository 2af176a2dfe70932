"""Every operation held against its own description, by schemathesis with all its checks."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.generation.meta import CoverageScenario

from crm.access import tokens
from models import db
from models.appointment import Appointment
from models.attachment import Attachment
from models.company import Company
from models.contact import Contact
from models.enums import Role
from models.event import Event, Invitation
from models.lead import Lead
from models.offer import Offer
from models.premises import Premises
from models.referral import Referral
from models.task import Task
from models.trip import Trip, TripStop
from models.user import User
from models.visit import Visit
from tests.api.machine import machine_of
from tests.people import People
from tests.walks.world import LIST, YEAR, build

EXAMPLES = {"sqlite": 5, "postgresql": 1}
# The edges of every value (a number too large) are what PostgreSQL minds and SQLite takes.
EDGES = {"sqlite": False, "postgresql": True}
# Of the edges nearly half are values of another type, and one reader refuses all of them; so does
# it members that nobody knows. A tenth are methods that an address does not take, and one router
# refuses those. Members that may be there or not come in every pair. Of these every so manieth is
# sent, which is another type, member or method for each next one.
THINNED = {
    CoverageScenario.INCORRECT_TYPE: 10,
    CoverageScenario.UNSPECIFIED_HTTP_METHOD: 3,
    CoverageScenario.OBJECT_UNEXPECTED_PROPERTIES: 3,
    CoverageScenario.OBJECT_REQUIRED_AND_OPTIONAL: 3,
    CoverageScenario.MALFORMED_CONTENT_TYPE: 3,
}
# What looks like an id, a code, a date or a moment.
_SHAPES = (re.compile(r"[A-Za-z0-9_\-]{1,48}"), re.compile(r"\d{4}-\d\d-\d\d([Tt].*)?"))


@pytest.fixture
def known(app: Flask) -> dict[str, list[Any]]:
    """A world, a token of its manager, and the ids and codes that stand in it."""
    with app.app_context():
        world = build(People(db.session), db.session, app)
        manager = db.session.query(User).filter(User.email == world.emails[Role.MANAGER]).one()
        found: dict[str, list[Any]] = {
            name: [key for (key,) in db.session.query(model.public_id)]
            for name, model in {
                "lead": Lead,
                "company": Company,
                "contact": Contact,
                "visit": Visit,
                "task": Task,
                "offer": Offer,
                "attachment": Attachment,
                "premises": Premises,
                "trip": Trip,
                "stop": TripStop,
                "event": Event,
                "invitation": Invitation,
                "referral": Referral,
                "appointment": Appointment,
                "person": User,
            }.items()
        }
        found |= {"token": [machine_of(app, manager).secret], "year": [YEAR], "list": [LIST]}
        found |= {"segment": ["FND-DB", "FND"], "channel": ["resident"], "team": ["beijing"]}
        found |= {"occurred_at": ["2026-11-25T10:05:00+08:00"], "due_on": ["2099-12-01"]}
        found |= {"next_step_on": ["2099-12-01"], "hold_until": ["2099-12-01"]}
        found |= {"starts_on": ["2026-12-01"], "starts_at": ["2099-12-01T10:00:00+08:00"]}
        found |= {"first_on": ["2026-12-01"], "last_on": ["2026-12-03"]}
        found |= {"district": ["nanhu"], "park": ["nanhu"], "place": ["hangzhou"]}
        return found


# What a name in a path, an address or a body is looked up as.
_NAMES = {
    "owner": "person",
    "author": "person",
    "assignee": "person",
    "liaison": "person",
    "companions": "person",
    "contacts": "contact",
    "leads": "lead",
    "segments": "segment",
    "members": "person",
    "before": "stop",
    "people": "person",
    "invited": "contact",
    "referrer": "company",
    "city": "place",
}


def _real(values: Any, known: dict[str, list[Any]]) -> Any:
    """Put ids and codes that exist in place of most that only look so; the rest stays made up."""
    if not isinstance(values, dict):
        return values
    return {name: _one(name, value, known) for name, value in values.items()}


def _one(name: str, value: Any, known: dict[str, list[Any]]) -> Any:
    if isinstance(value, list):
        return [_one(name, item, known) for item in value]
    noun = re.sub("_(id|code)$", "", name)
    choices = known.get(_NAMES.get(noun, noun))
    chance = zlib.crc32(str(value).encode("utf-8", "replace"))
    fits = isinstance(value, str) and any(shape.fullmatch(value) for shape in _SHAPES)
    if choices and (fits or (name == "year" and isinstance(value, int))) and chance % 5:
        return choices[chance % len(choices)]
    return value


def _config(token: str, examples: int, *, edges: bool) -> SchemathesisConfig:
    """All checks, and all phases where ``edges`` are tried; what is told to the checks is this.

    * A schema can not say which codes and ids exist, what a gate asks or who holds a company: data
      that fits it may be refused with 422, and a change of another state with 412.
    * Nor can it say who proposed an offer: approving one's own is forbidden (403).
    * If-Match is required, and its absence is what 428 was made for.
    """
    accepted = ["2xx", "3xx", "403", "404", "409", "412", "422"]
    return SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {token}"},
            # Seconds: how long an answer takes says how busy the machine is.
            "request-timeout": 120,
            "phases": {"coverage": {"enabled": edges}},
            "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": accepted},
                "missing_required_header": {"expected-statuses": ["401", "428"]},
                "negative_data_rejection": {
                    "expected-statuses": [
                        *("400", "401", "404", "405", "409", "412", "415", "422", "428")
                    ]
                },
            },
        }
    )


def _failures(runner: Any, calls: Counter[str]) -> Iterator[str]:
    """What each check found, with the request that shows it."""
    for event in runner.execute():
        if isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.value!r}"
        if isinstance(event, events.ScenarioFinished):
            for _key, interaction in event.recorder.interactions.items():
                if interaction.response is not None:
                    calls[str(interaction.response.status_code)] += 1
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        failure = check.failure_info
                        yield f"{event.recorder.label}: {failure.failure!r}\n{failure.code_sample}"


def test_every_operation_does_what_it_says(
    address: str,
    known: dict[str, list[Any]],
    engine_kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Every operation is tried with tokens that are none: more than one address may in earnest.
    monkeypatch.setattr(tokens, "UNKNOWN_PER_ADDRESS", 10_000)
    config = _config(known["token"][0], EXAMPLES[engine_kind], edges=EDGES[engine_kind])
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config)
    for place in ("path_parameters", "query", "body"):

        def real(_context: Any, values: Any) -> Any:
            return _real(values, known)

        real.__name__ = f"map_{place}"
        schema.hook(real)
    seen: Counter[CoverageScenario] = Counter()

    def filter_case(_context: Any, case: Any) -> bool:
        scenario = getattr(case.meta.phase.data, "scenario", None)
        if scenario not in THINNED:
            return True
        seen[scenario] += 1
        return seen[scenario] % THINNED[scenario] == 0

    schema.hook(filter_case)
    calls: Counter[str] = Counter()
    failures = list(_failures(engine.from_schema(schema), calls))
    assert failures == []
    # Not all of it is thrown back: real records are read, made and changed.
    assert calls["200"] > 100
    assert calls["201"] > 5
