"""One search over pages, companies, leads, the people at them and visits: a page and a palette."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.access import Right, allowed, sees_the_city
from crm.companies.finding import FEWEST_CHARACTERS
from crm.search import search
from crm.search.queries import VISITS_READ
from views.commands import commands
from views.errors import wants_json
from views.guard import actor, needs
from views.search_options import Group, groups

blueprint = Blueprint("search", __name__, url_prefix="/search")

ON_PAGE = 20
IN_PALETTE = 5


@blueprint.get("")
@needs(Right.READ_COMPANIES)
def show() -> ResponseReturnValue:
    """What is found, in groups; also without a script."""
    query, found = _found(ON_PAGE)
    if wants_json():
        return _as_json(query, found)
    return render_template("search/show.html", query=query, groups=found, searched=_searched(query))


@blueprint.get("/suggest")
@needs(Right.READ_COMPANIES)
def suggest() -> ResponseReturnValue:
    """The best of each kind for what was typed so far; what one can do when nothing was."""
    query, found = _found(IN_PALETTE)
    if wants_json():
        return _as_json(query, found)
    return render_template("search/_options.html", query=query, groups=found)


def _found(limit: int) -> tuple[str, list[Group]]:
    found = search(request.args.get("q", ""), actor(), limit)
    named = commands(found.query, actor()) if found.query or limit == IN_PALETTE else []
    return found.query, groups(named[: limit + 1], found)


def _searched(query: str) -> str:
    """How far the words of visits were looked through; nothing where they were not at all."""
    if len(query) < FEWEST_CHARACTERS or not allowed(actor(), Right.READ_LEADS):
        return ""
    if sees_the_city(actor()):
        text = _("走访内容只找了全市最近 %(n)s 次；更早的请按企业或联系人找。", n=VISITS_READ)
    else:
        text = _("走访内容只找了您自己最近 %(n)s 次；更早的请按企业或联系人找。", n=VISITS_READ)
    return str(text)


def _as_json(query: str, found: list[Group]) -> ResponseReturnValue:
    return jsonify(query=query, groups=[group.as_json() for group in found])
