"""One demo for all tests of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

AT = "2026-11-25T08:00"
SIZE = ("--leads", "120", "--visits", "700", "--at", AT, "--json")


def run(app: Flask, *arguments: str) -> Any:
    """``demo load``; its result."""
    return app.test_cli_runner().invoke(args=["demo", "load", *arguments])


@pytest.fixture
def loaded(app: Flask, once: Any) -> Any:
    """What the command said of the demo that it made."""

    def make() -> Any:
        result = run(app, *SIZE)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return once("demo", make)
