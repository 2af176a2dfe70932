"""Puts the demo together: people, lists, five years of leads and visits."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import sqlalchemy as sa

from crm import audit, clock
from crm.companies import index
from crm.demo import agreement, cast, companies, story
from crm.demo.bare import bare
from crm.demo.bulk import Bulk
from crm.demo.cast import Cast, Person
from crm.demo.companies import MadeUp
from crm.demo.later import Later
from crm.demo.meetings import Meetings
from crm.demo.offers import Offers
from crm.demo.office.tell import tell_office
from crm.demo.places import City, read_city
from crm.demo.records import Company, Records
from crm.demo.replay import Replay
from crm.demo.story import Days
from crm.demo.trail import Trail
from crm.files import FileStore
from crm.leads import kept
from crm.reports.forecast.service import observe
from crm.visits import totals as visit_totals
from crm.working_days import WorkingCalendar
from models import db, statistics
from models.base import Model, public_ids_from
from models.calendar_day import CalendarDay
from models.enums import Role, Stage, Via
from models.token import ContactToken, LeadToken

# A scout holds a lead in each of these, whatever chance says.
HELD_BY_ALL = (Stage.NEGOTIATING, Stage.ENGAGED, Stage.IDENTIFIED)
LISTED_WITH_LEAD = 0.9
LISTED_TWICE = 0.35
SECOND_PROJECTS = 0.05
CACHE_KIB = 262_144
MANY_VISITS = 20_000
# What the office's story reads of the leads'.
READ_AGAIN = ("lead", "company", "visit", "visit_lead", "visit_contact", "contact", "contact_role")
# What leads and people are found by: written when all of them are there.
FOUND_BY = (LeadToken.__tablename__, ContactToken.__tablename__)


@dataclass(frozen=True)
class Size:
    """How much to make; at least six leads and as many visits."""

    leads: int
    visits: int

    @property
    def scouts(self) -> int:
        """How many scouts share the leads: each must hold one in every early stage."""
        usual = max(min(self.leads // 10, 8), self.leads // 400)
        return max(2, min(usual, self.leads // 3, self.visits // 3))


def load(size: Size, *, seed: int, at: datetime, password: str, files: FileStore) -> None:
    """Fill an empty database. Everything but password hashes follows from size, seed and ``at``.

    Flushes; the edge commits.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
    tell_story(size, seed=seed, at=at, password=password, files=files)
    if connection.dialect.name == "postgresql":
        # Else what is read now is planned as if all tables were empty.
        connection.exec_driver_sql(f"ANALYZE {', '.join(READ_AGAIN)}")
    tell_office(connection, seed=seed, leads=size.leads, days=days_until(at), files=files)
    with _filling(connection, size, FOUND_BY):
        kept.rebuild(db.session())
        visit_totals.rebuild(db.session())
        index.rebuild(db.session())
    observe(clock.local_date(at))
    if connection.dialect.name == "postgresql":
        # The same in the first minutes.
        connection.exec_driver_sql("ANALYZE")
    statistics.look_again(connection)
    db.session.expire_all()


def tell_story(size: Size, *, seed: int, at: datetime, password: str, files: FileStore) -> None:
    """People, lists, and the years of leads and visits; what only follows from rows comes after."""
    connection = db.session.connection()
    chance = Random(f"{seed}/{size}")  # noqa: S311 (a story, no secret)
    days = days_until(at)
    city = read_city(connection)
    start = days.moment(0, 480) - timedelta(days=1)
    people = _people(connection, chance, size, start, password, city)
    _lists(start, at, people, chance)
    others = [table for table in Model.metadata.tables if table not in FOUND_BY]
    with _filling(connection, size, others):
        _history(connection, chance, size, days, city, people, files)


def days_until(at: datetime) -> Days:
    """The working days of a story that ends at that moment, by the calendar of the city."""
    rows = db.session.scalars(sa.select(CalendarDay))
    return Days(at, WorkingCalendar({row.day: row.working for row in rows}))


def _filling(
    connection: sa.Connection, size: Size, tables: Sequence[str]
) -> AbstractContextManager[None]:
    """Indexes that are made afterwards pay where there is much to write."""
    return bare(connection, tables) if size.visits >= MANY_VISITS else nullcontext()


def _people(
    connection: sa.Connection,
    chance: Random,
    size: Size,
    start: datetime,
    password: str,
    city: City,
) -> Cast:
    bulk = Bulk(connection)
    people = cast.engage(
        bulk,
        Trail(bulk),
        chance,
        at=start,
        scouts=size.scouts,
        password=password,
        teams=city.teams,
        parks=city.parks,
    )
    bulk.finish()
    return people


def _lists(start: datetime, at: datetime, people: Cast, chance: Random) -> None:
    """Each published list, imported by the manager when it was out."""
    for code, year, file_name in companies.LISTS:
        out = datetime(year + 1, 1, 15, 2, tzinfo=timezone.utc)
        moment = min(max(start, out), at)
        if year > moment.year:
            continue
        with (
            clock.standing_at(moment),
            public_ids_from(chance),
            audit.acting(people.others[Role.MANAGER].id, Via.DEMO),
        ):
            companies.import_list(code, year, file_name, moment)
            companies.fill_places()
            db.session.flush()
        db.session.expunge_all()
        # The next list is another transaction to the trail: it has its own moment.
        db.session.info.clear()


def _history(
    connection: sa.Connection,
    chance: Random,
    size: Size,
    days: Days,
    city: City,
    people: Cast,
    files: FileStore,
) -> None:
    bulk = Bulk(connection)
    trail = Trail(bulk)
    records = Records(bulk, trail, chance)
    made_up = MadeUp(bulk, trail, city, chance)
    known = companies.listed(connection)
    later = Later(bulk, trail, made_up, chance, _agreement(bulk, days, files))
    replay = Replay(
        records,
        later,
        Offers(bulk, trail, chance),
        Meetings(records, people, chance),
        made_up=made_up,
        city=city,
        cast=people,
        days=days,
        owners=_owners(chance, size, people),
        slots=_slots(chance, size.leads, known),
        random=chance,
    )
    with _no_collecting():
        replay.run(_events(chance, size, days, people, replay))
    records.settle(list(replay.files.values()), replay.companies())
    made_up.write_tokens()
    bulk.finish()


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Millions of rows that live on: looking for garbage among them takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _agreement(bulk: Bulk, days: Days, files: FileStore) -> int:
    content = agreement.content()
    blob: dict[str, Any] = {
        "id": bulk.next_id("blob"),
        "sha256": files.put(content),
        "size": len(content),
        "media_type": "application/pdf",
        "created_at": days.moment(0, 480),
    }
    bulk.add("blob", blob)
    return int(blob["id"])


def _owners(chance: Random, size: Size, people: Cast) -> list[Person]:
    """Who owns each lead: the first ones one scout after another, then few have many."""
    firsts = [scout for scout in people.scouts for _ in HELD_BY_ALL]
    pool = [*people.scouts, *people.team_leads.values()]
    weights = [1 / (place + 4) for place in range(len(pool))]
    rest = chance.choices(pool, weights=weights, k=size.leads - len(firsts))
    return [*firsts, *rest]


def _slots(chance: Random, leads: int, known: list[Company]) -> list[list[Company]]:
    """The company of each lead: a place that is empty until its first lead makes the company.

    Some places are shared: a company with a second project.
    """
    chance.shuffle(known)
    taken = known[: min(int(len(known) * LISTED_WITH_LEAD), max(1, leads // 2))]
    slots: list[list[Company]] = [[company] for company in taken]
    slots += [slot for slot in slots if chance.random() < LISTED_TWICE][: leads - len(slots)]
    while len(slots) < leads:
        second = chance.random() < SECOND_PROJECTS
        slots.append(chance.choice(slots) if second else [])
    return slots


def _events(
    chance: Random, size: Size, days: Days, people: Cast, replay: Replay
) -> list[story.Event]:
    """All that happens, the latest first."""
    firsts = [stage for _ in people.scouts for stage in HELD_BY_ALL]
    events: list[story.Event] = []
    for plan in story.plans(chance, size.leads, size.visits, firsts):
        slot = replay.slots[plan.number]
        created = slot[0].created_at if slot else None
        events += story.story(plan, days, chance, days.after(created) if created else 0)
    events.sort(reverse=True)
    return events
