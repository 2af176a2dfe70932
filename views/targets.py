"""Target lists: how each edition stands, and its entries."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.companies.identity import Answer
from crm.companies.names import difference
from crm.targets import deciding, queries
from crm.targets.states import EntryState, state_of
from models import db
from views import export_links
from views.guard import actor, needs
from views.toasts import toast

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


@blueprint.get("/<list_code>/<int:year>")
@needs(Right.READ_COMPANIES)
def show(list_code: str, year: int) -> ResponseReturnValue:
    """An edition's entries by rank; those undecided stand on top."""
    now = clock.now()
    edition = queries.edition_or_404(list_code, year)
    filters = asked_filters()
    return render_template(
        "targets/show.html",
        edition=edition,
        target=edition.target_list,
        filters=filters,
        standing=queries.standings(now, edition.id).get(edition.id, queries.Standing()),
        page=queries.entries_page(edition, filters, actor(), now, request.args.get("cursor")),
        total=queries.entries_total(edition, filters, now),
        undecided=queries.undecided(edition),
        difference=difference,
        local_date=clock.local_date,
        states=list(EntryState),
        files=export_links.of_list("exports.entries", list_code=list_code, year=year, **_args()),
    )


def _args() -> dict[str, str]:
    """The conditions as they stand in the address."""
    names = {"state", "covered", "undecided", "q"}
    return {name: value for name, value in request.args.items() if name in names}


@blueprint.post("/<list_code>/<int:year>/decisions")
@needs(Right.IMPORT_LISTS)
def decide(list_code: str, year: int) -> ResponseReturnValue:
    """Say what an undecided entry is to the company beside it."""
    edition = queries.edition_or_404(list_code, year)
    try:
        answer = Answer(request.form.get("answer", ""))
    except ValueError:
        abort(400)
    entry = deciding.decide(
        request.form.get("entry", 0, type=int),
        answer,
        edition_id=edition.id,
        actor_id=actor().id,
        now=clock.now(),
    )
    db.session.commit()
    toast(_("已判定：%(name)s", name=entry.name))
    return redirect(url_for("targets.show", list_code=list_code, year=year))


def asked_filters() -> queries.Filters:
    """The conditions that stand in the address."""
    return queries.Filters(
        state=state_of(request.args.get("state", "")),
        covered=request.args.get("covered") == "1",
        undecided={"1": True, "0": False}.get(request.args.get("undecided", "")),
        query=request.args.get("q", "").strip()[:100],
    )
