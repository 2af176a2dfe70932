"""Makers of records for tests, through the services where there is one."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_security import hash_password

from crm import clock
from models.enums import Role
from models.place import District, Park
from models.team import Team
from models.user import Membership, User
from tests.clients import PASSWORD

_hashed: list[str] = []


def _password() -> str:
    """One hash for all accounts of a run: argon2 is slow by design."""
    if not _hashed:
        _hashed.append(hash_password(PASSWORD))
    return _hashed[0]


class People:
    """Accounts of each role."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.count = 0

    def make(
        self,
        role: Role = Role.SCOUT,
        *,
        team: str | None = None,
        park: str | None = None,
        district: str | None = None,
        name: str | None = None,
        email: str | None = None,
    ) -> User:
        """An account that belongs to the team, park or district of that code; committed."""
        self.count += 1
        user = User(
            email=email or f"{role.value}{self.count}@test.example",
            name=name or f"测试员{self.count}",
            role=role,
            password=_password(),
            fs_uniquifier=secrets.token_hex(16),
            active=True,
            created_at=clock.now(),
        )
        self.session.add(user)
        self.session.flush()
        for model, code, column in (
            (Team, team, "team_id"),
            (Park, park, "park_id"),
            (District, district, "district_id"),
        ):
            if code:
                key = self.session.scalar(sa.select(model.id).where(model.code == code))
                assert key, code
                self.session.add(
                    Membership(user_id=user.id, from_on=date(2020, 1, 1), **{column: key})
                )
        self.session.commit()
        return user

    def scout(self, team: str = "beijing", **more: Any) -> User:
        """A scout of a team."""
        return self.make(Role.SCOUT, team=team, **more)

    def team_lead(self, team: str = "beijing", **more: Any) -> User:
        """The lead of a team."""
        return self.make(Role.TEAM_LEAD, team=team, **more)

    def manager(self, **more: Any) -> User:
        """A manager."""
        return self.make(Role.MANAGER, **more)

    def administrator(self, **more: Any) -> User:
        """An administrator."""
        return self.make(Role.ADMINISTRATOR, **more)
