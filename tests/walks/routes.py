"""The routes of the application as the walks take them."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import Rule

from tests.walks.world import World


def routes(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every endpoint and method of the pages, with its rule."""
    return _routes(app, api=False)


def operations(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every endpoint and method of the API, with its rule."""
    return _routes(app, api=True)


def _routes(app: Flask, *, api: bool) -> dict[tuple[str, str], Rule]:
    found: dict[tuple[str, str], Rule] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") is not api:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[rule.endpoint, method] = rule
    return found


def address(app: Flask, rule: Rule, world: World, which: str) -> str:
    """The path of a rule for the own, the foreign or no record."""
    values = world.values(rule.endpoint, rule.arguments, which)
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def pages(app: Flask) -> list[Rule]:
    """What can be read with GET, the files aside."""
    return [r for (name, method), r in routes(app).items() if method == "GET" and name != "static"]
