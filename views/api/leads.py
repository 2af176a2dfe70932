"""Leads, and their moves."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from flask import g
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Refusal
from crm.leads import edits, extracts, service
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.moves import locked_lead, move_lead
from crm.leads.rules import MoveRequest
from crm.messages import msg
from models import db
from models.lead import Lead
from models.place import District, Park
from views.api import answers
from views.api.fields import Paging
from views.api.noun import Noun
from views.api.schemas.leads import (
    LeadChangesSchema,
    LeadQuery,
    LeadSchema,
    MoveSchema,
    NewLeadSchema,
    NewStageChangeSchema,
    StageChangeSchema,
)
from views.guard import actor

noun = Noun("leads", "Leads: a company's possible project here, on its way through the stages.")

_NARROW = ("segment", "list", "team", "owner", "overdue", "stalled", "q")
_SAID = ("project", "need", "owner", "team", "segment", "channel", "next_step", "next_step_on")


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(LeadQuery, location="query")
@noun.pages(LeadSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List leads

    The leads that the caller may read, the newest first. A lead keeps its place in the list
    whatever happens to it, so pages neither repeat nor leave out any while others are added.
    """
    limit = query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.row_key,))
    narrow = {name: query.pop(name) for name in _NARROW if name in query}
    wanted = extracts.Wanted(**query, narrow=LeadFilter(**narrow))
    found = extracts.extracts_page(actor(), wanted, clock.today(), limit=limit, cursor=cursor)
    return answers.page(found, found.items)


@noun.get("/<id:lead_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(LeadSchema)
def show(lead_id: str) -> Response:
    """Get a lead"""
    return answers.read(_dumped(lead_id))


@noun.post("")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewLeadSchema)
@noun.answers(LeadSchema, 201)
def create(sent: dict[str, Any]) -> Response:
    """Register a lead

    At most one open lead for a company and project: when another holds it, the refusal (code
    `held`) names the holder. `owner` and `team` default to the caller and the caller's team.
    """

    def make() -> Response:
        more = _edit({k: v for k, v in sent.items() if k not in {*_SAID, "company"}}, None)
        new = NewLead(
            company=sent["company"],
            **{name: sent[name] or "" for name in _SAID if name in sent and name != "next_step_on"},
            next_step_on=sent.get("next_step_on"),
            more=more,
        )
        lead = service.create_lead(new, actor(), clock.now())
        return answers.made(_dumped(lead.public_id), f"leads/{lead.public_id}")

    return answers.once(make)


@noun.patch("/<id:lead_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(LeadChangesSchema)
@noun.answers(LeadSchema)
def change(sent: dict[str, Any], lead_id: str) -> Response:
    """Change a lead

    Stage and status change by `POST /leads/{lead_id}/stage-changes`, nowhere else.
    """
    lead = locked_lead(lead_id, actor())
    answers.require_match({"version": lead.version})
    edits.edit_lead(lead_id, _edit(sent, lead), actor(), clock.now())
    return answers.changed(_dumped(lead_id))


@noun.get("/<id:lead_id>/stage-changes")
@noun.needs(Right.READ_LEADS)
@noun.arguments(Paging, location="query")
@noun.pages(StageChangeSchema)
def stage_changes(query: dict[str, Any], lead_id: str) -> dict[str, Any]:
    """List the moves of a lead

    In order; the first is its registration.
    """
    cursor = answers.check_cursor(query.get("cursor"), (answers.row_key,))
    found = extracts.stage_changes_page(actor(), lead_id, limit=query["limit"], cursor=cursor)
    return answers.page(found, found.items)


@noun.post("/<id:lead_id>/stage-changes")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewStageChangeSchema)
@noun.answers(MoveSchema, 201)
def move(sent: dict[str, Any], lead_id: str) -> Response:
    """Move a lead

    One gate serves every door: what the gates on the whole way still ask for is named in `errors`
    (code `gate_unmet`), field by field, and nothing is moved.
    """

    def make() -> Response:
        change = move_lead(lead_id, MoveRequest(**sent), actor(), clock.now())
        lead = db.session.get_one(Lead, change.lead_id)
        dumped = StageChangeSchema(exclude=("actor",)).dump(change)
        more = {"actor": g.api_user.public_id, "version": lead.version}
        return answers.as_json({**dumped, **more}, 201)

    return answers.once(make)


def _dumped(lead_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = LeadSchema().dump(extracts.extract(actor(), lead_id))
    return dumped


def _edit(sent: dict[str, Any], lead: Lead | None) -> LeadEdit:
    """What the service understands: district and park are one choice, nothing is an empty text."""
    texts = ("need", "liaison", "project", "owner", "team", "segment", "channel", "next_step")
    edit = {name: sent[name] or "" if name in texts else sent[name] for name in sent}
    district, park = edit.pop("district", ...), edit.pop("park", ...)
    if (district, park) != (..., ...):
        edit["place"] = _place(district, park, lead)
    return cast("LeadEdit", edit)


def _place(district: Any, park: Any, lead: Lead | None) -> str:
    """District and park as the one choice they are; a park that is elsewhere is refused."""
    if park not in {None, ...}:
        of_park = _district_of(park)
        if of_park is None:
            raise Refusal({"park": [msg("没有代码为“%(code)s”的这一项，请核对。", code=park)]})
        if district not in {of_park, ...}:
            raise Refusal({"park": [msg("这个园区不在这个区县，请核对。")]})
        return f"park:{park}"
    if district is ... and lead is not None and lead.district_id is not None:
        district = db.session.get_one(District, lead.district_id).code
    return f"district:{district}" if district not in {None, ...} else ""


def _district_of(park: str) -> str | None:
    query = sa.select(District.code).join(Park, Park.district_id == District.id)
    code: str | None = db.session.scalar(query.where(Park.code == park))
    return code
