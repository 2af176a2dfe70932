"""Whom to contact now, in order, with the reason."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right, scopes
from crm.access.scopes import Scope
from crm.leads.stages import position, stage_name
from crm.reminders.agenda import PAGE, agenda_for
from crm.reminders.people import faces_of
from crm.visits.queries import logged_since
from views.guard import actor, needs

blueprint = Blueprint("today", __name__)

MOST = 8 * PAGE


@blueprint.get("/today")
@needs(Right.READ_TODAY)
def show() -> ResponseReturnValue:
    """The first items of the agenda; more on demand."""
    today = clock.today()
    scope = _scope()
    limit = min(max(request.args.get("limit", PAGE, type=int), 1), MOST)
    agenda = agenda_for(actor(), today, scope=scope, limit=limit)
    start = datetime.combine(today, time.min, clock.SHANGHAI)
    return render_template(
        "today/show.html",
        agenda=agenda,
        faces=faces_of(agenda.items),
        done=logged_since(actor(), start),
        scope=scope,
        scopes=_choices(),
        more=limit + PAGE if agenda.total > limit < MOST else None,
        today=today,
        stage_name=stage_name,
        position=position,
    )


def _choices() -> list[Scope]:
    """Whose day may be looked at, one's own first."""
    return sorted(scopes(actor()), key=lambda scope: scope is not Scope.MINE)


def _scope() -> Scope:
    choices = _choices()
    asked = request.args.get("scope", "")
    return Scope(asked) if asked in choices else choices[0]
