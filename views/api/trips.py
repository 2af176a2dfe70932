"""Trips by machine: planned, changed, and their stops put in order."""

from __future__ import annotations

from typing import Any

from flask import g
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right, trip_scopes
from crm.errors import Refusal
from crm.visits.trips import queries, service, stops
from crm.visits.trips.linking import locked_trip
from crm.visits.trips.queries import TripFilter
from crm.visits.trips.rules import state_of
from crm.visits.trips.service import TripInput
from models.trip import Trip
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.trips import (
    NewStopSchema,
    NewTripSchema,
    StopChangesSchema,
    TripChangesSchema,
    TripQuery,
    TripSchema,
)
from views.guard import actor

noun = Noun("trips", "Trips: who goes where and when, whom they see, which visits belong to it.")

_NAMES = {"place": "city"}


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(TripQuery, location="query")
@noun.pages(TripSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List trips

    Those on which the caller goes or that the caller planned; for team leads their team's, for
    managers and auditors all. The latest to set out first.
    """
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.day, answers.row_key))
    limit = query.pop("limit")
    widest = trip_scopes(actor())[0]
    wanted = TripFilter(widest, query.get("state"))
    found = queries.trips_page(actor(), wanted, clock.today(), cursor, limit)
    shown = queries.with_parts([row.trip for row in found.items], actor())
    return answers.page(found, [_row(*parts) for parts in shown])


@noun.get("/<id:trip_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(TripSchema)
def show(trip_id: str) -> Response:
    """Get a trip"""
    return answers.read(_dumped(trip_id))


@noun.post("")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewTripSchema)
@noun.makes(TripSchema)
def create(sent: dict[str, Any]) -> Response:
    """Plan a trip

    What its people logged in those days, in that city, belongs to it at once.
    """

    def make() -> Response:
        members = sent.get("members", [g.api_user.public_id])
        new = TripInput(sent["city"], sent["first_on"], sent["last_on"], members, sent["purpose"])
        try:
            trip = service.plan_trip(new, actor(), clock.now())
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
        return answers.made(_dumped(trip.public_id), f"trips/{trip.public_id}")

    return answers.once(make)


@noun.patch("/<id:trip_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(TripChangesSchema)
@noun.answers(TripSchema)
def change(sent: dict[str, Any], trip_id: str) -> Response:
    """Change a trip, cancel it, write down its conclusions

    One put off takes its stops along; visits are matched anew. `{"cancelled": true}` leaves all
    that was planned, and `{"cancelled": false}` takes it back.
    """
    trip = answers.matched(lambda: locked_trip(trip_id, actor()), lambda _held: _dumped(trip_id))
    named = {"place" if name == "city" else name: value for name, value in sent.items()}
    conclusions, cancelled = named.pop("conclusions", None), named.pop("cancelled", None)
    if named:
        try:
            wanted = TripInput(**{**service.known_of(trip), **named})
            service.edit_trip(trip_id, wanted, actor())
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
    if conclusions is not None:
        service.conclude(trip_id, conclusions, actor())
    if cancelled is True:
        service.cancel_trip(trip_id, actor(), clock.now())
    elif cancelled is False:
        service.restore_trip(trip_id, actor())
    return answers.changed(_dumped(trip_id))


@noun.post("/<id:trip_id>/stops")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewStopSchema)
@noun.makes(TripSchema)
def add_stop(sent: dict[str, Any], trip_id: str) -> Response:
    """Put a company on a trip

    At the end of its day. A company is on a trip once: sent again it stays where it is.
    """

    def make() -> Response:
        note = sent.get("note", "")
        stops.add_stop(trip_id, sent["company"], sent.get("day"), actor(), clock.today(), note)
        return answers.made(_dumped(trip_id), f"trips/{trip_id}")

    return answers.once(make)


@noun.patch("/<id:trip_id>/stops/<id:stop_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(StopChangesSchema)
@noun.answers(TripSchema)
def change_stop(sent: dict[str, Any], trip_id: str, stop_id: str) -> Response:
    """Move a stop or change its note

    `If-Match` is the trip's, whose order changes.
    """
    _trip, _all, stop = answers.matched(
        lambda: stops.stop_or_404(trip_id, stop_id, actor()), lambda _held: _dumped(trip_id)
    )
    day, note = sent.get("day", stop.day), sent.get("note", stop.note)
    stops.edit_stop(trip_id, stop_id, day, note, actor(), read=None)
    if "before" in sent:
        stops.place_stop(trip_id, stop_id, day, sent["before"], actor())
    return answers.changed(_dumped(trip_id))


@noun.delete("/<id:trip_id>/stops/<id:stop_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.gone
def remove_stop(trip_id: str, stop_id: str) -> Response:
    """Take a company off a trip

    `If-Match` is the trip's. Its visits leave, too, unless they are of the trip's city or were put
    there by somebody.
    """
    answers.matched(
        lambda: stops.stop_or_404(trip_id, stop_id, actor()), lambda _held: _dumped(trip_id)
    )
    stops.remove_stop(trip_id, stop_id, actor())
    return answers.gone()


def _dumped(trip_id: str) -> dict[str, Any]:
    trip = queries.readable_trip(actor(), trip_id)
    ((found, planned, visits),) = queries.with_parts([trip], actor())
    dumped: dict[str, Any] = TripSchema().dump(_row(found, planned, visits))
    return dumped


def _row(trip: Trip, planned: list[Any], visits: list[str]) -> dict[str, Any]:
    names = ("public_id", "place", "first_on", "last_on", "purpose", "author", "team")
    cancelled = trip.cancelled_at is not None
    return {
        **{name: getattr(trip, name) for name in names},
        "conclusions": trip.conclusions,
        "members": sorted(one.public_id for one in trip.members),
        "state": state_of(trip.first_on, trip.last_on, clock.today(), cancelled=cancelled),
        "stops": planned,
        "visits": visits,
    }
