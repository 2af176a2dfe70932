"""Two companies with something of everything, and all that a database holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crm.companies.figures import EMPLOYEES, REVENUE, record_figure
from crm.companies.other_names import add_name
from crm.companies.relations import add_relation
from crm.companies.service import create_company, set_segments
from crm.events.invitations import Guest, invite
from crm.events.rules import EventInput
from crm.events.service import create_event
from crm.referrals.service import ReferralInput, refer_company
from crm.targets import applying, batches
from crm.visits.appointments.rules import Plan
from crm.visits.appointments.service import NewAppointment, arrange
from crm.visits.service import log_visit
from crm.visits.trips.service import TripInput, plan_trip
from crm.visits.trips.stops import add_stop
from models.base import Model
from models.company import Company, NameKind
from models.enums import Stage, VisitMode
from models.lead import EntityPhase, LeadEntity
from models.place import District, Park
from models.premises import Premises
from models.user import User
from tests.leads.making import NOW, TODAY, a_lead, actor_of
from tests.visits.test_service import HOUR_AGO, visit_of

CODE = "91350100M000100Y43"
GONE, STAYS = "星尘数据软件有限公司", "星尘数据（北京）软件股份有限公司"
# What a deed leaves behind for ever: its trail, and how often a lead was changed.
_TRAIL = {"change", "change_set", "lead_version", "alembic_version"}
_COUNTERS = {("lead", "version")}


def rows(session: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the trail, in the order of their keys."""
    session.expire_all()
    return {
        table.name: sorted(map(tuple, session.execute(sa.select(*_columns(table)))), key=repr)
        for table in Model.metadata.sorted_tables
        if table.name not in _TRAIL
    }


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if (table.name, column.name) not in _COUNTERS]


def refers(session: Any, company: Company) -> dict[str, int]:
    """How many rows say the company, by table and column, as far as any does."""
    found = {}
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if any(key.references(Company.__table__) for key in column.foreign_keys):
                query = sa.select(sa.func.count()).select_from(table).where(column == company.id)
                if n := session.scalar(query):
                    found[f"{table.name}.{column.name}"] = n
    return found


def two(session: Any, people: Any) -> tuple[Company, Company, User]:
    """A company with everything that can be said of one, another with some of it, and a scout."""
    scout = people.scout()
    gone = create_company(GONE, now=NOW, credit_code=CODE)
    stays = create_company(STAYS, now=NOW)
    _import(f"排名,企业名称\n1,{GONE}\n2,别的软件有限公司\n", "china-software-100")
    _import(f"排名,企业名称\n7,{STAYS}\n", "china-internet-100")
    for company, project, key in ((gone, "研发中心", "a"), (stays, "总部", "b")):
        _both_have(session, company, project, key, scout)
    _one_has(session, gone, scout)
    _shared(gone, stays, scout)
    session.commit()
    return gone, stays, scout


def _import(text: str, code: str) -> None:
    batch = batches.store_batch("list.csv", text.encode(), code, 2018, actor_id=None, now=NOW)
    applying.apply(batch.public_id, now=NOW)


def _both_have(session: Any, company: Company, project: str, key: str, scout: User) -> None:
    lead = a_lead(scout, company=company.public_id, project=project)
    hours = HOUR_AGO if key == "a" else HOUR_AGO.replace(day=HOUR_AGO.day - 3)
    visit = replace(visit_of(lead), client_key=f"two-{key}-0001", occurred_at=hours)
    log_visit(visit, actor_of(scout), NOW)
    called = replace(
        visit_of(), client_key=f"two-{key}-0002", company=company.public_id, mode=VisitMode.CALL
    )
    called = replace(called, occurred_at=hours)
    log_visit(called, actor_of(scout), NOW)
    record_figure(company.id, EMPLOYEES, 900, source="company", now=NOW, as_of=TODAY)


def _one_has(session: Any, gone: Company, scout: User) -> None:
    """What moves as it is."""
    add_name(gone, "Stardust Data", NameKind.ENGLISH)
    set_segments(gone, ["FND-DB"])
    record_figure(gone.id, REVENUE, 9_000_000, source="company", now=NOW, as_of=TODAY)
    arrange(
        NewAppointment("two-appointment", Plan(VisitMode.IN, NOW), company=gone.public_id),
        actor_of(scout),
        NOW,
    )
    of_lead = a_lead(scout)
    of_lead.stage, of_lead.landed_on, of_lead.signed_on = Stage.LANDED, TODAY, TODAY
    park = session.scalars(sa.select(Park).where(Park.code == "nanhu")).one()
    district = session.get_one(District, park.district_id)
    of_lead.park_id, of_lead.district_id = park.id, district.id
    session.add(LeadEntity(lead_id=of_lead.id, company_id=gone.id, phase=EntityPhase.LANDED))
    session.add(
        Premises(
            lead_id=of_lead.id,
            company_id=gone.id,
            district_id=district.id,
            park_id=park.id,
            area_m2=800,
            lease_start=TODAY,
            created_at=NOW,
            created_by_id=scout.id,
        )
    )
    brought = create_company("被引荐的软件有限公司", now=NOW)
    refer_company(brought.public_id, ReferralInput(referrer=gone.public_id), actor_of(scout), NOW)
    refer_company(gone.public_id, ReferralInput(source="软件行业协会"), actor_of(scout), NOW)


def _shared(gone: Company, stays: Company, scout: User) -> None:
    """What stands at both, and may stand there once."""
    who = actor_of(scout)
    parent = create_company("星尘集团", now=NOW)
    event = create_event(EventInput("软件产业推介会", "conference", TODAY), who, NOW)
    trip = plan_trip(TripInput("beijing", TODAY, TODAY, [scout.public_id], "拜访"), who, NOW)
    for company in (gone, stays):
        add_relation(parent, company, now=NOW)
        invite(event.public_id, [Guest(company.public_id)], who, NOW)
        add_stop(trip.public_id, company.public_id, None, who, TODAY)
