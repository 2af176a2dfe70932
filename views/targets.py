"""Target lists: how each edition stands, and its entries."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right, allowed
from crm.access.queries import teams
from crm.companies.identity import Answer
from crm.companies.names import difference
from crm.errors import Conflict, Refusal
from crm.paging import Page
from crm.targets import assigning, deciding, queries, territory
from crm.targets.states import EntryState, state_of
from models import db
from views import export_links
from views.addresses import whole
from views.guard import actor, needs
from views.toasts import toast, toast_refusal

blueprint = Blueprint("targets", __name__, url_prefix="/targets")


@blueprint.get("")
@needs(Right.READ_COMPANIES)
def index() -> ResponseReturnValue:
    """Every list with its editions: entries, state, coverage, what is undecided."""
    return render_template(
        "targets/index.html",
        lists=queries.lists(),
        editions=queries.editions(),
        standings=queries.standings(clock.now()),
        nothing=queries.Standing(),
        states=list(EntryState),
    )


@blueprint.get("/<list_code>/<year:year>")
@needs(Right.READ_COMPANIES)
def show(list_code: str, year: int) -> ResponseReturnValue:
    """An edition's entries by rank; those undecided stand on top."""
    now = clock.now()
    edition = queries.edition_or_404(list_code, year)
    filters = asked_filters()
    page = queries.entries_page(edition, filters, actor(), now, request.args.get("cursor"))
    return render_template(
        "targets/show.html",
        edition=edition,
        target=edition.target_list,
        filters=filters,
        standing=queries.standings(now, edition.id).get(edition.id, queries.Standing()),
        page=page,
        total=queries.entries_total(edition, filters, now),
        undecided=queries.undecided(edition),
        difference=difference,
        local_date=clock.local_date,
        states=list(EntryState),
        **_assigning(page),
        files=export_links.of_list("exports.entries", list_code=list_code, year=year, **_args()),
    )


def _args() -> dict[str, str]:
    """The conditions as they stand in the address."""
    names = {"state", "covered", "undecided", "q"}
    return {name: value for name, value in request.args.items() if name in names}


@blueprint.post("/<list_code>/<year:year>/decisions")
@needs(Right.IMPORT_LISTS)
def decide(list_code: str, year: int) -> ResponseReturnValue:
    """Say what an undecided entry is to the company beside it."""
    edition = queries.edition_or_404(list_code, year)
    try:
        answer = Answer(request.form.get("answer", ""))
    except ValueError:
        abort(400)
    entry = deciding.decide(
        request.form.get("entry", 0, type=whole),
        answer,
        edition_id=edition.id,
        actor_id=actor().id,
        now=clock.now(),
    )
    db.session.commit()
    toast(_("已判定：%(name)s", name=entry.name))
    return redirect(url_for("targets.show", list_code=list_code, year=year))


@blueprint.post("/<list_code>/<year:year>/assignments")
@needs(Right.ASSIGN_TARGETS)
def assign(list_code: str, year: int) -> ResponseReturnValue:
    """Give the chosen entries, or all that the filters in the address leave, to a team."""
    edition, form = queries.edition_or_404(list_code, year), request.form
    conditions: dict[str, Any] = _args()
    here = url_for("targets.show", list_code=list_code, year=year, **conditions)
    one = form.get("one", 0, type=whole)
    try:
        if one or not form.get("all"):
            picked = [one] if one else form.getlist("entry", type=whole)
            entries = assigning.chosen(edition, picked)
        else:
            entries = assigning.every(edition, asked_filters(), clock.now())
        made = assigning.assign(entries, assigning.BY_PLACE if one else form.get("to", ""))
    except Refusal as refused:
        toast_refusal(refused)
        return redirect(here)
    db.session.commit()
    undo = None
    if made.number is not None:
        number = made.number
        undo = url_for("targets.take_back", list_code=list_code, year=year, number=number)
    toast(_said(made), undo)
    return redirect(here)


@blueprint.post("/<list_code>/<year:year>/assignments/<int:number>/reversals")
@needs(Right.ASSIGN_TARGETS)
def take_back(list_code: str, year: int, number: int) -> ResponseReturnValue:
    """Put back what one assignment changed."""
    edition = queries.edition_or_404(list_code, year)
    try:
        made = assigning.take_back(edition, number, actor(), clock.now())
    except (Conflict, Refusal) as refused:
        toast_refusal(refused)
    else:
        db.session.commit()
        toast(ngettext("已撤销 %(num)s 家。", "已撤销 %(num)s 家。", made.changed))
    return redirect(url_for("targets.show", list_code=list_code, year=year))


def _said(made: assigning.Assigned) -> str:
    said = str(_("没有要改的。"))
    if made.changed:
        said = ngettext("已分派 %(num)s 家。", "已分派 %(num)s 家。", made.changed)
    if made.followed:
        n = made.followed
        said += ngettext("%(num)s 家已有线索，没有动。", "%(num)s 家已有线索，没有动。", n)
    if made.nowhere:
        said += ngettext(
            "%(num)s 家的所在地没有小分队，请选一支。",
            "%(num)s 家的所在地没有小分队，请选一支。",
            made.nowhere,
        )
    return str(said)


def _assigning(page: Page[queries.EntryRow]) -> dict[str, Any]:
    """What whoever may assign chooses from; nothing for others."""
    if not allowed(actor(), Right.ASSIGN_TARGETS):
        return {"teams": [], "suggested": {}}
    free = [
        row.entry.company_id
        for row in page.items
        if row.lead is None and row.entry.team_id is None and row.entry.company_id is not None
    ]
    return {
        "teams": teams(),
        "suggested": territory.suggested(free),
        "most": assigning.MOST,
    }


def asked_filters() -> queries.Filters:
    """The conditions that stand in the address."""
    return queries.Filters(
        state=state_of(request.args.get("state", "")),
        covered=request.args.get("covered") == "1",
        undecided={"1": True, "0": False}.get(request.args.get("undecided", "")),
        query=request.args.get("q", "").strip()[:100],
    )
