"""The city that is walked through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.people import People
from tests.walks.world import World, build


@pytest.fixture
def world(once: Callable[..., Any], people: People, session: Any, app: Flask) -> World:
    """Its people and records, on each engine."""

    def make() -> tuple[World, int]:
        return build(people, session, app), people.count

    made: World
    # Whoever is made after them has another address.
    made, people.count = once("walks", make)
    return made
