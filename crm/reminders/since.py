"""昨天以来: what others did to a person's leads since the mail before, for the foot of a mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import present
from crm.clock import ZONE, local_date
from crm.leads.stages import position, stage_name
from crm.messages import Message, Name, msg
from crm.working_days import WorkingCalendar
from models import db
from models.company import Company
from models.enums import Stage, Status, TaskKind, TaskState
from models.lead import Lead
from models.stage_change import StageChange
from models.task import Task
from models.team import Team
from models.user import User

MOST = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """One sentence of one lead (its public id)."""

    company: str
    lead: str
    said: Message
    at: datetime


_Told: TypeAlias = tuple[int, News]


def began(today: date, at: time, calendar: WorkingCalendar) -> datetime:
    """When the last working day's mail was written."""
    day = today - _DAY
    while not calendar.is_working_day(day):
        day -= _DAY
    return datetime.combine(day, at, ZONE)


def news_of(people: Collection[int], since: datetime, until: datetime) -> dict[int, list[News]]:
    """What colleagues did to leads that each of these people owns, the oldest first (three
    statements); nobody is there of whom there is nothing to say.
    """
    found: dict[int, list[News]] = defaultdict(list)
    for part in (_moved, _directed, _registered):
        for owner, one in part(people, since, until):
            found[owner].append(one)
    return {owner: sorted(news, key=lambda one: one.at)[:MOST] for owner, news in found.items()}


def _own(people: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.and_(
        Lead.owner_id.in_(sorted(people)),
        Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)),
        present(),
    )


def _moved(people: Collection[int], since: datetime, until: datetime) -> Iterator[_Told]:
    rows = db.session.execute(
        sa.select(
            *(Lead.owner_id, Company.short_name, Lead.public_id, User.name),
            *(StageChange.from_stage, StageChange.to_stage, StageChange.recorded_at),
        )
        .join(Lead, Lead.id == StageChange.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == StageChange.actor_id)
        .where(
            _own(people),
            StageChange.actor_id != Lead.owner_id,
            StageChange.from_stage != StageChange.to_stage,
            StageChange.recorded_at > since,
            StageChange.recorded_at <= until,
        )
    )
    for row in rows:
        said = _moved_words(row.name, row.from_stage, row.to_stage)
        yield row.owner_id, News(row.short_name, row.public_id, said, row.recorded_at)


def _moved_words(who: str, start: Stage | None, to: Stage) -> Message:
    if start is not None and position(to) < position(start):
        return msg("%(who)s退回到%(stage)s。", who=who, stage=stage_name(to))
    return msg("%(who)s推进到%(stage)s。", who=who, stage=stage_name(to))


def _directed(people: Collection[int], since: datetime, until: datetime) -> Iterator[_Told]:
    rows = db.session.execute(
        sa.select(
            *(
                Lead.owner_id,
                Company.short_name,
                Lead.public_id,
                Task.due_on,
                Task.created_at,
                User.name,
            ),
        )
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Task.created_by_id)
        .where(
            _own(people),
            Task.kind == TaskKind.DIRECTIVE,
            Task.state == TaskState.OPEN,
            Task.created_by_id != Lead.owner_id,
            Task.created_at > since,
            Task.created_at <= until,
        )
    )
    for row in rows:
        said = msg("%(who)s批示，等答复。", who=row.name)
        if row.due_on:
            said = msg("%(who)s批示，%(day)s前答复。", who=row.name, day=row.due_on)
        yield row.owner_id, News(row.short_name, row.public_id, said, row.created_at)


def _registered(people: Collection[int], since: datetime, until: datetime) -> Iterator[_Told]:
    """Who holds which company everybody may know; of the other lead nothing else is said."""
    other = aliased(Lead)
    rows = db.session.execute(
        sa.select(
            *(Lead.owner_id, Company.short_name, Lead.public_id, Team.short_zh, Team.short_en),
            *(Lead.created_at, other.created_at.label("registered_at")),
        )
        .join(Company, Company.id == Lead.company_id)
        .join(other, other.company_id == Lead.company_id)
        .join(Team, Team.id == other.team_id)
        .where(
            _own(people),
            present(Lead, other.id),
            other.team_id != Lead.team_id,
            other.created_at > Lead.created_at,
            other.created_at > since,
            other.created_at <= until,
        )
    )
    for row in rows:
        said = msg(
            "%(team)s也登记了，您 %(day)s 登记在先。",
            team=Name(row.short_zh, row.short_en),
            day=local_date(row.created_at),
        )
        yield row.owner_id, News(row.short_name, row.public_id, said, row.registered_at)
