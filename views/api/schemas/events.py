"""Promotion events, whom they brought, and who led whom to us."""

from __future__ import annotations

from typing import Any

from crm.companies.contacts import LONGEST as LONGEST_OF_PERSON
from crm.events.guests import Guests
from crm.events.rules import LONGEST_DAYS, EventStatus
from models.event import (
    CITY_LENGTH,
    NAME_LENGTH,
    PURPOSE_LENGTH,
    VENUE_LENGTH,
    Attendance,
    Reply,
)
from models.referral import NOTE_LENGTH, SOURCE_LENGTH
from views.api import fields as f

_ID = f.EXAMPLE_ID
_DAY = "2026-12-08"
_MOST = 50
_NAME, _VENUE = f.EXAMPLES["event"], f.EXAMPLES["venue"]
_PERSON = f.EXAMPLES["contact"]
_PURPOSE = f.EXAMPLES["event_purpose"]
_CITY = f.EXAMPLES["city_zh"]
_SOURCE, _NOTE = f.EXAMPLES["source"], f.EXAMPLES["referral_note"]
_LAST_DAY = f"Last day; the first where it is left out, at most {LONGEST_DAYS} days in all"


class EventSchema(f.Record):
    """A promotion event with its figures; of its leads those that the caller may read."""

    id = f.Key("Id", attribute="event.public_id", required=True)
    name = f.Text(attribute="event.name", required=True, metadata=f.about("Its name", _NAME))
    channel = f.Code(
        "Code of the channel", "conference", attribute="event.channel.code", required=True
    )
    starts_on = f.Day("First day", _DAY, attribute="event.starts_on", required=True)
    ends_on = f.Day("Last day", _DAY, attribute="event.ends_on", required=True)
    status = f.Choice(EventStatus, "Where it stands today", "planned", required=True)
    city = f.Text(attribute="event.city", required=True, metadata=f.about("In which city", _CITY))
    venue = f.Text(attribute="event.venue", required=True, metadata=f.about("Where", _VENUE))
    purpose = f.Text(
        attribute="event.purpose", required=True, metadata=f.about("What it is for", _PURPOSE)
    )
    team = f.Code("Code of the team; null without one", "beijing", required=True, allow_none=True)
    people = f.Several(f.Key("Id of a person"), "Ids of who of ours is there", [_ID], required=True)
    invited = f.Whole("How many were invited", 40, most=f.LARGEST_WHOLE, required=True)
    accepted = f.Whole("How many accepted", 25, most=f.LARGEST_WHOLE, required=True)
    attended = f.Whole("How many came", 28, most=f.LARGEST_WHOLE, required=True)
    leads = f.Several(
        f.Key("Id of a lead"), "Ids of the leads that came of it", [_ID], required=True
    )


class EventQuery(f.Paging):
    """Filters by field."""

    status = f.Choice(EventStatus, "Only these by today", "planned")
    channel = f.Code("Code of a channel", "conference")


def _text(most: int, about: str, example: str, **more: Any) -> f.Text:
    fewest = 1 if more.get("required") else None
    return f.Text(validate=f.Length(most, fewest), metadata=f.about(about, example), **more)


class EventChangesSchema(f.Body):
    """What is to be changed."""

    name = _text(NAME_LENGTH, "Its name", _NAME)
    channel = f.Code("Code of the channel", "conference")
    starts_on = f.Day("First day", _DAY)
    ends_on = f.Day(_LAST_DAY, _DAY)
    city = _text(CITY_LENGTH, "In which city", _CITY)
    venue = _text(VENUE_LENGTH, "Where", _VENUE)
    purpose = _text(PURPOSE_LENGTH, "What it is for", _PURPOSE)
    team = f.Code("Code of the team; null for none", "beijing", allow_none=True)
    people = f.Several(
        f.Key("Id of a person"), "Ids of who of ours is there", [_ID], validate=f.Length(_MOST)
    )


class NewEventSchema(EventChangesSchema):
    """An event to write down."""

    name = _text(NAME_LENGTH, "Its name", _NAME, required=True)
    channel = f.Code("Code of the channel", "conference", required=True)
    starts_on = f.Day("First day", _DAY, required=True)


class InvitationSchema(f.Record):
    """A guest of an event: a company, and a person of it where one is known."""

    id = f.Key("Id", attribute="public_id", required=True)
    event = f.Key("Id of the event", attribute="event.public_id", required=True)
    company = f.Key("Id of the company", attribute="company.public_id", required=True)
    contact = f.Key(
        "Id of the person; null while nobody is named",
        attribute="contact.public_id",
        dump_default=None,
        allow_none=True,
    )
    walk_in = f.Flag("Whether they came uninvited", False, required=True)
    reply = f.Choice(Reply, "What they answered", "accepted", required=True)
    attendance = f.Choice(
        Attendance,
        "Whether they came; null while nobody has said",
        "attended",
        required=True,
        allow_none=True,
    )
    visit = f.Key(
        "Id of the visit that their presence was logged as",
        attribute="visit.public_id",
        dump_default=None,
        allow_none=True,
    )


class InvitationQuery(f.Paging):
    """Filters by field."""

    kind = f.Choice(Guests, "Only these guests", "waiting")


class NewInvitationSchema(f.Body):
    """Somebody who is invited, or came uninvited."""

    company = f.Key("Id of the company", required=True)
    contact = f.Key("Id of a contact of that company")
    name = _text(LONGEST_OF_PERSON["name"], "Name of a person who becomes its contact", _PERSON)
    walk_in = f.Flag("They came uninvited", False)


class InvitationChangesSchema(f.Body):
    """What is to be changed of a guest."""

    reply = f.Choice(Reply, "What they answered", "accepted")
    attendance = f.Choice(
        Attendance, "Whether they came; from the first day on", "attended", allow_none=True
    )
    contact = f.Key("Id of who comes, a contact of the company")


class EventLeadSchema(f.Body):
    """A lead that came of an event."""

    lead = f.Key("Id of the lead", required=True)


class ReferralSchema(f.Record):
    """Who led a lead, or a company, to us: another company, or somebody outside as text."""

    id = f.Key("Id", attribute="public_id", required=True)
    lead = f.Key("Id of the lead; null where it speaks for the company", allow_none=True)
    company = f.Key("Id of the company that came", attribute="company.public_id", required=True)
    referrer = f.Key("Id of the company that led it to us", allow_none=True)
    contact = f.Key("Id of the person of the referrer", allow_none=True)
    source = f.Text(
        required=True, metadata=f.about("Who it was, where no company of ours", _SOURCE)
    )
    happened_on = f.Day("When", _DAY, required=True, allow_none=True)
    note = f.Text(required=True, metadata=f.about("How it came about", _NOTE))


class ReferralQuery(f.Paging):
    """Filters by field."""

    lead = f.Key("Of this lead")
    company = f.Key("Of this company that came")
    referrer = f.Key("By this company")


class _ReferralBody(f.Body):
    referrer = f.Key("Id of the company that led it to us")
    contact = f.Key("Id of a contact of the referrer")
    source = _text(SOURCE_LENGTH, "Who it was, where no company of ours", _SOURCE)
    happened_on = f.Day("When", _DAY)
    note = _text(NOTE_LENGTH, "How it came about", _NOTE)


class NewReferralSchema(_ReferralBody):
    """Who led a lead or a company to us; it takes the place of what stood there."""

    lead = f.Key("Id of the lead")
    company = f.Key("Id of the company, where it has no lead yet or for all its leads")
