"""What the story left: the people, leads and visits that the office's own story is told about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from random import Random
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from crm.clock import ZONE, local_date
from crm.demo.records import Values
from crm.demo.story import Days
from models.base import public_id_from
from models.channel import Channel
from models.company import Company
from models.contact import Contact, ContactRole
from models.enums import Role, Stage, Status, VisitMode
from models.lead import Lead
from models.place import Place
from models.sets import one_of
from models.team import Team
from models.user import Membership, User
from models.visit import Visit, VisitContact, VisitLead

T = TypeVar("T")
MORNING = 9 * 60


class Colleague(NamedTuple):
    """Somebody of ours."""

    id: int
    name: str
    role: Role
    team_id: int | None


class LeadSeen(NamedTuple):
    """A lead as the story left it."""

    id: int
    company_id: int
    company: str
    place_id: int | None
    known_at: datetime
    """Since when its company is known."""
    team_id: int
    owner_id: int
    liaison_id: int | None
    stage: Stage
    status: Status
    channel_id: int
    created_at: datetime
    touched_at: datetime | None


class VisitSeen(NamedTuple):
    """A visit of a lead, and the first of theirs who was met."""

    id: int
    lead_id: int
    author_id: int
    mode: VisitMode
    reached: bool
    occurred_at: datetime
    recorded_at: datetime
    contact_id: int | None
    contact: str | None

    @property
    def touched(self) -> bool:
        """Whether somebody was met who is named."""
        return self.reached and self.contact_id is not None


class Known(NamedTuple):
    """Somebody of theirs, and since when we know them."""

    id: int
    known_at: datetime


class Scene:
    """Reads what the phases ask for; ``leads`` is how many the demo was made with."""

    def __init__(self, connection: sa.Connection, seed: int, leads: int, days: Days) -> None:
        self.connection = connection
        self.seed = seed
        self.size = leads
        self.days = days
        self.calendar = days.calendar
        self.today = local_date(days.at)
        # Who is away on which day, on a trip or at an event.
        self.away: defaultdict[int, set[date]] = defaultdict(set)

    def chance(self, phase: str) -> Random:
        """A phase's own source of chance."""
        return Random(f"{self.seed}-{phase}")  # noqa: S311 (a story, no secret)

    def share(self, a_lead: float, *, least: int, most: int) -> int:
        """How many a phase makes, so many for each lead: enough to see, and not without end."""
        return min(max(least, round(self.size * a_lead)), most)

    @cached_property
    def people(self) -> list[Colleague]:
        """Everybody of ours, those with a login first."""
        rows = self.connection.execute(
            sa.select(User.id, User.name, User.role, Membership.team_id)
            .outerjoin(Membership, Membership.user_id == User.id)
            .where(User.active)
            .order_by(User.id)
        )
        return [Colleague(*row) for row in rows]

    @cached_property
    def by_id(self) -> Mapping[int, Colleague]:
        """The same by their ids."""
        return {one.id: one for one in self.people}

    @cached_property
    def teams(self) -> Mapping[int, list[Colleague]]:
        """Scouts and team leads by team."""
        found: defaultdict[int, list[Colleague]] = defaultdict(list)
        for one in self.people:
            if one.team_id is not None:
                found[one.team_id].append(one)
        return found

    def the(self, role: Role) -> Colleague:
        """The first of a role."""
        return next(one for one in self.people if one.role is role)

    def mates(self, lead: LeadSeen) -> list[Colleague]:
        """The owner's colleagues who read the lead as they do."""
        return [one for one in self.teams[lead.team_id] if one.id != lead.owner_id]

    @cached_property
    def leads(self) -> list[LeadSeen]:
        """Every lead, the oldest number first."""
        rows = self.connection.execute(
            sa.select(
                *(Lead.id, Lead.company_id, Company.short_name, Company.place_id),
                *(Company.created_at, Lead.team_id, Lead.owner_id, Lead.liaison_id),
                *(Lead.stage, Lead.status, Lead.channel_id, Lead.created_at, Lead.last_touch_at),
            )
            .join(Company, Company.id == Lead.company_id)
            .order_by(Lead.id)
        )
        return [LeadSeen._make(row) for row in rows]

    def active(self, *stages: Stage) -> list[LeadSeen]:
        """The leads that are worked on, in these stages where some are named."""
        return [
            lead
            for lead in self.leads
            if lead.status is Status.ACTIVE and (not stages or lead.stage in stages)
        ]

    @cached_property
    def home_of(self) -> Mapping[int, int]:
        """The place that each team sits in."""
        rows = self.connection.execute(
            sa.select(Team.id, Place.id).join(Place, Place.city == Team.city).order_by(Team.id)
        )
        return {team: place for team, place in rows}  # noqa: C416 (rows are no pairs to mypy)

    @cached_property
    def places(self) -> Mapping[int, tuple[str, str]]:
        """Code and name of each place."""
        rows = self.connection.execute(sa.select(Place.id, Place.code, Place.city))
        return {key: (code, city) for key, code, city in rows}

    @cached_property
    def channels(self) -> Mapping[str, int]:
        """The channels by code."""
        rows = self.connection.execute(sa.select(Channel.code, Channel.id).order_by(Channel.id))
        return {code: key for code, key in rows}  # noqa: C416 (as above)

    def visits_of(self, leads: Iterable[LeadSeen]) -> Mapping[int, list[VisitSeen]]:
        """The visits of these leads in their order, by the lead's id (one statement)."""
        wanted = [lead.id for lead in leads]
        met = (
            sa.select(sa.func.min(VisitContact.contact_id))
            .where(VisitContact.visit_id == Visit.id)
            .scalar_subquery()
        )
        rows = self.connection.execute(
            sa.select(
                *(Visit.id, VisitLead.lead_id, Visit.author_id, Visit.mode, Visit.reached),
                *(Visit.occurred_at, Visit.recorded_at, Contact.id, Contact.name),
            )
            .select_from(VisitLead)
            .join(Visit, Visit.id == VisitLead.visit_id)
            .outerjoin(Contact, Contact.id == met)
            .where(one_of(VisitLead.lead_id, wanted))
            .order_by(Visit.occurred_at, Visit.id)
        )
        found: dict[int, list[VisitSeen]] = {key: [] for key in wanted}
        for row in rows:
            found[row.lead_id].append(VisitSeen(*row))
        return found

    def contacts_of(self, companies: Iterable[int]) -> Mapping[int, list[Known]]:
        """Who is at these companies (one statement)."""
        found: defaultdict[int, list[Known]] = defaultdict(list)
        rows = self.connection.execute(
            sa.select(ContactRole.company_id, Contact.id, Contact.created_at)
            .join(Contact, Contact.id == ContactRole.contact_id)
            .where(one_of(ContactRole.company_id, companies))
            .order_by(Contact.id)
        )
        for company, key, known_at in rows:
            found[company].append(Known(key, known_at))
        return found

    def spread(self, leads: Iterable[LeadSeen], wanted: int, random: Random) -> list[LeadSeen]:
        """So many of these leads: half of them of one owner after another, so that everybody has
        some, and who has many leads has more of the others."""
        pool = list(leads)
        by_owner: defaultdict[int, list[LeadSeen]] = defaultdict(list)
        for lead in pool:
            by_owner[lead.owner_id].append(lead)
        for some in by_owner.values():
            random.shuffle(some)
        found: list[LeadSeen] = []
        waiting = [by_owner[owner] for owner in sorted(by_owner)]
        while waiting and len(found) < wanted // 2:
            found += [some.pop() for some in waiting]
            waiting = [some for some in waiting if some]
        found = found[: wanted // 2]
        taken = set(found)
        rest = [lead for lead in pool if lead not in taken]
        found += random.sample(rest, min(wanted - len(found), len(rest)))
        random.shuffle(found)
        return found

    def at(self, day: date, minute: int) -> datetime:
        """A minute of a day, counted from midnight."""
        start = datetime.combine(day, datetime.min.time(), ZONE)
        return (start + timedelta(minutes=minute)).astimezone(timezone.utc)

    def ago(self, random: Random, low: int, high: int) -> datetime:
        """A moment of office hours, so many working days ago; 0 is the story's last day."""
        index = max(0, self.days.last - random.randint(low, high))
        return self.days.moment(index, MORNING + random.randint(0, 500), random.randint(0, 59))

    def soon(self, after: datetime, random: Random, low: int, high: int) -> datetime:
        """A moment of office hours, so many working days after another; the last day at most."""
        index = min(self.days.after(after) + random.randint(low, high) - 1, self.days.last)
        moment = self.days.moment(max(index, 0), MORNING + random.randint(0, 500))
        return max(moment, after + timedelta(minutes=random.randint(2, 40)))

    def ahead(self, n: int) -> date:
        """The ``n``-th working day from today on; 0 is today, or the next that is worked."""
        day = self.today
        if not self.calendar.is_working_day(day):
            day = self.calendar.next_working_day(day)
        return self.calendar.add_working_days(day, n)

    def workday(self, n: int) -> date:
        """The ``n``-th working day from today on, or before it where ``n`` is negative."""
        return self.ahead(n) if n >= 0 else self.days.days[max(0, self.days.last + 1 + n)]

    def working(self, day: date) -> date:
        """The day, or the next that is worked."""
        return day if self.calendar.is_working_day(day) else self.calendar.next_working_day(day)


def new(random: Random, **columns: Any) -> Values:
    """A row with a public id of its own."""
    return {"public_id": public_id_from(random), **columns}


def some(random: Random, of: Sequence[T], most: int) -> list[T]:
    """At most so many of these, each once."""
    return random.sample(of, min(most, len(of)))
