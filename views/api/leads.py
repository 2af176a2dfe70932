"""Leads, and their moves."""

from __future__ import annotations

from typing import Any, cast

from flask import g
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right
from crm.errors import Refusal
from crm.landing.filling import Filled, fill
from crm.landing.rules import Arrival, Registration
from crm.leads import extracts, lookups, service
from crm.leads.filters import LeadFilter
from crm.leads.inputs import LeadEdit, NewLead
from crm.leads.moves import locked_lead, move_lead
from crm.leads.rules import MoveRequest
from models import db
from models.lead import Lead
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
# What is sent of registration and landing, and what their services call it.
_REGISTRATION = {
    **{name: name for name in ("local_company", "local_company_is", "credit_code", "share_bp")},
    **{name: name for name in ("registered_capital_cny", "funds_in_place_cny", "registered_on")},
    "registered_before_signing": "before_signing",
}
_ARRIVAL = {name: name for name in ("employees", "employees_on", "employees_source", "landed_on")}
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
    same = {name: query.pop(name) for name in extracts.OWN if name in query}
    wanted = extracts.Wanted(**query, narrow=LeadFilter(**narrow), same=same)
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
@noun.makes(LeadSchema)
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

    Stage and status change by `POST /leads/{lead_id}/stage-changes`, nowhere else. All that the
    gates ask for is written here but the agreement, the offer and the premises, which are records
    of their own. A local company that nobody knows is made; when companies look alike, the refusal
    names them and `local_company_is` says which it is.
    """
    lead = answers.matched(lambda: locked_lead(lead_id, actor()), lambda _held: _dumped(lead_id))
    registration, arrival = _taken(sent, _REGISTRATION), _taken(sent, _ARRIVAL)
    filled = Filled(
        lead=_edit(sent, lead),
        registration=Registration(**registration) if registration else None,
        arrival=Arrival(**arrival) if arrival else None,
    )
    try:
        fill(lead_id, filled, actor(), clock.now())
    except Refusal as refusal:
        raise answers.renamed(refusal, {"share": "share_bp"}) from None
    return answers.changed(LeadSchema().dump(extracts.extract_of(lead)))


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
    (code `gate_unmet`), field by field, and nothing is moved. A loss (`to_status` `lost`) calls off
    no appointment: what is still ahead (`GET /appointments?lead=`) takes place until it is called
    off by `PATCH /appointments/{appointment_id}` with `{"cancelled": true}`.
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


def _taken(sent: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What was sent of a part of the lead, taken out of it, by the names of its service."""
    return {name: sent.pop(field) for field, name in names.items() if field in sent}


def _edit(sent: dict[str, Any], lead: Lead | None) -> LeadEdit:
    """What the service understands: district and park are one choice, nothing is an empty text."""
    texts = ("need", "liaison", "project", "owner", "team", "segment", "channel", "next_step")
    edit = {name: sent[name] or "" if name in texts else sent[name] for name in sent}
    place = lookups.place_choice(
        {name: edit.pop(name) for name in ("district", "park") if name in edit},
        lead.district_id if lead else None,
    )
    if place is not None:
        edit["place"] = place
    return cast("LeadEdit", edit)
