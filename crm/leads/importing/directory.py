"""What the words of a ledger name: stages, segments, channels, places, teams and people."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm.access import held_on
from crm.leads.stages import stages
from crm.messages import Name
from crm.targets.places import Finder, finder
from models import db
from models.channel import Channel
from models.enums import Role, Stage, Status
from models.place import District, Park
from models.segment import Segment
from models.team import Team
from models.user import Membership, User

_FILE = Path(__file__).parents[2] / "data" / "ledger_words.json"
_NOISE = re.compile(r"[\s\W_]+")
_LEVELS = re.compile(r"[/\\>＞→—,，、;；|]|(?<=[一-鿿])-(?=[一-鿿])")
# A ledger says the same few words again and again.
_REPEATED = 5_000
_LEADERS = (Role.LIAISON_LEADER, Role.MANAGER)
_OWNERS = (Role.SCOUT, Role.TEAM_LEAD)


@dataclass(frozen=True)
class Person:
    """An active account, the teams it belongs to and what it is for."""

    id: int
    name: str
    role: Role
    teams: tuple[int, ...] = ()


@dataclass(frozen=True)
class Directory:
    """Everything that a ledger's words may name, looked up without a query."""

    segments: Mapping[str, int]
    channels: Mapping[str, int]
    places: Mapping[str, tuple[int, int | None]]
    teams: Mapping[str, int]
    people: Mapping[str, tuple[Person, ...]]
    leads_of_team: Mapping[int, Person]
    names: Mapping[tuple[str, int], Name]
    city: Finder = field(default=lambda _text: None)

    def segment(self, text: str) -> int | None:
        """The segment: the last part of 基础软件/数据库 that is one, else the only one alike."""
        for part in reversed([text, *_LEVELS.split(text)]):
            if found := self.segments.get(fold(part)):
                return found
        return _only_alike(fold(text), self.segments)

    def channel(self, text: str) -> int | None:
        """The source channel of that name."""
        return self.channels.get(fold(text)) or _only_alike(fold(text), self.channels)

    def place(self, text: str) -> tuple[int, int | None] | None:
        """District and park; the park where both are named, the first of several."""
        key = fold(text)
        if found := self.places.get(key):
            return found
        named = [(key.find(word), -len(word), found) for word, found in self.places.items()]
        hits = [hit for hit in named if hit[0] >= 0 and -hit[1] >= 2]
        parks = [hit for hit in hits if hit[2][1] is not None]
        return min(parks or hits, key=lambda hit: hit[:2])[2] if hits else None

    def team(self, text: str) -> int | None:
        """The team of that name, short name, code or city."""
        return self.teams.get(fold(text))

    def person(self, name: str, team: int) -> Person | None:
        """Who of that name may own a lead of the team: its only member, or a manager."""
        found = self.people.get(name.strip(), ())
        own = [p for p in found if p.role in _OWNERS and team in p.teams]
        own = own or [p for p in found if p.role is Role.MANAGER]
        return own[0] if len(own) == 1 else None

    def team_of_person(self, name: str) -> int | None:
        """The one team that somebody of that name belongs to."""
        teams = {team for p in self.people.get(name.strip(), ()) for team in p.teams}
        return teams.pop() if len(teams) == 1 else None

    def leader(self, name: str) -> Person | None:
        """The liaison leader of that name."""
        found = [p for p in self.people.get(name.strip(), ()) if p.role in _LEADERS]
        return found[0] if len(found) == 1 else None

    def account(self, name: str) -> int | None:
        """The one account of exactly that name, whatever it is for."""
        found = self.people.get(name, ())
        return found[0].id if len(found) == 1 else None


@lru_cache(maxsize=_REPEATED)
def fold(text: str) -> str:
    """A word without width, case, blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=_REPEATED)
def stage_of(text: str) -> tuple[Stage | None, Status] | None:
    """Stage and status that a ledger's word means; None for a word nobody knows."""
    return stage_words().get(re.sub(r"(阶段|项目)$", "", fold(text)) or fold(text))


@lru_cache(maxsize=1)
def stage_words() -> dict[str, tuple[Stage | None, Status]]:
    """Every word for a stage or a status."""
    words: dict[str, tuple[Stage | None, Status]] = {}
    for info in stages():
        own = (info.name.zh, info.name.en, info.stage.value)
        for word in (*own, *_facts()["stages"].get(info.stage.value, ())):
            words[fold(word)] = (info.stage, Status.ACTIVE)
    for code, listed in _facts()["statuses"].items():
        for word in (code, *listed):
            words[fold(word)] = (None, Status(code))
    return words


@lru_cache(maxsize=1)
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return facts


def usual_channel(directory: Directory) -> int | None:
    """The channel of a team's own ledger where it names none."""
    return directory.channels.get(fold(_facts()["channel"]))


def load_directory(today: date) -> Directory:
    """Read it (eight small statements)."""
    names: dict[tuple[str, int], Name] = {}
    segments = _words(Segment, "segment_id", names)
    channels = _words(Channel, "channel_id", names)
    teams = _words(Team, "team_id", names, "short_zh", "short_en", "city")
    found = _words(District, "district_id", names, "short_zh")
    where: dict[str, tuple[int, int | None]] = {word: (key, None) for word, key in found.items()}
    parks = _words(Park, "park_id", names, "short_zh", "short_en")
    districts = dict(_rows(sa.select(Park.id, Park.district_id)))
    # A district and its park may share a code or a name: a park is the more exact of the two.
    where |= {word: (districts[key], key) for word, key in parks.items() if word not in where}
    people, leaders = _people(today, names)
    return Directory(segments, channels, where, teams, people, leaders, names, city=finder())


def people_of(*teams: int) -> list[str]:
    """The names of those who may own leads of these teams; without a team of all."""
    query = sa.select(User.name).where(User.active.is_(True), User.role.in_(_OWNERS))
    if teams:
        member = sa.select(Membership.user_id).where(Membership.team_id.in_(teams))
        query = query.where(User.id.in_(member))
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def _rows(query: sa.Select[Any, Any]) -> Iterable[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _words(
    model: type[Any], column: str, names: dict[tuple[str, int], Name], *more: str
) -> dict[str, int]:
    """The words for each row of a table; their names go into ``names`` under the lead's column."""
    words: dict[str, int] = {}
    for row in db.session.scalars(sa.select(model).order_by(model.id)):
        short = getattr(row, "short_zh", row.zh)
        names[(column, row.id)] = Name(short, row.en)
        for word in (row.code, row.zh, row.en, *(getattr(row, name) for name in more)):
            words.setdefault(fold(word), row.id)
    return words


def _people(
    today: date, names: dict[tuple[str, int], Name]
) -> tuple[dict[str, tuple[Person, ...]], dict[int, Person]]:
    """Active accounts by name, and of each team the one who leads it."""
    query = (
        sa.select(User.id, User.name, User.role, Membership.team_id)
        .outerjoin(
            Membership,
            sa.and_(
                Membership.user_id == User.id,
                Membership.team_id.is_not(None),
                held_on(today),
            ),
        )
        .where(User.active.is_(True))
        .order_by(User.id)
    )
    made: dict[int, Person] = {}
    for key, name, role, team in db.session.execute(query):
        before = made.get(key, Person(key, name, role))
        teams = (*before.teams, team) if team is not None else before.teams
        made[key] = Person(key, name, role, teams)
    by_name: dict[str, list[Person]] = {}
    leaders: dict[int, Person] = {}
    for person in made.values():
        names[("owner_id", person.id)] = names[("liaison_id", person.id)] = Name(
            person.name, person.name
        )
        by_name.setdefault(person.name, []).append(person)
        if person.role is Role.TEAM_LEAD:
            for team in person.teams:
                leaders.setdefault(team, person)
    return {name: tuple(found) for name, found in by_name.items()}, leaders


def _only_alike(key: str, words: Mapping[str, int]) -> int | None:
    """The one row whose word holds the text, or stands in it."""
    if len(key) < 2:
        return None
    found = {row for word, row in words.items() if len(word) >= 2 and (key in word or word in key)}
    return found.pop() if len(found) == 1 else None
