"""The stops of a trip, and the visits that belong to it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.errors import NotFound
from crm.formats import short_day, written_day
from crm.visits.trips import linking, queries, stops
from crm.visits.trips.rules import days_of
from models import db
from models.trip import Trip
from views.errors import wants_json
from views.forms.base import answer, as_refused
from views.forms.trip import NewStopForm, PlaceForm, StopForm, TripVisitForm
from views.guard import actor, needs
from views.toasts import in_place, toast
from views.trips import chosen_day, trip_page
from views.ways_back import sealed, unsealed

blueprint = Blueprint("trip_stops", __name__, url_prefix="/trips/<public_id>")


@blueprint.post("/stops")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Put a company on the trip; with ``was``, one that was taken off, where it stood."""
    if "was" in request.values:
        return _put_back(public_id)
    form = NewStopForm()
    if form.validate_on_submit():
        with form.refusals():
            stop = stops.add_stop(
                public_id, form.company.data, form.day.data, actor(), clock.today()
            )
            company, day = stop.company.short_name, short_day(stop.day)
            text = _("%(name)s排在 %(day)s。", name=company, day=day)
            db.session.commit()
            toast(text)
            return _back_to(public_id)
    return trip_page(queries.readable_trip(actor(), public_id), adding=form)


@blueprint.route("/stops/<stop_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def edit(public_id: str, stop_id: str) -> ResponseReturnValue:
    """Another day or another note, in a dialog or as a page."""
    trip, _all, stop = stops.stop_or_404(public_id, stop_id, actor())
    form = StopForm()
    _offer(form, trip)
    if form.validate_on_submit():
        with form.refusals():
            day = chosen_day(form.day.data, trip)
            stops.edit_stop(public_id, stop_id, day, form.note.data, actor(), read=form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return _back_to(public_id)
        trip, _all, stop = stops.stop_or_404(public_id, stop_id, actor())
    if request.method == "GET":
        form.day.data, form.note.data = stop.day.isoformat(), stop.note
        form.stamp(stops.stop_known(stop))
    template = "trips/_stop_form.html" if in_place() else "trips/stop.html"
    return answer(form, template, trip=trip, stop=stop)


def _offer(form: StopForm, trip: Trip) -> None:
    form.day.choices = [
        (day.isoformat(), written_day(day)) for day in days_of(trip.first_on, trip.last_on)
    ]


@blueprint.post("/stops/<stop_id>/place")
@needs(Right.WRITE_LEADS)
def place(public_id: str, stop_id: str) -> ResponseReturnValue:
    """One place up or down by its button, or where it was dropped."""
    stops.stop_or_404(public_id, stop_id, actor())
    form = PlaceForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.day.data is not None:
                before = form.before.data or None
                stops.place_stop(public_id, stop_id, form.day.data, before, actor())
            elif form.by.data in {-1, 1}:
                stops.nudge_stop(public_id, stop_id, form.by.data, actor())
            db.session.commit()
            if wants_json():
                return jsonify(text=_("已保存。")), 201
            return _back_to(public_id, f"stop-{stop_id}")
    if wants_json():
        return jsonify(as_refused(form)), 422
    toast(" ".join(str(text) for field in form.wrong for text in field.errors))
    return _back_to(public_id)


@blueprint.post("/stops/<stop_id>/removal")
@needs(Right.WRITE_LEADS)
def remove(public_id: str, stop_id: str) -> ResponseReturnValue:
    """Take a company off the trip; the toast puts it back where it stood."""
    _trip, all_, stop = stops.stop_or_404(public_id, stop_id, actor())
    keys = [one.key for one in all_.plan if one.day == stop.day]
    behind = keys[keys.index(stop_id) + 1 :]
    before = behind[0] if behind else ""
    company, day, note = stop.company, stop.day, stop.note
    stops.remove_stop(public_id, stop_id, actor())
    db.session.commit()
    was = sealed(_way(public_id), [company.public_id, day.isoformat(), before, note])
    text = _("%(name)s已从行程里去掉。", name=company.short_name)
    toast(text, url_for("trip_stops.create", public_id=public_id, was=was))
    return _back_to(public_id)


def _put_back(public_id: str) -> ResponseReturnValue:
    company, day, before, note = unsealed(_way(public_id))
    on = date.fromisoformat(day)
    stop = stops.add_stop(public_id, company, on, actor(), clock.today(), note)
    stops.place_stop(public_id, stop.public_id, on, before or None, actor())
    db.session.commit()
    toast(_("已恢复。"))
    return _back_to(public_id)


def _way(public_id: str) -> str:
    """Which trip a way back is of."""
    return f"trip-{public_id}"


@blueprint.post("/visits")
@needs(Right.WRITE_LEADS)
def join(public_id: str) -> ResponseReturnValue:
    """Put a visit on the trip by hand."""
    form = TripVisitForm()
    if form.validate_on_submit():
        with form.refusals():
            try:
                chosen = form.visit.data or request.args.get("visit", "")
                linking.put_on(public_id, chosen, actor())
            except NotFound:
                queries.readable_trip(actor(), public_id)
                form.visit.errors = [_("请选一次走访。")]
            else:
                db.session.commit()
                toast(_("走访已放进这次出差。"))
                return _back_to(public_id)
    return trip_page(queries.readable_trip(actor(), public_id), joining=form)


@blueprint.post("/visits/<visit_id>/removal")
@needs(Right.WRITE_LEADS)
def leave(public_id: str, visit_id: str) -> ResponseReturnValue:
    """Take a visit off the trip; the visit itself stays."""
    linking.take_off(public_id, visit_id, actor())
    db.session.commit()
    back = url_for("trip_stops.join", public_id=public_id, visit=visit_id)
    toast(_("走访已从这次出差里拿掉，记录还在。"), back)
    return _back_to(public_id)


def _back_to(public_id: str, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("trips.show", public_id=public_id, _anchor=anchor))
