"""Make leads and change what is known of them. Services flush; the edge commits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crm import clock
from crm.access import Actor, Right, require
from crm.companies.archiving import refuse_archived
from crm.errors import Refusal
from crm.leads import claims, lookups
from crm.leads.clock import StageClock, stalls_on
from crm.leads.gates import LeadFacts, missing_for
from crm.leads.inputs import Errors, LeadEdit, NewLead, wrong_next_step, wrong_values
from crm.leads.next_steps import set_next_step
from crm.messages import msg
from models import db
from models.company import Company, CompanySegment
from models.enums import Role, Stage, Status
from models.lead import Lead
from models.stage_change import StageChange
from models.user import User

# A segment that a lead says of its company, beside what lists and people said.
SEGMENT_SOURCE = "lead"


def create_lead(new: NewLead, actor: Actor, now: datetime) -> Lead:
    """Make a lead, its claim and its first stage change.

    Raises Forbidden, and Refusal that names every wrong field at once; when another open lead holds
    the company for the same project, the Refusal (code ``held``) names its holder.
    """
    require(actor, Right.WRITE_LEADS)
    today = clock.local_date(now)
    errors = {
        **wrong_values({**new.more, "project": new.project, "need": new.need}),
        **wrong_next_step(new.next_step, new.next_step_on, today),
    }
    company = lookups.find_or_make_company(new.company, errors, now)
    columns = {
        "segment_id": lookups.segment_id(new.segment, errors),
        "channel_id": lookups.channel_id(new.channel, errors),
        **_whose(new.owner, new.team, actor, today, errors),
    }
    more = resolve(new.more, errors)
    _first_gate(company, columns, errors)
    if errors or company is None:
        raise Refusal({**_held(company, new.project, actor), **errors})
    lead = Lead(
        company_id=company.id,
        stage=Stage.IDENTIFIED,
        status=Status.ACTIVE,
        created_at=now,
        created_by_id=actor.id,
        updated_at=now,
        stage_since=today,
        stalls_on=stalls_on(Stage.IDENTIFIED, StageClock(today), Status.ACTIVE),
        **{
            "project": new.project.strip(),
            "need": new.need.strip() or None,
            **columns,
            **more,
        },
    )
    _insert(lead, actor)
    refuse_archived(lead.company_id)
    claims.open_claim(lead, today)
    _first_change(lead, actor, now)
    note_segment(company.id, lead.segment_id)
    if new.next_step.strip() and new.next_step_on:
        set_next_step(lead, new.next_step, new.next_step_on, now=now, by=actor.id)
    db.session.flush()
    return lead


def resolve(edit: LeadEdit, errors: Errors) -> dict[str, Any]:
    """The columns of a lead that an input sets, codes become keys; who works on it is not here."""
    columns: dict[str, Any] = {
        name: value
        for name, value in edit.items()
        if name in Lead.__table__.columns and name not in {"project", "need", "next_step_on"}
    }
    if "project" in edit:
        columns["project"] = edit["project"].strip()
    if "need" in edit:
        columns["need"] = edit["need"].strip() or None
    if "place" in edit:
        columns["district_id"], columns["park_id"] = lookups.place_ids(edit["place"], errors)
    if edit.get("segment"):
        columns["segment_id"] = lookups.segment_id(edit["segment"], errors)
    if edit.get("channel"):
        columns["channel_id"] = lookups.channel_id(edit["channel"], errors)
    return columns


def _whose(
    owner: str, team: str, actor: Actor, today: date, errors: Errors
) -> dict[str, int | None]:
    """Owner and team of a new lead: the actor's own unless somebody else is named."""
    team_key = lookups.team_id(team, errors) if team else actor.team
    user = lookups.person(owner, "owner", errors) if owner else db.session.get(User, actor.id)
    if team_key is not None and actor.role is not Role.MANAGER and team_key not in actor.teams:
        errors["team"] = [msg("只能登记到您所在的小分队；要给别的队，请找局里分派。")]
    elif user is not None and team_key is not None and not lookups.may_own(user, team_key, today):
        errors["owner"] = [msg("负责人要在这支小分队里，请另选一位。")]
    return {"owner_id": user.id if user else None, "team_id": team_key}


def _first_gate(company: Company | None, columns: dict[str, int | None], errors: Errors) -> None:
    """The first stage has a gate as every other has; what is wrong already is not asked again."""
    facts = LeadFacts(
        company_id=company.id if company else None,
        segment_id=columns["segment_id"],
        channel_id=columns["channel_id"],
        owner_id=columns["owner_id"],
        team_id=columns["team_id"],
    )
    for check in missing_for(facts, Stage.IDENTIFIED):
        errors.setdefault(check.field, [check.message])


def _held(company: Company | None, project: str, actor: Actor) -> Errors:
    """Who holds the company, said along with what else is wrong."""
    try:
        if company is not None:
            claims.refuse_held(company.id, project.strip(), me=actor.id)
    except Refusal as refusal:
        return refusal.errors
    return {}


def _insert(lead: Lead, actor: Actor) -> None:
    """Two people may register one company at the same moment: the unique index decides."""
    claims.refuse_held(lead.company_id, lead.project, me=actor.id)
    with claims.index_decides(lead.company_id, lead.project, me=actor.id):
        db.session.add(lead)


def _first_change(lead: Lead, actor: Actor, now: datetime) -> None:
    facts = LeadFacts(
        company_id=lead.company_id,
        segment_id=lead.segment_id,
        channel_id=lead.channel_id,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
        need=lead.need,
    )
    db.session.add(
        StageChange(
            lead_id=lead.id,
            seq=1,
            to_stage=lead.stage,
            to_status=lead.status,
            facts=facts.as_json(),
            actor_id=actor.id,
            occurred_at=now,
            recorded_at=now,
        )
    )


def note_segment(company_id: int, segment_id: int) -> None:
    """The chain map learns that the company does this link, if nobody said so yet."""
    if db.session.get(CompanySegment, (company_id, segment_id)) is None:
        db.session.add(
            CompanySegment(company_id=company_id, segment_id=segment_id, source=SEGMENT_SOURCE)
        )
