"""Leads as machines read them: found by field, the newest first, with the codes of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from crm.access import Actor, readable_lead, visible_leads
from crm.companies.figures import EMPLOYEES, latest
from crm.errors import NotFound
from crm.leads.facts import CAPITAL, FUNDS
from crm.leads.filters import Condition, LeadFilter, narrow_conditions
from crm.paging import Key, Page, after, decode, encode, order_by, row_key
from models import db
from models.channel import Channel
from models.company import Company
from models.enums import Stage, Status, TaskKind, TaskState
from models.lead import Lead, LeadEntity
from models.place import District, Park
from models.stage_change import StageChange
from models.task import Task
from models.user import User

# What is asked for as it stands in the lead's own row.
OWN = (
    "project",
    "expected_signing_on",
    "expected_landing_on",
    "signed_on",
    "registered_on",
    "landed_on",
    "next_step_on",
)
_NEWEST = (Key(Lead.__table__.c.id, descending=True),)
_IN_ORDER = (Key(StageChange.__table__.c.seq),)


@dataclass(frozen=True)
class LocalExtract:
    """The local company of a lead: its public id, code, capital and funds (CNY), first people."""

    company: str
    credit_code: str | None
    registered_capital_cny: int | None
    funds_in_place_cny: int | None
    employees: int | None


@dataclass(frozen=True)
class LeadExtract:
    """A lead, the words of its next step, and the local company it led to."""

    lead: Lead
    next_step: str | None
    local: LocalExtract | None = None


@dataclass(frozen=True)
class Wanted:
    """Which leads: ids and codes by field, empty where not asked. A segment means those below.

    ``same``: the value that a column of the lead itself has, one of ``OWN``.
    """

    stage: Stage | None = None
    status: Status | None = None
    company: str = ""
    channel: str = ""
    district: str = ""
    park: str = ""
    narrow: LeadFilter = field(default_factory=LeadFilter)
    same: Mapping[str, str | date] = field(default_factory=dict)

    def conditions(self, today: date) -> list[Condition]:
        """As conditions of a query over leads; what names nothing finds nothing."""
        found = narrow_conditions(self.narrow, today)
        if self.stage:
            found.append(Lead.stage == self.stage)
        if self.status:
            found.append(Lead.status == self.status)
        found += [getattr(Lead, name) == value for name, value in self.same.items()]
        named: tuple[tuple[str, Any, Any, Any], ...] = (
            (self.company, Lead.company_id, Company.id, Company.public_id),
            (self.channel, Lead.channel_id, Channel.id, Channel.code),
            (self.district, Lead.district_id, District.id, District.code),
            (self.park, Lead.park_id, Park.id, Park.code),
        )
        for value, column, key, name in named:
            if value:
                found.append(column == sa.select(key).where(name == value).scalar_subquery())
        return found


def extracts_page(
    actor: Actor, wanted: Wanted, today: date, *, limit: int, cursor: str | None = None
) -> Page[LeadExtract]:
    """The leads that the actor may read, a page at a time; a lead keeps its place for ever."""
    # Of a team's many leads a page is soon read in order; a leader's few are found by their index.
    readable = visible_leads(actor, by_row=bool(actor.teams))
    chosen = (
        sa.select(Lead.id)
        .where(readable, *wanted.conditions(today))
        .order_by(*order_by(_NEWEST))
        .limit(limit + 1)
    )
    if behind := decode(cursor, (row_key,)):
        chosen = chosen.where(after(_NEWEST, behind))
    rows = _load(chosen.subquery())
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].lead.id]) if len(rows) > limit else None)


def extract(actor: Actor, public_id: str) -> LeadExtract:
    """One lead; NotFound when it is not there for this actor."""
    one = sa.select(Lead.id).where(Lead.public_id == public_id, visible_leads(actor))
    found = _load(one.subquery())
    if not found:
        raise NotFound
    return found[0]


def extract_of(lead: Lead) -> LeadExtract:
    """A lead that the caller has just changed, also when it was handed out of their sight."""
    return _load(sa.select(Lead.id).where(Lead.id == lead.id).subquery())[0]


def stage_changes_page(
    actor: Actor, public_id: str, *, limit: int, cursor: str | None = None
) -> Page[StageChange]:
    """The moves of a lead, the first first; NotFound when the lead is not there for this actor."""
    lead = readable_lead(actor, public_id)
    query = (
        sa.select(StageChange)
        .where(StageChange.lead_id == lead.id)
        .options(joinedload(StageChange.actor).options(load_only(User.public_id)))
        .order_by(*order_by(_IN_ORDER))
        .limit(limit + 1)
    )
    if behind := decode(cursor, (row_key,)):
        query = query.where(after(_IN_ORDER, behind))
    rows = db.session.scalars(query).all()
    shown = rows[:limit]
    return Page(shown, encode([shown[-1].seq]) if len(rows) > limit else None)


def _load(chosen: sa.Subquery) -> Sequence[LeadExtract]:
    """Leads with everything their fields name (two queries).

    The chosen ones are what the other tables are joined to: PostgreSQL keeps to the order of so
    many joins and would begin with all leads.
    """
    rows = db.session.execute(
        sa.select(Lead, Task.text)
        .select_from(chosen)
        .join(Lead, Lead.id == chosen.c.id)
        .outerjoin(
            Task,
            sa.and_(
                Task.lead_id == Lead.id,
                Task.kind == TaskKind.NEXT_STEP,
                Task.state == TaskState.OPEN,
            ),
        )
        .options(*_options())
        .order_by(chosen.c.id.desc())  # by their own key, or SQLite would begin with all leads
        .execution_options(populate_existing=True)
    )
    found = [(lead, text) for lead, text in rows]
    local = _local([lead.id for lead, _text in found])
    return [LeadExtract(lead, text, local.get(lead.id)) for lead, text in found]


def _local(keys: Sequence[int]) -> dict[int, LocalExtract]:
    """The local companies of leads, the first where a lead led to several (one query)."""
    of = LeadEntity.__table__.c
    rows = db.session.execute(
        sa.select(
            LeadEntity.lead_id,
            Company.public_id,
            Company.credit_code,
            latest(CAPITAL, of.company_id),
            latest(FUNDS, of.company_id),
            latest(EMPLOYEES, of.company_id),
        )
        .join(Company, Company.id == LeadEntity.company_id)
        .where(LeadEntity.lead_id.in_(keys))
        .order_by(Company.id.desc())
    )
    return {row[0]: LocalExtract(*row[1:]) for row in rows}


def _options() -> tuple[ExecutableOption, ...]:
    """Of the rows around a lead only what names them."""
    people = (Lead.owner, Lead.liaison)
    coded = (Lead.segment, Lead.channel, Lead.team, Lead.district, Lead.park)
    return (
        joinedload(Lead.company).load_only(Company.public_id),
        *(joinedload(person).load_only(User.public_id) for person in people),
        *(joinedload(row).load_only(row.property.mapper.class_.code) for row in coded),
    )
