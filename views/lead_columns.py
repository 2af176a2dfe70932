"""Which columns the list of leads shows, and in which order."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from crm.access import Right
from crm.leads.columns import others
from views.guard import actor, needs
from views.lead_lists import asked_list

blueprint = Blueprint("lead_columns", __name__)


@blueprint.get("/leads/columns")
@needs(Right.READ_LEADS)
def show() -> ResponseReturnValue:
    """The choice, as a page or in a dialog; what is chosen comes back in the list's address."""
    asked = asked_list(request.args, actor())
    fragment = "HX-Request" in request.headers
    kept = {**asked.read.filter.as_args(), "sort": asked.sort, **asked.more}
    kept.pop("columns", None)
    return render_template(
        "leads/_columns.html" if fragment else "leads/columns.html",
        chosen=asked.columns[1:],
        others=others(asked.columns),
        kept=kept,
    )
