"""The days ahead: who will be reminded of what, if nothing is done until then."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right, allowed
from crm.access.scopes import Scope, own_first
from crm.access.words import SCOPE_WORDS
from crm.errors import NotFound
from crm.formats import say
from crm.reminders.forecast import DAYS, forecast
from views.guard import actor, needs

blueprint = Blueprint("reminder_forecasts", __name__)


@blueprint.get("/reminders/forecast")
@needs(Right.READ_COMPANIES)
def index() -> ResponseReturnValue:
    """The next days by person; an administrator sees numbers alone."""
    scope = _scope()
    person = request.args.get("person")
    return render_template(
        "reminders/forecast.html",
        forecast=forecast(actor(), scope, clock.today(), person),
        days=DAYS,
        scope=scope,
        person=person,
        choices=[
            {
                "label": say(SCOPE_WORDS[choice]),
                "url": url_for("reminder_forecasts.index", scope=choice.value),
                "active": choice is scope,
            }
            for choice in (own_first(actor()) if scope else ())
        ],
    )


def _scope() -> Scope | None:
    """The chosen scope, or the first the actor has; None for who sees numbers alone."""
    if not allowed(actor(), Right.READ_TODAY):
        if not allowed(actor(), Right.READ_RULES):
            raise NotFound
        return None
    had = {scope.value: scope for scope in own_first(actor())}
    wanted = request.args.get("scope")
    if wanted and wanted not in had:
        raise NotFound
    return had[wanted] if wanted else next(iter(had.values()))
