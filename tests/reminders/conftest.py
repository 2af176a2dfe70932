"""Leads of a scout, to be reminded of."""

from __future__ import annotations

from typing import Any

import pytest

from models.user import User
from tests.people import People
from tests.reminders.leads import Leads


@pytest.fixture
def scout(people: People) -> User:
    """Whose leads they are."""
    return people.scout(name="陈思远", email="chen@test.example")


@pytest.fixture
def leads(session: Any, scout: User) -> Leads:
    """A maker of the scout's leads."""
    return Leads(session, scout)
