"""Whom to contact now, in order, with the reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm import clock
from crm.access import Right, may_write_held
from crm.access.scopes import Scope, own_first
from crm.leads.directives import unanswered_of
from crm.leads.hand_overs import handed_to
from crm.leads.stages import position, stage_name
from crm.offers.queries import awaiting_decision
from crm.reminders.agenda import MOST, PAGE, agenda_for
from crm.reminders.day import Coming, coming_steps, done_since
from crm.reminders.facts import DECISIONS, LeadClock
from crm.reminders.gathered import told_this_week
from crm.reminders.later import may_wait
from crm.reminders.people import faces_of
from crm.reminders.queries import PAGE as TARGETS
from crm.reminders.uncovered import TOLD
from crm.visits.appointments.queries import day_of
from crm.visits.appointments.words import how_soon, what
from views.addresses import whole
from views.guard import actor, needs
from views.toasts import in_place
from views.why import place_of, why_due

blueprint = Blueprint("today", __name__)

WEEK = timedelta(days=7)
MOST_OFFERS = 5
FIRST_TARGETS = 3
# As many as the agenda reads: what stands here stands in no other place of the page.
MOST_DIRECTIVES = 200
MOST_HANDED_OVER = 100


@blueprint.get("/today")
@needs(Right.READ_TODAY)
def show() -> ResponseReturnValue:
    """The first items of the agenda; more on demand."""
    today = clock.today()
    scope = _scope()
    limit = min(max(request.args.get("limit", PAGE, type=whole), 1), MOST)
    agenda = agenda_for(actor(), today, scope=scope, limit=limit)
    coming = coming_steps(actor(), today, scope=scope)
    start = datetime.combine(today, time.min, clock.ZONE)
    return render_template(
        "today/show.html",
        arranged=day_of(actor(), clock.now()),
        what=what,
        how_soon=how_soon,
        now=clock.now(),
        agenda=agenda,
        faces=faces_of([*agenda.items, *agenda.later]),
        later=agenda.later,
        may_wait=lambda item: may_wait(item, today) and _works_on(item.lead),
        here=url_for("today.show", scope=scope.value),
        done=done_since(actor(), start),
        coming=coming,
        week=_within(coming, today + WEEK),
        scope=scope,
        scopes=own_first(actor()),
        unanswered=unanswered_of(actor(), MOST_DIRECTIVES),
        handed=handed_to(actor(), clock.now(), MOST_HANDED_OVER) if scope is Scope.MINE else (),
        waiting=awaiting_decision(actor(), MOST_OFFERS),
        hears_of_targets=actor().role in TOLD,
        more=limit + PAGE if agenda.total > limit < MOST else None,
        today=today,
        local_date=clock.local_date,
        why_due=why_due,
        DECISIONS=DECISIONS,
        place_of=place_of,
        stage_name=stage_name,
        position=position,
    )


@blueprint.get("/today/targets")
@needs(Right.READ_TODAY)
def targets() -> ResponseReturnValue:
    """The targets that nobody follows: as pages of all, and the first of them in Today's own."""
    first = in_place()
    return render_template(
        "today/_targets.html" if first else "today/targets.html",
        uncovered=told_this_week(
            actor(),
            clock.today(),
            request.args.get("cursor"),
            FIRST_TARGETS if first else TARGETS,
        ),
    )


def _works_on(lead: LeadClock) -> bool:
    """Whether this person may put the lead off: a task may be theirs and the lead another's."""
    return may_write_held(lead.team_id or 0, lead.owner_id, actor())


def _within(coming: list[Coming], last: date) -> list[tuple[date, list[Coming]]]:
    """The steps up to that day, by day."""
    steps = (step for step in coming if step.day <= last)
    return [(day, list(of_day)) for day, of_day in groupby(steps, key=lambda step: step.day)]


def _scope() -> Scope:
    choices = own_first(actor())
    asked = request.args.get("scope", "")
    return Scope(asked) if asked in choices else choices[0]
