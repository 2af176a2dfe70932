"""What came of a trip, as one of its readers may see it, known at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.access import Actor, present, visible_leads, visible_offers
from crm.clock import local_date, midnight
from crm.leads.stages import position
from crm.visits.rules import is_touch
from crm.visits.trips.queries import readable_trip, visits_of
from models import db
from models.company import Company
from models.enums import Stage, TaskKind, TaskState
from models.lead import Lead
from models.stage_change import StageChange
from models.task import Task
from models.trip import Trip
from models.visit import Visit, VisitContact

# A lead that is registered so long after a trip came of it.
CAME_OF_IT = timedelta(days=30)
_MOST_TASKS = 100


@dataclass(frozen=True)
class Seen:
    """A visit of the trip; ``first``: the first touch of its company ever; ``step``: what is next
    at its leads now."""

    visit: Visit
    first: bool
    step: Task | None


@dataclass(frozen=True)
class Moved:
    """A lead that moved on since: from where to where."""

    lead: Lead
    before: Stage
    now: Stage


@dataclass(frozen=True)
class Open:
    """Something that is still to be done."""

    task: Task
    lead: Lead


@dataclass(frozen=True)
class Report:
    """A trip's report. ``known_at``: later visits, leads and moves are not in it."""

    trip: Trip
    seen: Sequence[Seen]
    new_leads: Sequence[Lead]
    moved: Sequence[Moved]
    tasks: Sequence[Open]
    known_at: datetime

    @property
    def companies(self) -> list[Company]:
        """The companies where somebody was met, in the order of the first visit."""
        found = {one.visit.company_id: one.visit.company for one in self.seen if one.visit.reached}
        return list(found.values())

    @property
    def first_touches(self) -> list[Company]:
        """Of these, who was reached for the first time ever."""
        return [one.visit.company for one in self.seen if one.first]


def report_of(trip: Trip, actor: Actor, now: datetime) -> Report:
    """The report of a trip that the actor may read; what they may not see is not in it."""
    visits = visits_of(trip, actor)
    companies = {visit.company_id for visit in visits}
    about = {lead.id: lead for visit in visits for lead in visit.leads if not lead.archived_at}
    new, moved = _what_came(trip, actor, visits)
    leads = {**about, **{lead.id: lead for lead in new}}
    tasks = _tasks(actor, leads)
    steps = {one.lead.id: one.task for one in tasks if one.task.kind is TaskKind.NEXT_STEP}
    firsts = _first_touches(companies)
    return Report(
        trip,
        [Seen(one, _is_first(one, firsts), _step(one, steps)) for one in visits],
        new,
        moved,
        tasks,
        now,
    )


def report_or_404(public_id: str, actor: Actor, now: datetime) -> Report:
    """The same by the trip's public id. Raises NotFound."""
    return report_of(readable_trip(actor, public_id), actor, now)


def _first_touches(companies: Iterable[int]) -> Mapping[int, datetime]:
    """When each company itself was first touched (one statement)."""
    met = sa.select(VisitContact.visit_id).where(VisitContact.visit_id == Visit.id).exists()
    rows = db.session.execute(
        sa.select(Visit.company_id, sa.func.min(Visit.occurred_at))
        .where(Visit.company_id.in_(companies), Visit.reached, met, present(Visit))
        .group_by(Visit.company_id)
    )
    return {company: first for company, first in rows}  # noqa: C416 (rows are no pairs to mypy)


def _is_first(visit: Visit, firsts: Mapping[int, datetime]) -> bool:
    touched = is_touch(reached=visit.reached, contacts=len(visit.contacts))
    return touched and firsts.get(visit.company_id) == visit.occurred_at


def _step(visit: Visit, steps: Mapping[int, Task]) -> Task | None:
    own = sorted(visit.leads, key=lambda lead: lead.company_id != visit.company_id)
    return next((steps[lead.id] for lead in own if lead.id in steps), None)


def _what_came(trip: Trip, actor: Actor, visits: Sequence[Visit]) -> tuple[list[Lead], list[Moved]]:
    """Leads of these companies that were registered since the first visit of each, and those that
    are farther on than before the trip, as their moves say (one statement)."""
    since: dict[int, datetime] = {}
    for visit in visits:
        since.setdefault(visit.company_id, midnight(local_date(visit.occurred_at)))
    start = midnight(trip.first_on)
    end = midnight(trip.last_on + timedelta(days=1)) + CAME_OF_IT
    move = sa.and_(
        StageChange.lead_id == Lead.id,
        StageChange.occurred_at >= start,
        StageChange.from_stage.is_not(None),
        StageChange.from_stage != StageChange.to_stage,
    )
    rows = db.session.execute(
        sa.select(Lead, StageChange.from_stage)
        .outerjoin(StageChange, move)
        .where(
            Lead.company_id.in_(since),
            sa.or_(Lead.created_at.between(start, end), StageChange.id.is_not(None)),
            visible_leads(actor, by_row=True),
        )
        .order_by(Lead.created_at, Lead.id, StageChange.seq)
        .options(joinedload(Lead.company), joinedload(Lead.owner))
    )
    # Of each lead its first move.
    found: dict[int, tuple[Lead, Stage | None]] = {}
    for lead, before in rows:
        found.setdefault(lead.id, (lead, before))
    new = [lead for lead, _ in found.values() if since[lead.company_id] <= lead.created_at < end]
    moved = [
        Moved(lead, before, lead.stage)
        for lead, before in found.values()
        if before is not None and position(lead.stage) > position(before)
    ]
    return new, moved


def _tasks(actor: Actor, leads: Mapping[int, Lead]) -> list[Open]:
    """What is open at these leads; promises for who may see offers."""
    told = sa.or_(Task.kind != TaskKind.PROMISE, visible_offers(actor))
    rows = db.session.execute(
        sa.select(Task, Lead)
        .join(Lead, Lead.id == Task.lead_id)
        .where(
            Task.lead_id.in_(list(leads)),
            Task.state == TaskState.OPEN,
            Task.kind.in_((TaskKind.NEXT_STEP, TaskKind.PROMISE, TaskKind.TASK)),
            told,
        )
        .order_by(Task.due_on.nulls_last(), Task.id)
        .limit(_MOST_TASKS)
        .options(joinedload(Lead.company))
    )
    return [Open(task, lead) for task, lead in rows]
