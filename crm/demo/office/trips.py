"""Trips: each team in its own city and to others, past, under way and ahead, with their visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import sqlalchemy as sa

from crm.clock import local_date, midnight
from crm.demo.office import seen_again, travel_words
from crm.demo.office.pen import Act, Change, Make, Tie
from crm.demo.office.scene import Colleague, LeadSeen, Scene, VisitSeen, new, some
from crm.demo.records import Values
from crm.visits.trips.rules import ON_THE_ROAD
from models.company import Company
from models.enums import Status, VisitMode
from models.visit import Visit

A_LEAD, LEAST, MOST = 0.03, 4, 300
OVERSEAS = "overseas"
# Of a team in a city at most so many leads are looked at.
LOOKED_AT = 24
# Working days: how far back the past ones reach.
SINCE = 240
TRIES = 12
A_DAY = 2
HOURS = (9 * 60 + 20, 10 * 60 + 50, 13 * 60 + 40, 15 * 60 + 30)
MISSED = 0.5


@dataclass(frozen=True)
class Route:
    """A team's leads in a city, and when each may be met (``seen_again.between``)."""

    team_id: int
    place_id: int
    leads: Sequence[LeadSeen]
    spans: dict[int, tuple[datetime, datetime] | None]

    def meets(self, lead: LeadSeen, at: datetime) -> bool:
        """Whether somebody of the lead may be met then."""
        span = self.spans[lead.id]
        return span is not None and span[0] < at < span[1]


@dataclass(frozen=True)
class Made:
    """A visit on the road that the story told already."""

    id: int
    author_id: int
    company_id: int
    place_id: int | None
    occurred_at: datetime
    recorded_at: datetime


@dataclass
class Going:
    """A trip while it is told: where, when, who, and its stops by company."""

    row: Values
    route: Route
    members: list[Colleague]
    days: list[date]
    stops: dict[int, Values]


def trips(scene: Scene) -> Iterator[Act]:
    """All of them; the first that is told is under way."""
    random = scene.chance("trips")
    wanted = scene.share(A_LEAD, least=LEAST, most=MOST)
    routes = _routes(scene, random)
    if not routes:
        return
    visits = scene.visits_of({lead for route in routes for lead in route.leads})
    for route in routes:
        route.spans.update((one.id, seen_again.between(visits[one.id])) for one in route.leads)
    made = _made(scene)
    running, ahead = max(1, wanted // 12), max(1, wanted // 6)
    by_team: defaultdict[int, list[Route]] = defaultdict(list)
    for route in routes:
        by_team[route.team_id].append(route)
    turns = list(by_team.values())
    for number in range(wanted):
        # A team's own city comes first and again, the others in between.
        turn, round_ = turns[number % len(turns)], number // len(turns)
        route = turn[0] if round_ % 3 == 0 else turn[round_ % len(turn)]
        if number < running:
            going = _now(scene, random, turn, made)
        elif number < running + ahead:
            going = _set_out(scene, random, route, _days_ahead(scene, random, number))
        else:
            going = _past(scene, random, route, made)
        if going is not None:
            yield from _told(scene, random, going, visits, made)


def _routes(scene: Scene, random: Random) -> list[Route]:
    """By team: its own city first, then those where it has most leads; not where nobody sits."""
    found: defaultdict[tuple[int, int], list[LeadSeen]] = defaultdict(list)
    for lead in scene.leads:
        if lead.place_id is not None and lead.touched_at is not None:
            found[lead.team_id, lead.place_id].append(lead)
    routes = [
        Route(team, place, some(random, leads, LOOKED_AT), {})
        for (team, place), leads in sorted(found.items())
        if len(leads) > 1 and scene.places[place][0] != OVERSEAS and team in scene.teams
    ]
    home = scene.home_of
    return sorted(
        routes,
        key=lambda one: (one.team_id, home.get(one.team_id) != one.place_id, -len(one.leads)),
    )


def _made(scene: Scene) -> Mapping[tuple[int, date], list[Made]]:
    """What the story tells of visits on the road, by author and day (one statement)."""
    since = scene.days.moment(max(0, scene.days.last - SINCE - 40), 0)
    rows = scene.connection.execute(
        sa.select(
            *(Visit.id, Visit.author_id, Visit.company_id, Company.place_id),
            *(Visit.occurred_at, Visit.recorded_at),
        )
        .join(Company, Company.id == Visit.company_id)
        .where(Visit.mode.in_(ON_THE_ROAD), Visit.occurred_at >= since)
        .order_by(Visit.occurred_at, Visit.id)
    )
    found: defaultdict[tuple[int, date], list[Made]] = defaultdict(list)
    for row in rows:
        found[row.author_id, local_date(row.occurred_at)].append(Made(*row))
    return found


def _days_ahead(scene: Scene, random: Random, number: int) -> list[date]:
    first = scene.ahead(random.randint(2, 4) + 3 * (number % 3))
    last = scene.calendar.add_working_days(first, random.randint(1, 2))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _now(
    scene: Scene,
    random: Random,
    turn: Sequence[Route],
    made: Mapping[tuple[int, date], list[Made]],
) -> Going | None:
    """Two working days are over; it goes where most can be told of these."""
    first, last = scene.days.days[scene.days.last - 1], scene.ahead(1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    past = scene.days.days[-2:]

    def worth(route: Route) -> int:
        said = sum(
            route.meets(lead, scene.at(day, HOURS[0])) for lead in route.leads for day in past
        )
        known = sum(
            one.place_id == route.place_id
            for member in scene.teams[route.team_id]
            for day in past
            for one in made.get((member.id, day), ())
        )
        return 2 * known + said

    return _set_out(scene, random, max(turn, key=worth), days, first=True)


def _past(
    scene: Scene,
    random: Random,
    route: Route,
    made: Mapping[tuple[int, date], list[Made]],
) -> Going | None:
    """Of some weeks the one in which most can be met, and those who go are seldom elsewhere."""
    best: tuple[int, list[date]] | None = None
    ours = scene.teams[route.team_id][:4]
    for _ in range(TRIES):
        back = 4 + int((SINCE - 4) * random.random() ** 1.4)
        days = _days_from(scene, max(0, scene.days.last - back), random.randint(1, 4))
        midst = scene.at(days[len(days) // 2], HOURS[0])
        met = sum(route.meets(lead, midst) for lead in route.leads)
        elsewhere = sum(
            one.place_id != route.place_id
            for person in ours
            for day in days
            for one in made.get((person.id, day), ())
        )
        away = sum(day in scene.away[person.id] for person in ours for day in days)
        score = min(met, 2 * len(days)) * 3 - elsewhere - away
        if best is None or score > best[0]:
            best = (score, days)
    return _set_out(scene, random, route, best[1]) if best else None


def _days_from(scene: Scene, index: int, length: int) -> list[date]:
    """Working days in a row: a trip ends before a weekend."""
    days = [scene.days.days[index]]
    while len(days) < length and days[-1] + timedelta(days=1) in scene.days.days[index : index + 6]:
        days.append(days[-1] + timedelta(days=1))
    return days


def _set_out(
    scene: Scene, random: Random, route: Route, days: list[date], *, first: bool = False
) -> Going | None:
    """Who goes: somebody who is not away, best the first of the team, and perhaps one more."""
    free = [one for one in scene.teams[route.team_id] if not scene.away[one.id].intersection(days)]
    if not free:
        return None
    members = free[:1] if first or random.random() < 0.5 else [random.choice(free)]
    others = [one for one in free if one not in members]
    members += some(random, others, random.choice((0, 1, 1, 2)))
    for one in members:
        scene.away[one.id] |= set(days)
    city = scene.places[route.place_id][1].removesuffix("市")
    planned = scene.at(days[0], 600) - timedelta(days=random.randint(4, 12))
    planned = min(planned, scene.ago(random, 2, 5))
    row = new(
        random,
        author_id=members[0].id,
        team_id=route.team_id,
        place_id=route.place_id,
        first_on=days[0],
        last_on=days[-1],
        purpose=random.choice(travel_words.PURPOSES).format(city=city),
        conclusions="",
        created_at=planned,
    )
    return Going(row, route, members, days, {})


def _told(
    scene: Scene,
    random: Random,
    going: Going,
    visits: Mapping[int, list[VisitSeen]],
    made: Mapping[tuple[int, date], list[Made]],
) -> Iterator[Act]:
    """The trip with its stops, what came of each, and what its people made of it."""
    row, author = going.row, going.members[0].id
    members = (Make("trip_member", {"trip_id": row, "user_id": one.id}) for one in going.members)
    yield Act(row["created_at"], author, (Make("trip", row), *members))
    known = [
        one
        for member in going.members
        for day in going.days
        for one in made.get((member.id, day), ())
    ]
    seen = _seen(scene, random, going)
    yield from _stops(scene, random, going, seen)
    yield from _joined(going, known)
    # Nothing is said twice on a trip.
    said = some(random, travel_words.MET, len(travel_words.MET))
    for number, (lead, at) in enumerate(seen):
        by = going.members[number % len(going.members)].id
        words = said[number % len(said)]
        yield from _visited(scene, random, going, (lead, at, by), words, visits[lead.id], known)
    over = scene.at(going.days[-1], 18 * 60) + timedelta(days=random.randint(1, 3))
    if over < scene.days.at:
        words = "\n".join(some(random, travel_words.CONCLUSIONS, 3))
        yield Act(over, author, (Change("trip", row, {"conclusions": words}),))
    elif going.days[0] > scene.today and random.random() < travel_words.CANCELLED:
        off = max(scene.ago(random, 0, 1), row["created_at"] + timedelta(hours=2))
        yield Act(off, author, (Change("trip", row, {"cancelled_at": off}),))


def _seen(scene: Scene, random: Random, going: Going) -> list[tuple[LeadSeen, datetime]]:
    """Which leads are seen at which hour, those first who can be met at all on that day."""
    before = going.row["created_at"]
    left = {
        lead.company_id: lead
        for lead in going.route.leads
        if lead.created_at < before
        and lead.known_at < before
        # Nobody sets out to what is lost by now.
        and (lead.status is not Status.LOST or going.days[-1] < scene.today)
    }
    found: list[tuple[LeadSeen, datetime]] = []
    for day in going.days:
        if not scene.calendar.is_working_day(day):
            continue
        at = scene.at(day, HOURS[0])
        order = sorted(
            some(random, list(left.values()), len(left)),
            key=lambda lead: not going.route.meets(lead, at),
        )
        for hour, lead in zip(HOURS, order[: A_DAY + random.randint(0, 1)], strict=False):
            del left[lead.company_id]
            found.append((lead, scene.at(day, hour + random.randint(0, 20))))
    return found


def _stops(
    scene: Scene, random: Random, going: Going, seen: Sequence[tuple[LeadSeen, datetime]]
) -> Iterator[Act]:
    """The itinerary, written down soon after the trip was planned."""
    steps = []
    for position, (lead, at) in enumerate(seen, start=1):
        stop = new(
            random,
            trip_id=going.row,
            company_id=lead.company_id,
            day=local_date(at),
            position=position,
            note=random.choice(travel_words.NOTES),
        )
        going.stops[lead.company_id] = stop
        steps.append(Make("trip_stop", stop))
    if steps:
        at = going.row["created_at"] + timedelta(minutes=random.randint(5, 90))
        yield Act(at, going.members[0].id, tuple(steps))


def _joined(going: Going, known: Sequence[Made]) -> Iterator[Act]:
    """What the story told of these days joins by itself, as it does when it is written down."""
    for one in known:
        if one.place_id == going.route.place_id or one.company_id in going.stops:
            link = {"trip_id": going.row, "visit_id": one.id, "belongs": True, "by_id": None}
            at = max(one.recorded_at, going.row["created_at"])
            yield Act(at, one.author_id, (Make("trip_visit", link),))


def _visited(
    scene: Scene,
    random: Random,
    going: Going,
    call: tuple[LeadSeen, datetime, int],
    words: str,
    seen: Sequence[VisitSeen],
    known: Sequence[Made],
) -> Iterator[Act]:
    """A stop that was made, of which lead, when and by whom: somebody was met where that changes
    nothing else, or nobody was."""
    lead, at, by = call
    if at >= midnight(scene.today) or any(
        one.company_id == lead.company_id and local_date(one.occurred_at) == local_date(at)
        for one in known
    ):
        return
    met = seen_again.whom(seen, at)
    if met is None and random.random() < MISSED:
        return
    text = words if met else random.choice(travel_words.MISSED)
    visit, steps = seen_again.visit(
        random,
        lead,
        by,
        VisitMode.OUT,
        at,
        met[0] if met else None,
        text.replace("{name}", met[1]) if met else text,
        outcome=random.choice(travel_words.OUTCOMES) if met else None,
    )
    link = {"trip_id": going.row, "visit_id": visit, "belongs": True, "by_id": None}
    along = (
        Tie("visit_user", {"visit_id": visit, "user_id": one.id})
        for one in going.members
        if one.id != by
    )
    yield Act(visit["recorded_at"], by, (*steps, *along, Make("trip_visit", link)))
