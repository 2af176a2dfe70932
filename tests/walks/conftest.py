"""The city that is walked through."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.people import People
from tests.walks.world import World, build


@pytest.fixture
def world(people: People, session: Any, app: Flask) -> World:
    """Its people and records, on each engine."""
    return build(people, session, app)
