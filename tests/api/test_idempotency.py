"""A request that is sent again is done once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock, idempotency
from models.company import Company
from models.idempotency import IdempotentRequest
from models.user import User
from tests.api.described import undescribed
from tests.api.machine import ROOT, Machine, machine_of
from tests.people import People
from tests.walks.routes import operations

SENT = {"name": "星环软件有限公司"}


def _count(session: Any, model: Any = Company) -> int:
    session.rollback()
    found: int = session.scalar(sa.select(sa.func.count()).select_from(model))
    return found


def test_sent_again_it_is_answered_again(machine: Machine, session: Any) -> None:
    first = machine.post("/companies", SENT, Idempotency_Key="a-1")
    again = machine.post("/companies", SENT, Idempotency_Key="a-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    for name in ("ETag", "Location"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert _count(session) == 1


def test_the_document_says_how_long_a_key_is_kept_and_what_marks_it(
    app: Flask, make_app: Any, machine: Machine
) -> None:
    short = make_app(idempotency_kept=timedelta(hours=2)).test_client()
    said = short.get(f"{ROOT}/openapi.json").json["info"]["description"]
    assert "within 2 hours" in said
    machine.post("/companies", SENT, Idempotency_Key="a-1")
    again = machine.post("/companies", SENT, Idempotency_Key="a-1")
    assert list(undescribed(app, operations(app)["api.companies.create", "POST"], again)) == []


def test_another_request_with_the_key_is_refused(machine: Machine, session: Any) -> None:
    machine.post("/companies", SENT, Idempotency_Key="a-1")
    for path, body in (
        ("/companies", {"name": "别的软件有限公司"}),
        ("/contacts", _contact(session)),
    ):
        answer = machine.post(path, body, Idempotency_Key="a-1")
        assert (answer.status_code, answer.json["code"]) == (422, "key_reused")
        assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert _count(session) == 1


def _contact(session: Any) -> dict[str, str]:
    return {"company": session.scalar(sa.select(Company.public_id)), "name": "周启明"}


def test_a_refused_request_frees_its_key(machine: Machine, session: Any) -> None:
    refused = machine.post("/companies", {**SENT, "credit_code": "1"}, Idempotency_Key="a-1")
    assert refused.status_code == 422
    assert machine.post("/companies", SENT, Idempotency_Key="a-1").status_code == 201
    assert _count(session) == 1


def test_keys_of_two_people_are_two(app: Flask, machine: Machine, people: People) -> None:
    machine.post("/companies", SENT, Idempotency_Key="a-1")
    other = machine_of(app, people.scout())
    answer = other.post("/companies", {"name": "别的软件有限公司"}, Idempotency_Key="a-1")
    assert answer.status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "钥匙"])
def test_a_key_that_can_not_be_is_refused(machine: Machine, session: Any, key: str) -> None:
    headers = [
        ("Authorization", f"Bearer {machine.secret}"),
        ("Idempotency-Key", key.encode().decode("latin-1")),
    ]
    answer = machine.http.send("POST", f"{ROOT}/companies", json=SENT, headers=headers)
    assert answer.status_code == 422
    assert _count(session) == 0


def test_of_two_at_once_one_has_its_effect(app: Flask, scout: User, session: Any) -> None:
    secret = machine_of(app, scout).secret
    session.commit()
    barrier = Barrier(4)

    def send(number: int) -> tuple[int, str, bytes]:
        # Each in a thread of its own, whose context is empty as a server's is.
        client = app.test_client()
        barrier.wait()
        answer = client.post(
            f"{ROOT}/companies",
            data=json.dumps(SENT),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "at-once"},
        )
        return answer.status_code, answer.headers.get("Idempotency-Replayed", ""), answer.data

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {status for status, _replayed, _body in answers} == {201}, answers
    assert len({body for _status, _replayed, body in answers}) == 1
    assert sorted(replayed for _status, replayed, _body in answers) == ["", "true", "true", "true"]
    assert _count(session) == 1


def test_keys_are_forgotten_in_time(app: Flask, machine: Machine, session: Any) -> None:
    machine.post("/companies", SENT, Idempotency_Key="a-1")
    kept = app.extensions["crm.config"].idempotency_kept
    assert kept == timedelta(hours=24)
    assert idempotency.sweep(clock.now(), kept) == 0
    session.execute(
        sa.update(IdempotentRequest).values(created_at=clock.now() - timedelta(hours=25))
    )
    session.commit()
    # Past its time the key is as good as new, swept or not.
    answer = machine.post("/companies", {"name": "别的软件有限公司"}, Idempotency_Key="a-1")
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert idempotency.sweep(clock.now() + kept, kept) == 1
    assert _count(session, IdempotentRequest) == 0
