"""Trips: who goes where, whom they see, and what belongs to it."""

from __future__ import annotations

from crm.visits.trips.rules import LONGEST, TripState
from views.api import fields as f

_ID = f.EXAMPLE_ID
_MOST = 50
_PURPOSE = f.EXAMPLES["purpose"]
_NOTE = f.EXAMPLES["stop_note"]
_FIRST, _LAST = "2026-12-01", "2026-12-03"


class StopSchema(f.Record):
    """A company to be seen on a day of a trip."""

    id = f.Key("Id", attribute="public_id", required=True)
    company = f.Key("Id of the company", attribute="company.public_id", required=True)
    day = f.Day("On this day", _FIRST, required=True)
    note = f.Text(required=True, metadata=f.about("When and where exactly", _NOTE))


class TripSchema(f.Record):
    """A trip with its stops in order; of its visits those that the caller may read."""

    id = f.Key("Id", attribute="public_id", required=True)
    city = f.Code("Code of the city", "beijing", attribute="place.code", required=True)
    first_on = f.Day("First day", _FIRST, required=True)
    last_on = f.Day("Last day", _LAST, required=True)
    purpose = f.Text(required=True, metadata=f.about("What it is for", _PURPOSE))
    author = f.Key("Id of who planned it", attribute="author.public_id", required=True)
    team = f.Code(
        "Code of its author's team; null without one",
        "beijing",
        attribute="team.code",
        dump_default=None,
        allow_none=True,
    )
    members = f.Several(f.Key("Id of a person"), "Ids of who goes", [_ID], required=True)
    state = f.Choice(TripState, "Where it stands today", "ahead", required=True)
    conclusions = f.Text(
        required=True, metadata=f.about("What its people make of it", f.EXAMPLES["conclusions"])
    )
    stops = f.Several(f.Part(StopSchema), "Whom they see, in order", [], required=True)
    visits = f.Several(
        f.Key("Id of a visit"), "Ids of the visits that belong to it", [_ID], required=True
    )


class TripQuery(f.Paging):
    """Filters by field."""

    state = f.Choice(TripState, "In this state; without it all but the cancelled", "ahead")


class NewTripSchema(f.Body):
    """A trip as it is planned."""

    city = f.Code("Code of the city", "beijing", required=True)
    first_on = f.Day("First day", _FIRST, required=True)
    last_on = f.Day("Last day, at most 60 days in all", _LAST, required=True)
    purpose = f.Text(
        required=True,
        validate=f.Length(LONGEST["purpose"]),
        metadata=f.about("What it is for", _PURPOSE),
    )
    members = f.Several(
        f.Key("Id of a person"),
        "Ids of who goes; the caller where it is left out",
        [_ID],
        validate=f.Length(_MOST, 1),
    )


class TripChangesSchema(f.Body):
    """What is to be changed."""

    city = f.Code("Code of the city", "beijing")
    first_on = f.Day("First day; a trip put off takes its stops along", _FIRST)
    last_on = f.Day("Last day", _LAST)
    purpose = f.Text(
        validate=f.Length(LONGEST["purpose"]), metadata=f.about("What it is for", _PURPOSE)
    )
    members = f.Several(
        f.Key("Id of a person"), "Ids of who goes", [_ID], validate=f.Length(_MOST, 1)
    )
    conclusions = f.Text(
        validate=f.Length(LONGEST["conclusions"]),
        metadata=f.about("What its people make of it", f.EXAMPLES["conclusions"]),
    )
    cancelled = f.Flag("true: it does not take place; false: it does after all", False)


class NewStopSchema(f.Body):
    """A company that is put on a trip."""

    company = f.Key("Id of the company", required=True)
    day = f.Day("A day of the trip; its first, or today while it is under way", _FIRST)
    note = f.Text(
        validate=f.Length(LONGEST["note"]), metadata=f.about("When and where exactly", _NOTE)
    )


class StopChangesSchema(f.Body):
    """What is to be changed."""

    day = f.Day("A day of the trip", _FIRST)
    before = f.Key("Id of the stop of that day that it is to stand before; at the end without")
    note = f.Text(
        validate=f.Length(LONGEST["note"]), metadata=f.about("When and where exactly", _NOTE)
    )
