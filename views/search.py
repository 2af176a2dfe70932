"""One search over companies, their leads and the people at them."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from crm.access import Right
from crm.companies.contacts import find_contacts
from crm.companies.queries import visible_leads_of
from crm.companies.suggest import suggest
from crm.leads.stages import position, stage_name
from models.enums import Status
from views.company_words import ids, suggestions
from views.guard import actor, needs
from views.lead_cards import title_of

blueprint = Blueprint("search", __name__)

MOST = 30
LONGEST = 100


@blueprint.get("/search")
@needs(Right.READ_COMPANIES)
def show() -> ResponseReturnValue:
    """What is found, in groups; leads and people only as far as the actor may see them."""
    query = request.args.get("q", "").strip()[:LONGEST]
    hits = suggest(query, MOST)
    return render_template(
        "search/show.html",
        query=query,
        companies=suggestions(hits),
        leads=visible_leads_of(ids(hits), actor()),
        contacts=find_contacts(query, actor()) if query else [],
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        Status=Status,
    )
