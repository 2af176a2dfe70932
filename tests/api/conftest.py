"""People with tokens."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from models.user import User
from tests.api.machine import Machine, machine_of
from tests.people import People


@pytest.fixture
def scout(people: People, session: Any) -> User:
    """A scout of Beijing."""
    return people.scout()


@pytest.fixture
def machine(app: Flask, scout: User) -> Machine:
    """The scout's machine."""
    return machine_of(app, scout)
