"""Premises of leads, and files on leads, visits and offers."""

from __future__ import annotations

from crm.leads.inputs import MAX_SPACE_M2
from models.attachment import AttachmentKind
from models.premises import ADDRESS_LENGTH
from views.api.fields import (
    EXAMPLES,
    LARGEST_WHOLE,
    Among,
    Body,
    Choice,
    Code,
    Day,
    Key,
    Length,
    Moment,
    Record,
    Text,
    Whole,
    about,
)

_DISTRICT = "Code of the district; a park sets it"
_PARK = "Code of the park; null outside the parks"
# A photo is a picture on a visit; nobody says so.
_KINDS = (AttachmentKind.FILE.value, AttachmentKind.AGREEMENT.value)
LONGEST_NAME = 255


class PremisesSchema(Record):
    """Where the people of a lead's project sit."""

    id = Key("Id", attribute="premises.public_id", required=True)
    lead = Key("Id of the lead", required=True)
    district = Code(
        "Code of the district", "nanhu", attribute="premises.district.code", required=True
    )
    park = Code(_PARK, "nanhu", attribute="premises.park.code", dump_default=None, allow_none=True)
    address = Text(
        attribute="premises.address",
        required=True,
        metadata=about("Building and floor", EXAMPLES["address"]),
    )
    area_m2 = Whole("Area, m²", 800, most=MAX_SPACE_M2, attribute="premises.area_m2", required=True)
    lease_start = Day("The lease starts", attribute="premises.lease_start", required=True)
    lease_end = Day("The lease ends", "2029-11-30", attribute="premises.lease_end", allow_none=True)
    created_at = Moment("Written down", attribute="premises.created_at", required=True)


class _PremisesFacts(Body):
    district = Code(_DISTRICT, "nanhu")
    park = Code(_PARK, "nanhu", allow_none=True)
    address = Text(
        validate=Length(ADDRESS_LENGTH),
        metadata=about("Building and floor", EXAMPLES["address"]),
    )
    lease_end = Day("The lease ends", "2029-11-30", allow_none=True)


class NewPremisesSchema(_PremisesFacts):
    """Premises: a district or a park, an area and the start of the lease."""

    area_m2 = Whole("Area, m²", 800, least=1, most=MAX_SPACE_M2, required=True)
    lease_start = Day("The lease starts", required=True)


class PremisesChangesSchema(_PremisesFacts):
    """What is to change; what is left out stays as it is."""

    area_m2 = Whole("Area, m²", 800, least=1, most=MAX_SPACE_M2)
    lease_start = Day("The lease starts")


class AttachmentSchema(Record):
    """A file on a lead, a visit or an offer; `GET /attachments/{attachment_id}/content` has it."""

    id = Key("Id", attribute="public_id", required=True)
    lead = Key(
        "Id of the lead it hangs on",
        attribute="lead.public_id",
        dump_default=None,
        allow_none=True,
    )
    visit = Key(
        "Id of the visit it hangs on",
        attribute="visit.public_id",
        dump_default=None,
        allow_none=True,
    )
    offer = Key(
        "Id of the offer it hangs on",
        attribute="offer.public_id",
        dump_default=None,
        allow_none=True,
    )
    kind = Choice(AttachmentKind, "What it is to its record", "agreement", required=True)
    name = Text(required=True, metadata=about("Name of the file", EXAMPLES["file"]))
    media_type = Text(
        attribute="blob.media_type",
        required=True,
        metadata=about("What it is by its content", "application/pdf"),
    )
    size = Whole("Bytes", 48_213, most=LARGEST_WHOLE, attribute="blob.size", required=True)
    sha256 = Text(
        attribute="blob.sha256",
        required=True,
        metadata=about("Hash of the content", "9f86d081884c7d659a2feaa0c55ad015" * 2),
    )
    created_by = Key("Id of who brought it", attribute="created_by.public_id", required=True)
    created_at = Moment("Brought", required=True)


class _NewFileQuery(Body):
    name = Text(
        required=True,
        validate=Length(LONGEST_NAME, 1),
        metadata=about("Name of the file, with its ending", EXAMPLES["file"]),
    )


class NewFileQuery(_NewFileQuery):
    """What the file is called."""


class NewLeadFileQuery(_NewFileQuery):
    """What the file is called, and whether it is the signed agreement."""

    kind = Text(
        validate=Among(_KINDS),
        load_default=AttachmentKind.FILE.value,
        metadata=about("`agreement`: the signed agreement that the gate asks for", "agreement"),
    )
