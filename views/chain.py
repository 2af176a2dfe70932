"""The industry chain map, drawn and as a tree, and each of its segments."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right, allowed, sees_the_city
from crm.chain import queries
from crm.chain.map import chain_map, judgements
from crm.chain.rules import IN_TALKS, SIGNED_ONLY
from crm.companies.badges import badges_of
from crm.leads.claims import leading_holders
from crm.leads.stages import position, stage_name
from models.segment import Gap
from views.chain_words import GAPS, POSITIONS, pulled, reasons
from views.guard import actor, needs
from views.lead_cards import badge_views, title_of

blueprint = Blueprint("chain", __name__, url_prefix="/chain")

MOST_SHOWN = 8
MOST_WANTED = 5


@blueprint.get("")
@needs(Right.READ_COMPANIES)
def index() -> ResponseReturnValue:
    """The map, and every segment with its figures; each opens exactly what it counts."""
    found = chain_map(actor())
    asked, park = request.args.get("gap", ""), request.args.get("park", "")
    gap = Gap(asked) if asked in set(Gap) else None
    line = next((line for line in found.parks if line.park.code == park), None)
    return render_template(
        "chain/index.html",
        map=found,
        gaps=GAPS,
        positions=POSITIONS,
        gap=gap,
        park=line.park if line else None,
        matching=found.matching(gap, line.park.code if line else ""),
        wanted=found.wanted[:MOST_WANTED],
        pulled=lambda segment: pulled(found.judgements[segment.id], found.segments),
        today=clock.today(),
        **_stages(),
        whole_city=sees_the_city(actor()),
    )


@blueprint.get("/<code>")
@needs(Right.READ_COMPANIES)
def show(code: str) -> ResponseReturnValue:
    """A segment: its place in the chain, what is missing, its companies and leads.

    Beside the map (``HX-Request``) only the panel.
    """
    panel = queries.panel(code, actor())
    fragment = "HX-Request" in request.headers
    companies = queries.companies_in(panel.segment, MOST_SHOWN)
    keys = [company.id for company in companies]
    standing = queries.standing_judgements()
    judged = judgements(panel.segments, panel.links, standing)
    judgement = judged[panel.segment.id]
    return render_template(
        "chain/_panel.html" if fragment else "chain/show.html",
        panel=panel,
        segment=panel.segment,
        gaps=GAPS,
        judgement=judgement,
        judgements=judged,
        said=standing.get(panel.segment.id),
        earlier=[] if fragment else queries.earlier_judgements(panel.segment),
        reasons=reasons(judgement, {s.id: s for s in panel.segments}, _mine(panel)),
        companies=companies,
        badges=badges_of(keys),
        holders=leading_holders(keys),
        leads=[] if fragment else queries.leads_in(panel.segment, actor(), MOST_SHOWN),
        badge_views=badge_views,
        title_of=title_of,
        position=position,
        stage_name=stage_name,
        **_stages(),
    )


def _mine(panel: queries.Panel) -> int | None:
    """How many of the leads in talks the reader may open; None where these are all or none."""
    who = actor()
    if sees_the_city(who) or not allowed(who, Right.READ_LEADS):
        return None
    return panel.counts.leads


def _stages() -> dict[str, str]:
    """What the chain counts together, as the list of leads is asked for it."""
    return {"in_talks": ",".join(IN_TALKS), "signed": ",".join(SIGNED_ONLY)}
