"""The table of rights, and the page that shows it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from crm.access import Actor, Right, allowed, load_actor, require
from crm.access.policy import RIGHTS
from crm.config import ROOT
from crm.errors import Forbidden, NotFound
from models.enums import Role
from models.user import Membership
from tests.people import People

_CHANGES = ("write_", "import_", "log_", "attach_", "propose_", "decide_")
WRITING = {right for right in Right if right.startswith(_CHANGES)}


def test_every_role_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)


def test_who_checks_changes_nothing() -> None:
    for role in (Role.AUDITOR, Role.SECURITY_OFFICER):
        assert not RIGHTS[role] & WRITING


def test_a_missing_right_is_said_or_hidden() -> None:
    park = Actor(1, Role.PARK_OFFICER)
    assert not allowed(park, Right.WRITE_LEADS)
    with pytest.raises(Forbidden):
        require(park, Right.WRITE_LEADS)
    with pytest.raises(NotFound):
        require(park, Right.READ_ACCOUNTS)


def test_only_memberships_of_the_day_count(people: People, session: Any) -> None:
    user = people.scout()
    membership = session.query(Membership).filter_by(user_id=user.id).one()
    membership.to_on = date(2026, 11, 24)
    session.commit()
    assert load_actor(user, date(2026, 11, 24)).teams == (membership.team_id,)
    assert load_actor(user, date(2026, 11, 25)).teams == ()


def test_the_page_about_access_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "access-doc", "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
