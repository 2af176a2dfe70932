"""Signing in: one sentence whatever was wrong, tries that run out, cookies that do not leak."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from crm.access import sign_in
from models.sign_in import SignInAttempt
from models.user import User
from tests.clients import PASSWORD, Client
from tests.people import People

WRONG = "邮箱或密码不对。再错 %s 次要等 15 分钟。"
BLOCKED = "错的次数太多，请 15 分钟后再试。"
NOW = datetime(2026, 12, 3, 1, 40, tzinfo=timezone.utc)


def _try(client: Client, email: str, password: str, **more: Any) -> TestResponse:
    client.get("/login")
    return client.post("/login", {"email": email, "password": password, **more})


def _cookies(response: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in response.headers.getlist("Set-Cookie"):
        found.update(SimpleCookie(line))
    return found


def test_the_page_is_chinese_and_english(client: Client) -> None:
    page = client.get("/login").text
    assert "用单位邮箱登录" in page
    assert "这台设备 14 天内不用再登录" in page
    english = client.get("/login?lang=en").text
    assert '<html lang="en">' in english
    assert "用单位邮箱登录" not in english


def test_the_right_password_opens_the_first_page(client: Client, people: People) -> None:
    user = people.scout()
    response = _try(client, f" {user.email.upper()} ", PASSWORD)
    assert (response.status_code, response.location) == (302, "/")
    assert user.name in client.get("/account").text


def test_a_wrong_password_gets_one_sentence_and_the_address_stays(
    client: Client, people: People
) -> None:
    user = people.scout()
    _try(client, user.email, "not-the-password")
    response = _try(client, user.email, "not-the-password")
    assert response.status_code == 422
    assert WRONG % 3 in response.text
    assert f'value="{user.email}"' in response.text
    assert response.text.count('data-testid="field-error"') == 1


def test_an_unknown_address_and_a_closed_account_read_the_same(
    client: Client, people: People, session: Any
) -> None:
    user = people.scout()
    user.active = False
    session.commit()
    for email, password in (("nobody@test.example", "x"), (user.email, PASSWORD)):
        response = _try(client, email, password)
        assert response.status_code == 422
        assert WRONG % 4 in response.text


def test_five_wrong_tries_have_to_wait_a_quarter_of_an_hour(app: Flask, people: People) -> None:
    user = people.scout()
    with time_machine.travel(NOW, tick=False) as clock:
        for left in (4, 3, 2, 1):
            assert WRONG % left in _try(Client(app), user.email, "x").text
        fifth = _try(Client(app), user.email, "x")
        assert (fifth.status_code, BLOCKED in fifth.text) == (429, True)
        assert BLOCKED in _try(Client(app), user.email, PASSWORD).text
        clock.shift(timedelta(minutes=15, seconds=1))
        assert _try(Client(app), user.email, PASSWORD).status_code == 302


def test_many_wrong_tries_at_once_are_counted_one_by_one(app: Flask, people: People) -> None:
    email, tries = people.scout().email, 12
    clients = [Client(app) for _ in range(tries)]
    for client in clients:
        client.get("/login")
    start = threading.Barrier(tries)

    def guess(client: Client) -> bool:
        start.wait()
        return BLOCKED in client.post("/login", {"email": email, "password": "x"}).text

    with ThreadPoolExecutor(tries) as pool:
        blocked = list(pool.map(guess, clients))
    # The fifth is tried and told that it was the last.
    assert blocked.count(False) == sign_in.PER_EMAIL - 1


def test_signing_in_wipes_out_ones_own_slips(app: Flask, people: People) -> None:
    user = people.scout()
    for _ in range(4):
        _try(Client(app), user.email, "x")
    assert _try(Client(app), user.email, PASSWORD).status_code == 302
    assert WRONG % 4 in _try(Client(app), user.email, "x").text


def test_one_network_address_may_not_try_many_accounts(
    app: Flask, people: People, session: Any
) -> None:
    user = people.scout()
    at = datetime.now(timezone.utc)
    session.add_all(
        SignInAttempt(email=f"a{n}@test.example", address="127.0.0.1", at=at, succeeded=False)
        for n in range(sign_in.PER_ADDRESS)
    )
    session.commit()
    assert BLOCKED in _try(Client(app), user.email, PASSWORD).text
    elsewhere = Client(app)
    elsewhere.http.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    assert _try(elsewhere, user.email, PASSWORD).status_code == 302


def test_passwords_are_argon2id(people: People) -> None:
    assert people.scout().password.startswith("$argon2id$")


def test_empty_fields_say_what_to_fill_in_and_cost_no_try(
    client: Client, people: People, session: Any
) -> None:
    response = _try(client, "", "")
    assert response.status_code == 422
    assert "请填邮箱。" in response.text
    assert "请填密码。" in response.text
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) == 0


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_kept_from_scripts_and_other_sites(
    make_app: Callable[..., Flask], people: People, secure: bool
) -> None:
    user = people.scout()
    app = make_app(base_url="https://crm.example" if secure else "http://crm.example")
    client = Client(app)
    base = {"base_url": "https://crm.example"} if secure else {}
    client.get("/login", **base)
    headers = {"Referer": "https://crm.example/login"} if secure else {}
    response = client.post(
        "/login",
        {"email": user.email, "password": PASSWORD, "remember": "y"},
        headers=headers,
        **base,
    )
    assert response.status_code == 302
    cookies = _cookies(response)
    assert {"session", "remember_token"} <= set(cookies)
    for cookie in cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert bool(cookie["secure"]) is secure
    assert ("Strict-Transport-Security" in response.headers) is secure


def test_a_remembered_device_stays_signed_in_for_fourteen_days(
    client: Client, people: People
) -> None:
    user = people.scout()
    with time_machine.travel(NOW, tick=False):
        response = _try(client, user.email, PASSWORD, remember="y")
    cookie = _cookies(response)["remember_token"]
    assert parsedate_to_datetime(cookie["expires"]) == NOW + timedelta(days=14)
    client.http.delete_cookie("session")
    assert client.get("/account").status_code == 200


def test_without_the_tick_nothing_is_remembered(client: Client, people: People) -> None:
    response = _try(client, people.scout().email, PASSWORD)
    assert "remember_token" not in _cookies(response)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "javascript:1",
    ],
)
def test_sign_in_leads_only_to_our_own_pages(
    client: Client, people: People, elsewhere: str
) -> None:
    user = people.scout()
    client.get("/login", query_string={"next": elsewhere})
    response = client.post(
        "/login",
        {"email": user.email, "password": PASSWORD, "next": elsewhere},
        query_string={"next": elsewhere},
    )
    assert response.status_code == 302
    there = urlsplit(response.location)
    assert (there.scheme, there.netloc) == ("", "")
    assert response.location[0] == "/"
    assert response.location[1:2] not in {"/", "\\"}


def test_who_was_sent_to_sign_in_comes_back(client: Client, people: People) -> None:
    sent = client.get("/account")
    assert (sent.status_code, sent.location) == (302, "/login?next=/account")
    client.get(sent.location)
    response = client.post(
        sent.location, {"email": people.scout().email, "password": PASSWORD, "next": "/account"}
    )
    assert response.location == "/account"


def test_what_comes_behind_a_page_leads_nobody_away(client: Client) -> None:
    """A session that ended is told to who presses something, not to who is typing."""
    pressed = client.get("/today/targets", headers={"HX-Request": "true"})
    assert pressed.headers["HX-Redirect"].startswith("/login")
    behind = client.get("/today/targets", headers={"HX-Request": "true", "X-Behind": "1"})
    assert (behind.status_code, "HX-Redirect" in behind.headers) == (401, False)


def test_signing_out_takes_a_post(client: Client, people: People) -> None:
    client.sign_in(people.scout().email)
    assert client.get("/logout").status_code == 405
    assert client.get("/account").status_code == 200
    assert client.post("/logout").status_code == 302
    assert client.get("/account").status_code == 302


def test_a_form_without_its_token_says_what_to_do(client: Client, people: People) -> None:
    client.token = ""
    response = client.post("/login", {"email": people.scout().email, "password": PASSWORD})
    assert response.status_code == 400
    assert "请返回上一页，刷新后再提交，您填的还在。" in response.text
    assert client.get("/account").status_code == 302


def test_a_closed_account_is_out_at_once(client: Client, people: People, session: Any) -> None:
    user = people.scout()
    client.sign_in(user.email)
    session.get_one(User, user.id).active = False
    session.commit()
    assert client.get("/account").status_code == 302


def test_a_text_too_long_for_a_password_is_a_wrong_one(client: Client, people: People) -> None:
    response = _try(client, people.scout().email, "长" * 5000)
    assert response.status_code == 422
    assert WRONG % 4 in response.text


def test_an_empty_form_is_no_try(client: Client, session: Any) -> None:
    """Wrong tokens of machines are tries without an address; they block nobody's empty form."""
    for _ in range(sign_in.PER_EMAIL):
        sign_in.note_attempt("", "10.0.0.9", datetime.now(timezone.utc), succeeded=False)
    session.commit()
    response = _try(client, "", "")
    assert response.status_code == 422
    assert BLOCKED not in response.text


def test_json_is_answered_with_json(client: Client, people: People) -> None:
    user = people.scout()
    client.get("/login")
    refused = client.post("/login", json={"email": user.email, "password": "x"})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["code"] == "refused"
    assert refused.json["errors"] == {"password": [WRONG % 4]}
    taken = client.post("/login", json={"email": user.email, "password": PASSWORD})
    assert taken.status_code == 200
    assert taken.is_json


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": 5, "password": ["x"]}, 422),
        ({"email": None}, 422),
        ({}, 422),
        ([1], 400),
        ("x", 400),
    ],
)
def test_strange_json_is_refused(client: Client, body: Any, status: int) -> None:
    client.get("/login")
    response = client.post("/login", json=body)
    assert response.status_code == status
    assert response.json is not None
    assert response.json["errors"].keys() <= {"email", "password"}


def test_json_signed_out_is_told_so(client: Client) -> None:
    response = client.get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json == {"code": "sign_in", "message": "请先登录。", "errors": {}}


def test_the_extensions_own_tokens_open_nothing(client: Client, people: People) -> None:
    user = people.scout()
    client.get("/login")
    signed = client.post(
        "/login?include_auth_token", json={"email": user.email, "password": PASSWORD}
    )
    assert signed.json is not None
    token = signed.json["user"].get("authentication_token", "none")
    other = Client(client.app)
    assert other.get("/account", headers={"Authentication-Token": token}).status_code == 302
