"""Every page and operation with what nobody would write: no value is a mishap of ours."""

from __future__ import annotations

import base64
import itertools
import json
import re
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from crm.paging import day, decode, encode, moment, row_key, word
from models.enums import Role
from tests.api.machine import machine_of
from tests.clients import Client
from tests.walks.operations import BODIES
from tests.walks.routes import address, operations, pages
from tests.walks.table import TABLE
from tests.walks.test_api import operation, person
from tests.walks.world import World


def cursor_of(*values: Any) -> str:
    """As our own cursors are written."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


ENDLESS = "9" * 20
ODD = (ENDLESS, "0001-01-01", "9999-12-31")
MOMENTS = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00")
# What the readers of cursors refuse is asked of them one by one below; here, that each list has its
# cursor read by them.
CURSORS = (
    cursor_of(2**40),
    cursor_of("2026-01-01T00:00:00", 1),
    cursor_of("a\x00b", 1),
    cursor_of(1, 10**20),
    cursor_of(10**7, 1),
    cursor_of("2026-01-01", 10**20),
    cursor_of("2026-01-01T00:00:00Z", 10**20),
    cursor_of(1, 1, 10**20),
)
# Beside these other cursors and conditions are read.
BESIDE = {
    "leads.column": ({"column": "identified"},),
    "leads.index": tuple({"sort": sort} for sort in ("updated", "days", "investment", "landing")),
    "companies.index": ({"metric": "revenue_cny"}, {"list": f"china-software-100/{ENDLESS}"}),
    "promises.index": ({}, {"standing": "kept"}),
}
READERS: dict[type, Any] = {int: row_key, datetime: moment, date: day, str: word}
# A walk that notes no names proves nothing.
LEAST_SENT = 200
LEAST_DAYS = 20


class Noting(ImmutableMultiDict[str, str]):
    """The arguments of an address, which note what they are asked for."""

    asked: set[str] = set()  # noqa: RUF012 (emptied before each request)

    def get(self, key: str, *args: Any, **options: Any) -> Any:
        self.asked.add(key)
        return super().get(key, *args, **options)

    def getlist(self, key: str, *args: Any, **options: Any) -> Any:
        self.asked.add(key)
        return super().getlist(key, *args, **options)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


def _reader(rule: Rule) -> Role:
    roles = TABLE[rule.endpoint, "GET"].roles
    return next(r for r in (Role.MANAGER, Role.ADMINISTRATOR, Role.SCOUT) if r in roles)


# Of the two this engine takes the fewest numbers; that no key is larger than the other's is asked
# below.
@pytest.mark.only_sqlite
def test_no_value_in_an_address_is_a_mishap(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = {"parameter_storage_class": Noting}
    noting = type("NotingRequest", (app.request_class,), storage)
    monkeypatch.setattr(app, "request_class", noting)
    clients = {role: Client(app).sign_in(world.emails[role]) for role in Role}
    wrong, sent = [], 0
    for rule in pages(app):
        client, path = clients[_reader(rule)], address(app, rule, world, "own")
        for number, beside in enumerate(BESIDE.get(rule.endpoint, ({},))):
            Noting.asked.clear()
            client.get(path, query_string=beside)
            names = sorted(Noting.asked - {*beside, "lang"})
            queries = [dict.fromkeys(names, value) for value in ODD if names and not number]
            queries += [{"cursor": value} for value in CURSORS if "cursor" in names]
            for query in queries:
                sent += 1
                asked = f"{path}?{urlencode(beside | query)}"
                if (status := client.get(asked).status_code) >= 500:
                    wrong.append((status, asked[:200]))
    assert wrong == []
    assert sent > LEAST_SENT


@pytest.mark.only_sqlite
def test_a_cursor_holds_nothing_that_an_engine_cannot() -> None:
    for value in (10**20, 2**40, -1, True, None, 1.5, float("inf"), [1], "a\x00b", "\ud800"):
        assert [decode(cursor_of(value), (read,)) for read in READERS.values()] == [None] * 4, value
    for value in ("2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00"):
        assert decode(cursor_of(value), (moment,)) is None, value
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode()
    assert decode(deep, (row_key,)) is None
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for values in ((1,), (at, 2**31 - 1), (at.date(), 7), ("甲", 0)):
        kinds = (
            *({int: row_key, datetime: moment, date: day, str: word}[type(v)] for v in values),
        )
        assert decode(encode(values), kinds) == list(values)


def _written(rule: Rule) -> str:
    """The path of an operation as the document writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def test_no_argument_of_the_api_is_a_mishap(app: Flask, world: World, session: Any) -> None:
    who = machine_of(app, person(Role.MANAGER, world))
    paths = who.get("/openapi.json").json["paths"]
    wrong, sent = [], 0
    for (_endpoint, method), rule in operations(app).items():
        if method != "GET":
            continue
        path = operation(app, rule, world, "own")
        for argument in paths[_written(rule)]["get"].get("parameters", ()):
            name = argument["name"]
            values = CURSORS if name == "cursor" else (*ODD, *MOMENTS)
            for value in values if argument["in"] == "query" else ():
                sent += 1
                asked = f"{path}{'&' if '?' in path else '?'}{urlencode({name: value})}"
                if (status := who.get(asked).status_code) >= 500:
                    wrong.append((status, asked))
    assert wrong == []
    assert sent > LEAST_SENT


def test_no_day_in_a_body_of_the_api_is_a_mishap(app: Flask, world: World, session: Any) -> None:
    who = machine_of(app, person(Role.MANAGER, world))
    document = who.get("/openapi.json").json
    wrong, sent = [], 0
    for (endpoint, method), rule in operations(app).items():
        named = document["paths"][_written(rule)][method.lower()].get("requestBody", {})
        schema = named.get("content", {}).get("application/json", {}).get("schema", {})
        fields = document["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], {})
        days = [
            name
            for name, field in fields.get("properties", {}).items()
            if field.get("format") == "date"
        ]
        known = BODIES[endpoint](world, "own") if endpoint in BODIES else {}
        for name, value in itertools.product(days, ("0001-01-01", "9999-12-31")):
            sent += 1
            path = operation(app, rule, world, "own")
            body = {**known, **dict.fromkeys(days, value)} if name == days[0] else {name: value}
            answer = who.send(method, path, body, If_Match="*")
            if answer.status_code >= 500:
                wrong.append((answer.status_code, method, path, body))
    assert wrong == []
    assert sent > LEAST_DAYS
