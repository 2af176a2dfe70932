"""Trips: planned, changed, cancelled with a way back, and what came of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from crm import clock
from crm.access import Right, trip_scopes
from crm.access.words import SCOPE_WORDS
from crm.formats import say
from crm.leads.stages import stage_name
from crm.leads.words import MODE_WORDS, TASK_WORDS
from crm.visits.queries import colleagues
from crm.visits.trips import queries, report, service
from crm.visits.trips.queries import TripFilter, read_filter
from crm.visits.trips.rules import STATE_WORDS, TripState, days_of, state_of
from crm.visits.trips.worth_seeing import worth_seeing
from models import db
from models.trip import Trip
from views.forms.base import answer
from views.forms.trip import ConclusionsForm, NewStopForm, TripForm, TripVisitForm
from views.guard import actor, needs
from views.lead_cards import badge_views
from views.toasts import toast

blueprint = Blueprint("trips", __name__, url_prefix="/trips")

# When most trips begin and end: next Monday, for three days.
_USUAL_DAYS = 3


@blueprint.get("")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """The trips of a scope, the latest to set out first."""
    wanted = read_filter(request.args, actor())
    page = queries.trips_page(actor(), wanted, clock.today(), request.args.get("cursor"))
    return render_template(
        "trips/index.html",
        page=page,
        wanted=wanted,
        args=wanted.as_args(),
        scopes=_scope_links(wanted),
        states=[(state.value, say(words)) for state, words in STATE_WORDS.items()],
        state_of=_state_of,
        state_words=STATE_WORDS,
    )


def _scope_links(wanted: TripFilter) -> list[dict[str, Any]]:
    args: dict[str, Any] = wanted.as_args()
    return [
        {
            "label": say(SCOPE_WORDS[scope]),
            "url": url_for("trips.index", **{**args, "scope": scope.value}),
            "active": scope is wanted.scope,
        }
        for scope in trip_scopes(actor())
    ]


def _state_of(trip: Trip) -> TripState:
    cancelled = trip.cancelled_at is not None
    return state_of(trip.first_on, trip.last_on, clock.today(), cancelled=cancelled)


@blueprint.get("/new")
@needs(Right.WRITE_LEADS)
def new() -> ResponseReturnValue:
    """The form; it begins with next week and whoever opens it."""
    today = clock.today()
    monday = today + timedelta(days=7 - today.weekday())
    form = TripForm(
        formdata=None,
        data={
            "first_on": monday,
            "last_on": monday + timedelta(days=_USUAL_DAYS - 1),
            "members": [current_user.public_id],
        },
    )
    return _form_page(form)


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def create() -> ResponseReturnValue:
    """Plan a trip."""
    form = TripForm()
    if form.validate_on_submit():
        with form.refusals():
            trip = service.plan_trip(form.typed(), actor(), clock.now())
            db.session.commit()
            toast(_("行程已建好，挑几家顺路值得见的。"))
            return redirect(url_for("trips.show", public_id=trip.public_id))
    return _form_page(form)


@blueprint.get("/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """One trip: its days, who is worth seeing on the way, what is not planned."""
    trip = queries.readable_trip(actor(), public_id)
    return trip_page(trip)


def trip_page(
    trip: Trip, *, adding: NewStopForm | None = None, joining: TripVisitForm | None = None
) -> ResponseReturnValue:
    """The page of a trip, with the forms below it as they were sent."""
    changeable = queries.may_change(actor())
    writable = changeable and trip.cancelled_at is None
    adding = adding or NewStopForm(formdata=None)
    return answer(
        adding if adding.errors else joining or adding,
        "trips/show.html",
        trip=trip,
        state=_state_of(trip),
        state_words=STATE_WORDS,
        plan=queries.itinerary(trip, actor()),
        left_out=queries.left_out(trip, actor()) if writable else [],
        worth=worth_seeing(trip, actor(), clock.now(), request.args.get("cursor"))
        if trip.cancelled_at is None
        else None,
        writable=writable,
        changeable=changeable,
        adding=adding,
        joining=joining or TripVisitForm(formdata=None),
        modes=MODE_WORDS,
        badge_views=badge_views,
        today=clock.today(),
    )


@blueprint.route("/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def edit(public_id: str) -> ResponseReturnValue:
    """Other days, another city, other people."""
    trip, form = queries.readable_trip(actor(), public_id), TripForm()
    if form.validate_on_submit():
        with form.refusals():
            service.edit_trip(public_id, form.typed(), actor(), read=form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return redirect(url_for("trips.show", public_id=public_id))
        trip = queries.readable_trip(actor(), public_id)
    if request.method == "GET":
        form.show(service.known_of(trip))
    return _form_page(form, trip)


@blueprint.post("/<public_id>/cancellation")
@needs(Right.WRITE_LEADS)
def cancel(public_id: str) -> ResponseReturnValue:
    """It does not take place; the toast takes that back."""
    service.cancel_trip(public_id, actor(), clock.now())
    db.session.commit()
    toast(_("出差已取消，走访都还在。"), url_for("trips.restore", public_id=public_id))
    return redirect(url_for("trips.index"))


@blueprint.post("/<public_id>/restoration")
@needs(Right.WRITE_LEADS)
def restore(public_id: str) -> ResponseReturnValue:
    """It takes place after all."""
    service.restore_trip(public_id, actor())
    db.session.commit()
    toast(_("已恢复。"))
    return redirect(url_for("trips.show", public_id=public_id))


@blueprint.route("/<public_id>/report", methods=["GET", "POST"])
@needs(Right.READ_LEADS)
def report_page(public_id: str) -> ResponseReturnValue:
    """What came of it; its people may write what they make of it before it goes out."""
    trip, form = queries.readable_trip(actor(), public_id), ConclusionsForm()
    if form.validate_on_submit():
        with form.refusals():
            text = form.conclusions.data
            service.conclude(public_id, text, actor(), read=form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return redirect(url_for("trips.report_page", public_id=public_id))
        trip = queries.readable_trip(actor(), public_id)
    if request.method == "GET":
        form.conclusions.data = trip.conclusions
        form.stamp({"conclusions": trip.conclusions})
    return answer(
        form,
        "trips/report.html",
        report=report.report_of(trip, actor(), clock.now()),
        writable=queries.may_change(actor()),
        modes=MODE_WORDS,
        tasks=TASK_WORDS,
        stage_name=stage_name,
    )


def _form_page(form: TripForm, trip: Trip | None = None) -> ResponseReturnValue:
    """The form with what it offers: myself, my team, the others, and who goes already."""
    others = colleagues(actor(), clock.today())
    near = {one.id: one.name for one in others if one.near}
    near = {current_user.public_id: current_user.name, **near}
    near |= {one.public_id: one.name for one in trip.members} if trip else {}
    far = {one.id: one for one in others if one.id not in near}
    form.offer(queries.cities(), [*near.items(), *((key, one.name) for key, one in far.items())])
    return answer(form, "trips/edit.html", trip=trip, near=near, far=far)


def chosen_day(text: str | None, trip: Trip) -> date | None:
    """The day of a trip that was chosen from its list; None for any other text."""
    days = {day.isoformat(): day for day in days_of(trip.first_on, trip.last_on)}
    return days.get(text or "")
