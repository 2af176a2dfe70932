"""What was found due, for whom, why, and what became of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right
from crm.access.scopes import Scope, scopes
from crm.access.words import SCOPE_WORDS
from crm.errors import NotFound
from crm.formats import say
from crm.leads.queries import titled_lead
from crm.reminders.history import history_of
from crm.reminders.queries import reminders_page
from crm.reminders.words import CALLED_OFF_WORDS
from models.enums import ReminderState
from views.guard import actor, needs

blueprint = Blueprint("reminders", __name__)


@blueprint.get("/reminders")
@needs(Right.READ_TODAY)
def index() -> ResponseReturnValue:
    """The reminders of the chosen scope, the newest first."""
    scope = _scope()
    state = _state()
    return render_template(
        "reminders/index.html",
        page=reminders_page(
            actor(), scope, state, request.args.get("cursor"), clock.today(), targets=True
        ),
        called_off=CALLED_OFF_WORDS,
        scope=scope,
        state=state,
        choices=[
            {
                "label": say(label),
                "url": url_for("reminders.index", scope=choice.value, state=state),
                "active": choice is scope,
            }
            for choice, label in SCOPE_WORDS.items()
            if choice in scopes(actor())
        ],
    )


@blueprint.get("/leads/<public_id>/reminders")
@needs(Right.READ_LEADS)
def of_lead(public_id: str) -> ResponseReturnValue:
    """What was sent of a lead, to whom, when; what was not, and why not."""
    lead = titled_lead(actor(), public_id)
    return render_template(
        "reminders/of_lead.html",
        lead=lead,
        history=history_of(lead, actor(), clock.now()),
    )


def _scope() -> Scope:
    """The chosen scope, or the first the actor has. Raises NotFound for another's."""
    wanted = request.args.get("scope")
    had = {scope.value: scope for scope in scopes(actor())}
    if wanted and wanted not in had:
        raise NotFound
    return had[wanted] if wanted else next(iter(had.values()))


def _state() -> ReminderState | None:
    wanted = request.args.get("state")
    return ReminderState(wanted) if wanted in set(ReminderState) else None
