"""昨天以来: what others did to a person's leads since the mail before, for the foot of a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crm.access import present
from crm.clock import SHANGHAI, local_date
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


def began(today: date, at: time, calendar: WorkingCalendar) -> datetime:
    """When the last working day's mail was written."""
    day = today - _DAY
    while not calendar.is_working_day(day):
        day -= _DAY
    return datetime.combine(day, at, SHANGHAI)


def news_of(person_id: int, since: datetime, until: datetime) -> list[News]:
    """What colleagues did to leads that this person owns, the oldest first (three statements)."""
    found = [
        *_moved(person_id, since, until),
        *_directed(person_id, since, until),
        *_registered(person_id, since, until),
    ]
    return sorted(found, key=lambda one: one.at)[:MOST]


def _own(person_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        Lead.owner_id == person_id, Lead.status.in_((Status.ACTIVE, Status.ON_HOLD)), present()
    )


def _moved(person_id: int, since: datetime, until: datetime) -> list[News]:
    rows = db.session.execute(
        sa.select(
            *(Company.short_name, Lead.public_id, User.name),
            *(StageChange.from_stage, StageChange.to_stage, StageChange.recorded_at),
        )
        .join(Lead, Lead.id == StageChange.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == StageChange.actor_id)
        .where(
            _own(person_id),
            StageChange.actor_id != person_id,
            StageChange.from_stage != StageChange.to_stage,
            StageChange.recorded_at > since,
            StageChange.recorded_at <= until,
        )
    )
    return [
        News(
            row.short_name,
            row.public_id,
            _moved_words(row.name, row.from_stage, row.to_stage),
            row.recorded_at,
        )
        for row in rows
    ]


def _moved_words(who: str, start: Stage | None, to: Stage) -> Message:
    if start is not None and position(to) < position(start):
        return msg("%(who)s退回到%(stage)s。", who=who, stage=stage_name(to))
    return msg("%(who)s推进到%(stage)s。", who=who, stage=stage_name(to))


def _directed(person_id: int, since: datetime, until: datetime) -> list[News]:
    rows = db.session.execute(
        sa.select(
            *(Company.short_name, Lead.public_id, Task.due_on, Task.created_at, User.name),
        )
        .join(Lead, Lead.id == Task.lead_id)
        .join(Company, Company.id == Lead.company_id)
        .join(User, User.id == Task.created_by_id)
        .where(
            _own(person_id),
            Task.kind == TaskKind.DIRECTIVE,
            Task.state == TaskState.OPEN,
            Task.created_by_id != person_id,
            Task.created_at > since,
            Task.created_at <= until,
        )
    )
    found = []
    for row in rows:
        said = msg("%(who)s批示，等答复。", who=row.name)
        if row.due_on:
            said = msg("%(who)s批示，%(day)s前答复。", who=row.name, day=row.due_on)
        found.append(News(row.short_name, row.public_id, said, row.created_at))
    return found


def _registered(person_id: int, since: datetime, until: datetime) -> list[News]:
    """Who holds which company everybody may know; of the other lead nothing else is said."""
    other = aliased(Lead)
    rows = db.session.execute(
        sa.select(
            *(Company.short_name, Lead.public_id, Team.short_zh, Team.short_en),
            *(Lead.created_at, other.created_at.label("registered_at")),
        )
        .join(Company, Company.id == Lead.company_id)
        .join(other, other.company_id == Lead.company_id)
        .join(Team, Team.id == other.team_id)
        .where(
            _own(person_id),
            present(Lead, other.id),
            other.team_id != Lead.team_id,
            other.created_at > Lead.created_at,
            other.created_at > since,
            other.created_at <= until,
        )
    )
    return [
        News(
            row.short_name,
            row.public_id,
            msg(
                "%(team)s也登记了，您 %(day)s 登记在先。",
                team=Name(row.short_zh, row.short_en),
                day=local_date(row.created_at),
            ),
            row.registered_at,
        )
        for row in rows
    ]
