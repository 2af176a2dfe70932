"""Who may ask, by which token, and what is said of those that open nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crm import clock
from crm.access import tokens
from crm.errors import NotFound, Refusal
from models.api_token import ApiToken
from models.audit import Change, ChangeSet
from models.enums import ApiScope, Via
from models.lead import Lead
from models.sign_in import SignInAttempt
from models.user import User
from tests.api.machine import ROOT, Machine, machine_of
from tests.clients import Client
from tests.leads.making import a_lead
from tests.people import People


def test_a_token_has_the_rights_of_its_person(machine: Machine, scout: User) -> None:
    me = machine.get("/me").json
    assert (me["id"], me["role"], me["teams"]) == (scout.public_id, "scout", ["beijing"])
    assert (me["scope"], me["expires_at"]) == ("write", None)


def test_only_a_hash_is_kept(session: Any, scout: User) -> None:
    made = tokens.issue(scout, "脚本", now=clock.now())
    session.commit()
    row = session.execute(sa.select(ApiToken.__table__)).one()
    assert made.secret.startswith("crm_")
    assert len(made.secret) >= 47
    assert made.secret not in str(tuple(row))
    assert made.secret.startswith(row.prefix)
    trail = " ".join(str(c.after) for c in session.scalars(sa.select(Change)))
    assert row.token_hash not in trail
    assert made.token.prefix in trail


@pytest.mark.parametrize(
    "lost", ["none", "scheme", "empty", "unknown", "expired", "revoked", "off"]
)
def test_what_opens_nothing_is_401(app: Flask, session: Any, scout: User, lost: str) -> None:
    days = 1 if lost == "expired" else None
    made = tokens.issue(scout, "脚本", now=clock.now() - timedelta(days=2), days=days)
    if lost == "revoked":
        tokens.revoke(made.token.public_id, now=clock.now())
    scout.active = lost != "off"
    session.commit()
    sent = {
        "none": {},
        "scheme": {"Authorization": f"Basic {made.secret}"},
        "empty": {"Authorization": "Bearer "},
        "unknown": {"Authorization": "Bearer crm_" + "x" * 43},
    }.get(lost, {"Authorization": f"Bearer {made.secret}"})
    for method, path in (("GET", "/leads"), ("POST", "/leads"), ("PATCH", "/leads/zzzzzzzzzzzz")):
        answer = Machine(app).send(method, path, **sent)
        assert answer.status_code == 401, (method, path)
        assert answer.json == {"code": "token", "message": "请带上有效的访问令牌。", "errors": {}}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Set-Cookie" not in answer.headers


def test_a_session_of_the_browser_opens_nothing(app: Flask, scout: User) -> None:
    signed_in = Client(app).sign_in(scout.email)
    for method in ("GET", "POST"):
        answer = signed_in.send(method, f"{ROOT}/companies", json={"name": "某公司"})
        assert answer.status_code == 401
    answer = signed_in.post(f"{ROOT}/companies", json={"name": "某公司"})
    assert answer.status_code == 401


def test_a_reading_token_changes_nothing(app: Flask, scout: User) -> None:
    reader = machine_of(app, scout, ApiScope.READ)
    assert reader.get("/companies").status_code == 200
    answer = reader.post("/companies", {"name": "某软件有限公司"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_unknown_tokens_have_to_wait_and_others_go_on(
    app: Flask, session: Any, machine: Machine, scout: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "UNKNOWN_PER_ADDRESS", 2)
    guesses = [Machine(app, "crm_guess").get("/me").status_code for _ in range(3)]
    assert guesses == [401, 401, 429]
    waiting = Machine(app, "crm_guess").get("/me")
    assert waiting.json["code"] == "too_many"
    assert waiting.headers["Retry-After"] == "900"
    assert machine.get("/me").status_code == 200
    # Nor is anybody kept from signing in.
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) == 2
    Client(app).sign_in(scout.email)


def test_use_is_noted_seldom(app: Flask, session: Any, scout: User) -> None:
    made = tokens.issue(scout, "脚本", now=clock.now())
    session.commit()
    used = Machine(app, made.secret)
    used.get("/me")
    session.expire_all()
    first = made.token.last_used_at
    assert first is not None
    used.get("/me")
    session.expire_all()
    assert made.token.last_used_at == first
    made.token.last_used_at = first - tokens.USED_EVERY
    session.commit()
    used.get("/me")
    session.expire_all()
    assert made.token.last_used_at >= first


def test_the_trail_says_that_a_machine_did_it(machine: Machine, session: Any, scout: User) -> None:
    lead = a_lead(scout)
    answer = machine.patch(f"/leads/{lead.public_id}", {"need": "要场地"}, If_Match="*")
    assert answer.status_code == 200
    query = sa.select(ChangeSet).join(Change, Change.change_set_id == ChangeSet.id)
    made = session.scalars(query.where(Change.subject == "lead").order_by(Change.id.desc())).first()
    assert (made.via, made.actor_id) == (Via.API, scout.id)
    assert made.request_id == answer.headers["X-Request-ID"]
    assert session.get_one(Lead, lead.id).need == "要场地"


def test_a_person_makes_and_revokes_their_own(app: Flask, session: Any, scout: User) -> None:
    client = Client(app).sign_in(scout.email)
    assert "还没有令牌" in client.get("/account").text
    refused = client.post("/account/tokens", {"name": "", "scope": "read", "days": "90"})
    assert refused.status_code == 422
    made = client.post("/account/tokens", {"name": "月报", "scope": "read", "days": "30"})
    assert made.status_code == 201
    found = re.search(r'data-testid="token">([^<]+)<', made.text)
    assert found
    assert Machine(app, found[1]).get("/me").json["scope"] == "read"
    page = client.get("/account").text
    assert "月报" in page
    assert found[1] not in page
    token = session.scalars(sa.select(ApiToken)).one()
    assert token.expires_at - token.created_at == timedelta(days=30)
    gone = client.post(f"/account/tokens/{token.public_id}/revocations")
    assert gone.status_code == 302
    assert Machine(app, found[1]).get("/me").status_code == 401
    assert "月报" not in client.get("/account").text.split("<main")[1].split("已作废")[0]


def test_nobody_revokes_anothers(app: Flask, people: People, session: Any, scout: User) -> None:
    made = tokens.issue(people.scout(), "别人的", now=clock.now())
    session.commit()
    client = Client(app).sign_in(scout.email)
    answer = client.post(f"/account/tokens/{made.token.public_id}/revocations")
    assert answer.status_code == 404
    session.expire_all()
    assert made.token.revoked_at is None
    with pytest.raises(NotFound):
        tokens.revoke(made.token.public_id, now=clock.now(), user_id=scout.id)


@pytest.mark.parametrize(
    ("name", "days", "field"),
    [("", 1, "name"), ("a" * 65, 1, "name"), ("a", 0, "days"), ("a", 3651, "days")],
)
def test_a_token_that_can_not_be_is_refused(scout: User, name: str, days: int, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.issue(scout, name, now=clock.now(), days=days)
    assert list(refused.value.errors) == [field]


def test_the_command_prints_the_token_alone(app: Flask, session: Any, scout: User) -> None:
    session.commit()
    runner = app.test_cli_runner()
    made = runner.invoke(args=["tokens", "create", scout.email, "--name", "脚本"])
    assert made.exit_code == 0
    secret = made.stdout.rstrip("\n")
    assert re.fullmatch(r"crm_[\w-]{43}", secret)
    assert Machine(app, secret).get("/me").json["scope"] == "write"
    listed = runner.invoke(args=["tokens", "list", scout.email]).stdout
    public_id, prefix, *_rest = listed.split("\t")
    assert secret.startswith(prefix)
    assert secret not in listed
    assert runner.invoke(args=["tokens", "revoke", public_id]).exit_code == 0
    assert Machine(app, secret).get("/me").status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "nobody@test.example", "--name", "a"],
        ["create", "scout1@test.example"],
        ["create", "scout1@test.example", "--name", "a", "--days", "0"],
        ["create", "scout1@test.example", "--name", "a", "--scope", "all"],
        ["list", "nobody@test.example"],
        ["revoke", "zzzzzzzzzzzz"],
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    app: Flask, session: Any, scout: User, arguments: list[str]
) -> None:
    session.commit()
    done = app.test_cli_runner().invoke(args=["tokens", *arguments])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
