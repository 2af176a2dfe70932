"""Loads what the reminder rules look at, for many leads at once.

Plain columns, no ORM objects, a fixed number of statements a chunk: the planner reads a hundred
thousand leads through it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa

from crm.access import Actor, present
from crm.clock import local_date
from crm.companies.contacts import stands
from crm.leads.clock import StageClock
from crm.messages import Name
from crm.reminders.asked import asked_on
from crm.reminders.facts import (
    Decided,
    LastStep,
    LeadClock,
    Listed,
    Mentioned,
    OpenTask,
    Snoozed,
    Touch,
    Waiting,
)
from models import db
from models.company import Company, CompanyRelation
from models.contact import Contact, ContactRole
from models.enums import TaskKind
from models.lead import Claim, Lead
from models.sets import one_of_chunk
from models.target import ListEdition, ListEntry, TargetList
from models.team import Team
from models.user import User
from models.visit import Visit, VisitContact

# Leads a statement: far below the bound parameters that either engine takes.
CHUNK = 1000

_Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"


def _met(company: Any) -> sa.ScalarSelect[int]:
    """The visit of that company which is the lead's company's last touch."""
    return (
        sa.select(sa.func.max(Visit.id))
        .where(
            Visit.company_id == company,
            Visit.occurred_at == Company.last_touch_at,
            Visit.reached,
            present(Visit),
        )
        .correlate(Company)
        .scalar_subquery()
    )


def _met_at_relative(own: Any, other: Any) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.max(Visit.id))
        .join(CompanyRelation, other == Visit.company_id)
        .where(
            own == Company.id,
            Visit.occurred_at == Company.last_touch_at,
            Visit.reached,
            present(Visit),
        )
        .correlate(Company)
        .scalar_subquery()
    )


# Its own, else that of a parent or of a subsidiary.
_TOUCH = sa.func.coalesce(
    _met(Company.id),
    _met_at_relative(CompanyRelation.child_id, CompanyRelation.parent_id),
    _met_at_relative(CompanyRelation.parent_id, CompanyRelation.child_id),
)

_LEADS = (
    sa.select(
        Lead.id,
        Lead.public_id,
        Lead.owner_id,
        Lead.company_id,
        Lead.stage,
        Lead.status,
        Lead.created_at,
        Lead.stage_since,
        Lead.held_since,
        Lead.held_days,
        Lead.stalls_on,
        Lead.hold_until,
        Lead.expected_signing_on,
        Lead.expected_landing_on,
        Company.short_name,
        Lead.landed_on,
        Lead.team_id,
        Lead.district_id,
        Lead.park_id,
        Lead.liaison_id,
        Team.code.label("team"),
        User.name.label("owner"),
        Company.rewarded,
        Company.last_touch_at,
        _TOUCH.label("touch_id"),
        Claim.protected_until,
    )
    .join(Company, Company.id == Lead.company_id)
    .join(Team, Team.id == Lead.team_id)
    .join(User, User.id == Lead.owner_id)
    .outerjoin(Claim, sa.and_(Claim.lead_id == Lead.id, Claim.released_at.is_(None)))
)


class _Person(NamedTuple):
    """Whom to ask."""

    id: int | None
    name: str
    title: str


_NOBODY = _Person(None, "", "")


@dataclass(frozen=True)
class _Around:
    """What stands around the leads of a chunk, by lead or by company."""

    tasks: dict[int, list[OpenTask]]
    mentions: dict[int, list[Mentioned]]
    snoozes: dict[int, list[Snoozed]]
    steps: dict[int, LastStep]
    offers: dict[int, Waiting]
    decided: dict[int, Decided]
    lists: dict[int, tuple[Listed, ...]]
    people: dict[int, _Person]


def lead_clocks(
    lead_ids: Iterable[int], today: date, reader: Actor | None = None, *, whom: bool = True
) -> list[LeadClock]:
    """The clocks of these leads, in no order; without the promises that a reader may not see.

    ``whom``: with the person to ask, which only who acts on it needs.
    """
    clocks: list[LeadClock] = []
    remaining = iter(lead_ids)
    while chunk := list(islice(remaining, CHUNK)):
        leads = db.session.execute(_LEADS.where(one_of_chunk(Lead.id, chunk))).all()
        around = _around(leads, reader, whom=whom)
        clocks.extend(_clock(lead, around, today) for lead in leads)
    return clocks


def _clock(lead: _Row, around: _Around, today: date) -> LeadClock:
    tasks = around.tasks.get(lead.id, ())
    person = around.people.get(lead.company_id, _NOBODY)
    stay = StageClock(lead.stage_since, lead.held_days, lead.held_since)
    return LeadClock(
        lead_id=lead.id,
        owner_id=lead.owner_id,
        company=lead.short_name,
        stage=lead.stage,
        status=lead.status,
        registered_on=local_date(lead.created_at),
        rewarded=lead.rewarded,
        lists=around.lists.get(lead.company_id, ()),
        owner=lead.owner,
        team_id=lead.team_id,
        team=lead.team,
        district_id=lead.district_id,
        park_id=lead.park_id,
        liaison_id=lead.liaison_id,
        days_in_stage=stay.days(today),
        stalls_on=lead.stalls_on,
        last_touch=_touch(lead),
        next_step=next((t for t in tasks if t.kind is TaskKind.NEXT_STEP), None),
        last_step=around.steps.get(lead.id),
        tasks=tuple(t for t in tasks if t.kind is not TaskKind.NEXT_STEP),
        offer=around.offers.get(lead.id),
        decided=around.decided.get(lead.id),
        mentions=tuple(around.mentions.get(lead.id, ())),
        snoozes=tuple(around.snoozes.get(lead.id, ())),
        protected_until=lead.protected_until,
        hold_until=lead.hold_until,
        expected_signing_on=lead.expected_signing_on,
        expected_landing_on=lead.expected_landing_on,
        landed_on=lead.landed_on,
        public_id=lead.public_id,
        contact_id=person.id,
        contact=person.name,
        contact_title=person.title,
    )


def _touch(lead: _Row) -> Touch | None:
    if lead.last_touch_at is None:
        return None
    on = local_date(lead.last_touch_at)
    # A touch that came from a relative whose relation has ended is named by its day.
    return Touch(-on.toordinal() if lead.touch_id is None else lead.touch_id, on)


def _around(leads: Sequence[_Row], reader: Actor | None, *, whom: bool) -> _Around:
    companies = sorted({lead.company_id for lead in leads})
    asked = asked_on([lead.id for lead in leads], reader)
    return _Around(
        tasks=asked.tasks,
        mentions=asked.mentions,
        snoozes=asked.snoozes,
        steps=asked.steps,
        offers=asked.offers,
        decided=asked.decided,
        lists=_lists(companies),
        people=_people(companies, [lead.touch_id for lead in leads if lead.touch_id])
        if whom
        else {},
    )


@dataclass(frozen=True, order=True)
class _List:
    """A list as a badge: the rewarded ones stand first, of each its latest edition."""

    unrewarded: bool
    sort: int
    id: int
    before: int
    listed: Listed = field(compare=False)


def _lists(companies: list[int]) -> dict[int, tuple[Listed, ...]]:
    found: dict[int, dict[int, _List]] = defaultdict(dict)
    columns = (
        *(ListEntry.company_id, TargetList.rewarded, TargetList.sort, TargetList.id),
        *(TargetList.code, TargetList.short_zh, TargetList.short_en, TargetList.zh, TargetList.en),
        ListEdition.year,
    )
    rows = db.session.execute(
        sa.select(*columns, sa.func.min(ListEntry.rank))
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(one_of_chunk(ListEntry.company_id, companies))
        .group_by(*columns)
        .order_by(ListEdition.year)
    )
    for company_id, rewarded, sort, list_id, code, *names, year, rank in rows:
        if company_id is not None:
            one = Listed(code, Name(*names[:2]), Name(*names[2:]), rank)
            found[company_id][list_id] = _List(not rewarded, sort, list_id, -year, one)
    return {
        key: tuple(one.listed for one in sorted(lists.values())) for key, lists in found.items()
    }


def _people(companies: list[int], touches: list[int]) -> dict[int, _Person]:
    """Whom to ask, with their title: who was met last, else who decides, else who is known."""
    was_met = (
        sa.select(VisitContact.contact_id)
        .where(
            VisitContact.contact_id == ContactRole.contact_id, VisitContact.visit_id.in_(touches)
        )
        .exists()
    )
    rows = db.session.execute(
        sa.select(
            ContactRole.company_id,
            ContactRole.contact_id,
            ContactRole.decides,
            Contact.name,
            ContactRole.title,
            was_met,
        )
        .join(Contact, Contact.id == ContactRole.contact_id)
        .where(ContactRole.company_id.in_(companies), stands())
        .order_by(ContactRole.id)
    )
    best: dict[int, tuple[tuple[bool, bool], _Person]] = {}
    for company_id, contact_id, decides, name, title, met in rows:
        rank = (bool(met), decides)
        if company_id not in best or rank > best[company_id][0]:
            best[company_id] = (rank, _Person(contact_id, name, title))
    return {company_id: person for company_id, (_, person) in best.items()}
