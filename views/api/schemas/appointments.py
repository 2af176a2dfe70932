"""Appointments: what is arranged with a company."""

from __future__ import annotations

from crm.visits.appointments.rules import LENGTHS, LONGEST, SHORTEST, AppointmentState
from crm.visits.rules import KEY_LENGTH
from models.enums import VisitMode
from views.api import fields as f

_ID = f.EXAMPLE_ID
_MOST = 50
_AT = "2026-12-03T14:00:00+08:00"
_PLACE = f.EXAMPLES["appointment_place"]
_HOST, _MATERIALS = f.EXAMPLES["reception_host"], f.EXAMPLES["reception_materials"]
_INVITED = "Ids of those of them who are invited by mail"


class AppointmentSchema(f.Record):
    """A meeting that is arranged; the visit that came of it closes it."""

    id = f.Key("Id", attribute="public_id", required=True)
    client_key = f.Text(
        required=True, metadata=f.about("The sender's own number of it", "phone-0001-20261203")
    )
    author = f.Key("Id of who arranged it", attribute="author.public_id", required=True)
    company = f.Key("Id of the company", attribute="company.public_id", required=True)
    lead = f.Key("Id of the lead, where there is one that the caller may read", allow_none=True)
    mode = f.Choice(VisitMode, "How they meet", "in", required=True)
    starts_at = f.Moment("When", _AT, required=True)
    minutes = f.Whole("How long, in minutes", 60, least=SHORTEST, most=LONGEST, required=True)
    place = f.Text(required=True, metadata=f.about("Where", _PLACE))
    host = f.Text(required=True, metadata=f.about("Who receives them", _HOST))
    materials = f.Text(required=True, metadata=f.about("With what", _MATERIALS))
    companions = f.Several(
        f.Key("Id of a person"), "Ids of who of ours comes along", [_ID], required=True
    )
    contacts = f.Several(
        f.Key("Id of a contact"), "Ids of who of theirs takes part", [_ID], required=True
    )
    invited = f.Several(f.Key("Id of a contact"), _INVITED, [_ID], required=True)
    state = f.Choice(AppointmentState, "Where it stands", "open", required=True)
    visit = f.Key("Id of the visit that came of it", allow_none=True)


class AppointmentQuery(f.Paging):
    """Filters by field."""

    lead = f.Key("Of this lead")
    company = f.Key("With this company")
    first_on = f.Day("From this day on")
    last_on = f.Day("Up to this day")
    state = f.Choice(AppointmentState, "Only these", "open")


class AppointmentChangesSchema(f.Body):
    """What is to be changed; who takes part hears of it."""

    mode = f.Choice(VisitMode, "How they meet; nobody arranges a `message`", "in")
    starts_at = f.Moment("When", _AT)
    minutes = f.Whole("How long, in minutes", 60, least=SHORTEST, most=LONGEST)
    place = f.Text(validate=f.Length(LENGTHS["place"]), metadata=f.about("Where", _PLACE))
    host = f.Text(
        validate=f.Length(LENGTHS["host"]),
        metadata=f.about("Who receives them; of mode `in` only", _HOST),
    )
    materials = f.Text(
        validate=f.Length(LENGTHS["materials"]),
        metadata=f.about("With what; of mode `in` only", _MATERIALS),
    )
    companions = f.Several(
        f.Key("Id of a person"), "Ids of who of ours comes along", [], validate=f.Length(_MOST)
    )
    contacts = f.Several(
        f.Key("Id of a contact"), "Ids of who of theirs takes part", [], validate=f.Length(_MOST)
    )
    invited = f.Several(f.Key("Id of a contact"), _INVITED, [], validate=f.Length(_MOST))
    cancelled = f.Flag("true: it does not take place; false: it does after all", False)


class NewAppointmentSchema(AppointmentChangesSchema):
    """A meeting to arrange, about a lead or with a company."""

    class Meta(f.Body.Meta):
        """Nothing is called off before it is arranged."""

        exclude = ("cancelled",)

    client_key = f.Text(
        required=True,
        validate=f.Length(KEY_LENGTH[1], KEY_LENGTH[0]),
        metadata=f.about(
            "Your own number of it: sent twice it is arranged once", "phone-0001-20261203"
        ),
    )
    lead = f.Key("Id of the lead")
    company = f.Key("Id of the company")
    mode = f.Choice(VisitMode, "How they meet; nobody arranges a `message`", "in", required=True)
    starts_at = f.Moment("When", _AT, required=True)
