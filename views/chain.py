"""The industry chain map as a tree, and each of its segments."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crm.access import Right
from crm.chain import queries
from crm.companies.badges import badges_of
from crm.leads.claims import leading_holders
from crm.leads.stages import position, stage_name
from models.enums import Status
from views.guard import actor, needs
from views.lead_cards import badge_views, title_of

blueprint = Blueprint("chain", __name__, url_prefix="/chain")

MOST_SHOWN = 8


@blueprint.get("")
@needs(Right.READ_COMPANIES)
def index() -> ResponseReturnValue:
    """Every segment with its figures; each opens exactly what it counts."""
    return render_template("chain/index.html", roots=queries.tree(actor()))


@blueprint.get("/<code>")
@needs(Right.READ_COMPANIES)
def show(code: str) -> ResponseReturnValue:
    """A segment: its place in the chain, its parks, its companies and leads."""
    panel = queries.panel(code, actor())
    companies = queries.companies_in(panel.segment, MOST_SHOWN)
    keys = [company.id for company in companies]
    return render_template(
        "chain/show.html",
        panel=panel,
        segment=panel.segment,
        companies=companies,
        badges=badges_of(keys),
        holders=leading_holders(keys),
        leads=queries.leads_in(panel.segment, actor(), MOST_SHOWN),
        badge_views=badge_views,
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        Status=Status,
    )
