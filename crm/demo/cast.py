"""Who works in the demo: the people with a login, and their colleagues."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from flask_security import hash_password

from crm.clock import local_date
from crm.demo.bulk import Bulk
from crm.demo.names import person_name
from crm.demo.trail import Trail
from models.base import public_id_from
from models.enums import Role

DOMAIN = "demo.example"


@dataclass(frozen=True)
class Part:
    """A person with a login: where they belong is the code of a team or park."""

    email: str
    name: str
    role: Role
    team: str | None = None
    park: str | None = None


LOGINS = (
    Part("scout.beijing", "陈思远", Role.SCOUT, team="beijing"),
    Part("lead.beijing", "吴佳", Role.TEAM_LEAD, team="beijing"),
    Part("scout.shenzhen", "林晓岚", Role.SCOUT, team="shenzhen"),
    Part("lead.shenzhen", "唐川", Role.TEAM_LEAD, team="shenzhen"),
    Part("manager", "沈立军", Role.MANAGER),
    Part("park.nanhu", "钱磊", Role.PARK_OFFICER, park="nanhu"),
    Part("liaison", "方敏", Role.LIAISON_LEADER),
    Part("admin", "许文博", Role.ADMINISTRATOR),
    Part("security", "戴静", Role.SECURITY_OFFICER),
    Part("auditor", "严明辉", Role.AUDITOR),
)
COLLEAGUES = (
    *(("beijing", "周敏"), ("shenzhen", "何立群"), ("shanghai", "罗薇")),
    *(("beijing", "赵一鸣"), ("chengdu", "杜雨桐"), ("shanghai", "蒋凯")),
)
LEADS = (("shanghai", "顾海宁"), ("chengdu", "文澜"))


@dataclass
class Person:
    """An account of the demo."""

    id: int
    role: Role
    team_id: int | None


@dataclass
class Cast:
    """The accounts: scouts in the order of how much they do, and the others by role."""

    scouts: list[Person] = field(default_factory=list)
    team_leads: dict[int, Person] = field(default_factory=dict)
    others: dict[Role, Person] = field(default_factory=dict)

    def colleagues(self, person: Person) -> list[Person]:
        """The scouts of the same team."""
        return [one for one in self.scouts if one.team_id == person.team_id and one is not person]


def engage(
    bulk: Bulk,
    trail: Trail,
    random: Random,
    *,
    at: datetime,
    scouts: int,
    password: str,
    teams: dict[str, int],
    parks: dict[str, int],
) -> Cast:
    """Make the accounts, so many scouts among them; all share the one password."""
    cast = Cast()
    hashed = hash_password(password)
    trail.open(at, None)
    for part in _parts(random, scouts, sorted(teams)):
        team_id = teams[part.team] if part.team else None
        park_id = parks[part.park] if part.park else None
        user_id = _account(bulk, trail, random, part, hashed, at)
        _membership(bulk, trail, user_id, local_date(at), team_id=team_id, park_id=park_id)
        person = Person(user_id, part.role, team_id)
        if part.role is Role.SCOUT:
            cast.scouts.append(person)
        elif part.role is Role.TEAM_LEAD and team_id:
            cast.team_leads[team_id] = person
        else:
            cast.others[part.role] = person
    return cast


def _parts(random: Random, scouts: int, teams: list[str]) -> list[Part]:
    parts = list(LOGINS)
    parts += [
        Part(f"lead.{team}", name, Role.TEAM_LEAD, team=team)
        for team, name in LEADS
        if team in teams
    ]
    for number in range(scouts - sum(part.role is Role.SCOUT for part in LOGINS)):
        if number < len(COLLEAGUES):
            team, name = COLLEAGUES[number]
        else:
            team, name = random.choice(teams), person_name(random)
        parts.append(Part(f"scout.{team}.{number + 2}", name, Role.SCOUT, team=team))
    return parts


def _account(
    bulk: Bulk, trail: Trail, random: Random, part: Part, hashed: str, at: datetime
) -> int:
    user: dict[str, Any] = {
        "id": bulk.next_id("user_account"),
        "public_id": public_id_from(random),
        "email": f"{part.email}@{DOMAIN}",
        "name": part.name,
        "role": part.role,
        "password": hashed,
        "active": True,
        "fs_uniquifier": secrets.token_hex(32),
        "locale": None,
        "created_at": at,
    }
    bulk.add("user_account", user)
    trail.created("user", user["id"], user)
    return int(user["id"])


def _membership(
    bulk: Bulk,
    trail: Trail,
    user_id: int,
    from_on: date,
    *,
    team_id: int | None,
    park_id: int | None,
) -> None:
    if team_id is None and park_id is None:
        return
    membership: dict[str, Any] = {
        "id": bulk.next_id("membership"),
        "user_id": user_id,
        "team_id": team_id,
        "park_id": park_id,
        "district_id": None,
        "role": "member",
        "from_on": from_on,
        "to_on": None,
    }
    bulk.add("membership", membership)
    trail.created("membership", membership["id"], membership)
