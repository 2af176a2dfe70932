"""What every answer carries, what machines that watch are told, and pages of mishaps."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, abort

from models import db
from tests.clients import Client
from tests.people import People

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.only_sqlite
@pytest.mark.parametrize("path", ["/login", "/nowhere", "/static/css/app.css", "/healthz"])
def test_every_answer_carries_the_strict_policy(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_request_is_named_and_a_given_name_kept(client: Client) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", client.get("/healthz").headers["X-Request-ID"])
    given = client.get("/healthz", headers={"X-Request-ID": "abc-1"})
    assert given.headers["X-Request-ID"] == "abc-1"
    strange = client.get("/healthz", headers={"X-Request-ID": "<script>"})
    assert "<" not in strange.headers["X-Request-ID"]


def test_timing_is_told_only_when_asked_for(app: Flask, client: Client) -> None:
    found = client.get("/login").headers["Server-Timing"]
    assert re.fullmatch(r'app;dur=[\d.]+, db;dur=[\d.]+;desc="n=\d+"', found)


def test_timing_is_kept_to_ourselves_otherwise(make_app: Callable[..., Flask]) -> None:
    response = Client(make_app(timing=False)).get("/login")
    assert "Server-Timing" not in response.headers


def test_pages_of_people_are_kept_by_no_cache(client: Client, people: People) -> None:
    assert client.get("/login").headers["Cache-Control"] == "private, no-store"
    client.sign_in(people.scout().email)
    for path in ("/account", "/account/password"):
        assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_the_other_language_is_one_link_away_and_asks_the_same(
    client: Client, people: People
) -> None:
    client.sign_in(people.scout().email)
    page = client.get("/leads?stage=engaged&stage=identified&lang=zh").get_data(as_text=True)
    assert 'href="/leads?stage=engaged&amp;stage=identified&amp;lang=en"' in page
    # An answer to a form stands at an address that can not always be opened again.
    refused = client.post("/account/password", {})
    assert 'href="/account/password?lang=en"' in refused.get_data(as_text=True)
    gone = client.post("/leads/aaaaaaaaaaaa/stage-changes", {})
    assert 'href="/?lang=en"' in gone.get_data(as_text=True)


def test_health_and_readiness(client: Client) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok"}


def test_not_ready_without_its_migrations(client: Client, session: Any) -> None:
    session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["status"] == "migrations"
    assert client.get("/healthz").status_code == 200


@pytest.mark.only_sqlite
@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "找不到这一页"), ("en", "This page is not there")]
)
def test_a_page_that_is_not_there(client: Client, people: People, lang: str, words: str) -> None:
    client.sign_in(people.scout().email)
    response = client.get(f"/nowhere?lang={lang}")
    assert (response.status_code, words in response.text) == (404, True)


def test_a_method_that_is_not_allowed_names_those_that_are(client: Client, people: People) -> None:
    client.sign_in(people.scout().email)
    response = client.post("/account")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "请从页面上的按钮操作。" in response.text


@pytest.mark.parametrize(
    ("code", "words"), [(413, "请上传 20 MB 以内的文件。"), (500, "没有保存，您填的还在。")]
)
def test_mishaps_say_what_to_do(
    make_app: Callable[..., Flask], people: People, code: int, words: str
) -> None:
    app = make_app()

    @app.get("/mishap")
    def mishap() -> str:
        if code == 500:
            raise RuntimeError
        abort(code)

    client = Client(app).sign_in(people.scout().email)
    response = client.get("/mishap", headers={"X-Request-ID": "seven-f3a"})
    assert (response.status_code, words in response.text) == (code, True)
    if code == 500:
        assert "seven-f3a" in response.text
    as_json = client.get("/mishap", headers={"Accept": "application/json"})
    assert as_json.json is not None
    assert set(as_json.json) == {"code", "message", "errors"}


def test_a_request_too_large_is_refused(client: Client, people: People) -> None:
    client.sign_in(people.administrator().email)
    response = client.post("/account/language", {"lang": "x" * (25 * 1024 * 1024)})
    assert response.status_code == 413
    # The address has no page of its own; that of an import has.
    assert "另选一个文件" in response.text
    assert 'href="/"' in response.text
    large = {"file": (io.BytesIO(bytes(25 * 1024 * 1024)), "huge.csv")}
    response = client.post("/targets/import", large)
    assert response.status_code == 413
    assert 'href="/targets/import"' in response.text
    with client.app.app_context():
        assert db.session.scalar(sa.text("SELECT 1")) == 1
