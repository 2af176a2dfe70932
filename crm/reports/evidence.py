"""What the records around a project say of it: lists, visits, steps, its local company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm import clock
from crm.access import present
from crm.leads.facts import CAPITAL, EMPLOYEES, FUNDS
from crm.leads.matters import open_matters
from crm.leads.reversals import REASON
from crm.leads.words import MODE_WORDS
from crm.messages import Message, Name, msg
from models import db
from models.company import Company
from models.enums import Side, Status, TaskKind, TaskState
from models.figure import Figure
from models.lead import CreditShare, Lead, LeadEntity
from models.place import District
from models.promise import Promise
from models.stage_change import StageChange
from models.target import ListEdition, ListEntry, TargetList
from models.task import Task
from models.team import Team
from models.user import User
from models.visit import Visit, VisitContact, VisitLead


@dataclass
class Evidence:
    """Of one project; what no record says is None. Amounts in whole CNY.

    ``promises``: how many of ours there are, and how many of them are done.
    """

    listed: list[Name] = field(default_factory=list)
    first_touch: date | None = None
    progress: Message | None = None
    problem: str | None = None
    coordination: list[str] = field(default_factory=list)
    next_step: Message | None = None
    local_company: str | None = None
    registered_capital_cny: int | None = None
    funds_in_place_cny: int | None = None
    employees: int | None = None
    promises: tuple[int, int] = (0, 0)
    shares: list[Name] = field(default_factory=list)
    """Among whom its result is shared, and how, the largest share first."""


def evidence_of(leads: Sequence[Lead], *, local: bool) -> dict[int, Evidence]:
    """Of each lead; ``local`` asks also for what there is once it is signed (ten statements)."""
    found = {lead.id: Evidence() for lead in leads}
    keys = list(found)
    listed = _listed({lead.company_id for lead in leads})
    for lead in leads:
        found[lead.id].listed = listed[lead.company_id]
    about = _visits_about(keys)
    for key, first in _first_touches(about):
        found[key].first_touch = clock.local_date(first)
    for key, visit in _last_visits(about):
        found[key].progress = _progress(visit)
    for key, reason in _why_held([lead.id for lead in leads if lead.status is Status.ON_HOLD]):
        found[key].problem = reason
    for key, matter in open_matters(keys):
        found[key].coordination.append(matter)
    for key, share in _shares(keys):
        found[key].shares.append(share)
    for key, text, due_on in _next_steps(keys):
        found[key].next_step = msg("%(text)s（%(day)s）", text=text, day=due_on.isoformat())
    if local:
        _add_local_companies(found)
        for key, n, done in _promises(keys):
            found[key].promises = (n, done)
    return found


def _listed(company_ids: set[int]) -> dict[int, list[Name]]:
    """On which lists each company stands, in which year, at which rank."""
    rows = db.session.execute(
        sa.select(
            ListEntry.company_id,
            TargetList.short_zh,
            TargetList.short_en,
            ListEdition.year,
            ListEntry.rank,
        )
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(ListEntry.company_id.in_(company_ids))
        .order_by(TargetList.sort, ListEdition.year.desc(), ListEntry.id)
    )
    found: dict[int, list[Name]] = defaultdict(list)
    for company_id, zh, en, year, rank in rows:
        at = (f"第 {rank} 名", f" no. {rank}") if rank else ("", "")
        assert company_id is not None  # noqa: S101 (asked for by their keys)
        found[company_id].append(Name(f"{zh} {year} {at[0]}".strip(), f"{en} {year}{at[1]}"))
    return found


def _visits_about(keys: Sequence[int]) -> sa.Subquery:
    """Visits of these leads, and those of their companies that name no lead."""
    unnamed = ~sa.select(VisitLead.visit_id).where(VisitLead.visit_id == Visit.id).exists()
    return sa.union_all(
        sa.select(VisitLead.lead_id, VisitLead.visit_id).where(
            VisitLead.lead_id.in_(keys), present(Visit, VisitLead.visit_id)
        ),
        sa.select(Lead.id, Visit.id)
        .join(Visit, Visit.company_id == Lead.company_id)
        .where(Lead.id.in_(keys), unnamed, present(Visit)),
    ).subquery("about")


def _first_touches(about: sa.Subquery) -> Iterable[Any]:
    """When somebody of theirs who is named was reached first."""
    named = sa.select(VisitContact.visit_id).where(VisitContact.visit_id == Visit.id).exists()
    return db.session.execute(
        sa.select(about.c.lead_id, sa.func.min(Visit.occurred_at))
        .join(Visit, Visit.id == about.c.visit_id)
        .where(Visit.reached, named)
        .group_by(about.c.lead_id)
    )


def _last_visits(about: sa.Subquery) -> Iterable[Any]:
    place = sa.func.row_number().over(
        partition_by=about.c.lead_id, order_by=(Visit.occurred_at.desc(), Visit.id.desc())
    )
    last = (
        sa.select(about.c.lead_id, about.c.visit_id, place.label("place"))
        .join(Visit, Visit.id == about.c.visit_id)
        .subquery()
    )
    return db.session.execute(
        sa.select(last.c.lead_id, Visit)
        .join(Visit, Visit.id == last.c.visit_id)
        .where(last.c.place == 1)
    )


def _progress(visit: Visit) -> Message:
    day = clock.local_date(visit.occurred_at).isoformat()
    mode, text = MODE_WORDS[visit.mode], visit.outcome or visit.summary
    if not text:
        return msg("%(day)s %(mode)s", day=day, mode=mode)
    return msg("%(day)s %(mode)s：%(text)s", day=day, mode=mode, text=text)


def _shares(keys: Sequence[int]) -> Iterable[tuple[int, Name]]:
    """Credit shares by lead; of one share the person, else the team, else the district is named."""
    rows = db.session.execute(
        sa.select(
            CreditShare.lead_id,
            sa.func.coalesce(User.name, Team.short_zh, District.short_zh),
            sa.func.coalesce(User.name, Team.short_en, District.en),
            CreditShare.basis_points,
        )
        .outerjoin(User, User.id == CreditShare.user_id)
        .outerjoin(Team, Team.id == CreditShare.team_id)
        .outerjoin(District, District.id == CreditShare.district_id)
        .where(CreditShare.lead_id.in_(keys))
        .order_by(CreditShare.basis_points.desc(), CreditShare.id)
    )
    for key, zh, en, points in rows:
        yield key, Name(f"{zh} {points / 100:g}%", f"{en} {points / 100:g}%")


def _why_held(keys: Sequence[int]) -> Iterable[Any]:
    """The reason of the hold that lasts."""
    if not keys:
        return ()
    last = (
        sa.select(StageChange.lead_id, sa.func.max(StageChange.seq).label("seq"))
        .where(
            StageChange.lead_id.in_(keys),
            StageChange.to_status == Status.ON_HOLD,
            # A hold whose end was taken back is still held for its own reason.
            StageChange.reason != REASON,
        )
        .group_by(StageChange.lead_id)
        .subquery()
    )
    return db.session.execute(
        sa.select(StageChange.lead_id, StageChange.reason).join(
            last, sa.and_(StageChange.lead_id == last.c.lead_id, StageChange.seq == last.c.seq)
        )
    )


def _next_steps(keys: Sequence[int]) -> Iterable[Any]:
    return db.session.execute(
        sa.select(Task.lead_id, Task.text, Task.due_on).where(
            Task.lead_id.in_(keys),
            Task.kind == TaskKind.NEXT_STEP,
            Task.state == TaskState.OPEN,
            Task.due_on.is_not(None),
        )
    )


def _add_local_companies(found: dict[int, Evidence]) -> None:
    """The local company of each project, and the latest of its figures."""
    entities = db.session.execute(
        sa.select(LeadEntity.lead_id, Company.id, Company.name)
        .join(Company, Company.id == LeadEntity.company_id)
        .where(LeadEntity.lead_id.in_(found))
        .order_by(LeadEntity.lead_id, Company.id)
    ).all()
    company_of = {lead_id: company_id for lead_id, company_id, _name in entities}
    latest: dict[tuple[int, str], int] = {}
    figures = db.session.execute(
        sa.select(Figure.company_id, Figure.metric, Figure.value)
        .where(Figure.company_id.in_(set(company_of.values())))
        .where(Figure.metric.in_((CAPITAL, FUNDS, EMPLOYEES)))
        .order_by(Figure.year, Figure.recorded_at)
    )
    for company_id, metric, value in figures:
        latest[company_id, metric] = value
    for lead_id, company_id, name in entities:
        evidence = found[lead_id]
        evidence.local_company = name
        evidence.registered_capital_cny = latest.get((company_id, CAPITAL))
        evidence.funds_in_place_cny = latest.get((company_id, FUNDS))
        evidence.employees = latest.get((company_id, EMPLOYEES))


def _promises(keys: Sequence[int]) -> Iterable[Any]:
    done = sa.case((Task.state == TaskState.DONE, 1), else_=0)
    return db.session.execute(
        sa.select(Task.lead_id, sa.func.count(), sa.func.sum(done))
        .outerjoin(Promise, Promise.task_id == Task.id)
        .where(Task.lead_id.in_(keys), Task.kind == TaskKind.PROMISE)
        .where(Promise.side.is_distinct_from(Side.THEIRS))
        .where(Task.state.in_((TaskState.OPEN, TaskState.DONE)))
        .group_by(Task.lead_id)
    )
