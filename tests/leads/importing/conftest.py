"""The team whose ledger it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.enums import Role
from models.user import User
from tests.leads.importing.bringing import Brought, bring
from tests.people import People

Bring = Callable[..., Brought]


@pytest.fixture
def team(session: Any, people: People) -> dict[str, User]:
    """Beijing's lead and a scout of theirs, and a lead of Chengdu."""
    return {
        "lead": people.team_lead(name="王队"),
        "scout": people.scout(name="张三"),
        "other": people.make(Role.TEAM_LEAD, team="chengdu", name="成都队长"),
    }


@pytest.fixture
def bring_in(session: Any, team: dict[str, User]) -> Bring:
    """Import a ledger as the command does; committed."""
    return bring
