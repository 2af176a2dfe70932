"""Premises of leads, and files on leads, visits and offers."""

from __future__ import annotations

from crm.leads.inputs import MAX_SPACE_M2
from models.attachment import AttachmentKind
from models.premises import ADDRESS_LENGTH
from views.api import fields as f

_DISTRICT = "Code of the district; a park sets it"
_PARK = "Code of the park; null outside the parks"
# A photo is a picture on a visit; nobody says so.
_KINDS = (AttachmentKind.FILE.value, AttachmentKind.AGREEMENT.value)
LONGEST_NAME = 255


class PremisesSchema(f.Record):
    """Where the people of a lead's project sit."""

    id = f.Key("Id", attribute="premises.public_id", required=True)
    lead = f.Key("Id of the lead", required=True)
    district = f.Code(
        "Code of the district", "nanhu", attribute="premises.district.code", required=True
    )
    park = f.Code(
        _PARK, "nanhu", attribute="premises.park.code", dump_default=None, allow_none=True
    )
    address = f.Text(
        attribute="premises.address",
        required=True,
        metadata=f.about("Building and floor", f.EXAMPLES["address"]),
    )
    area_m2 = f.Whole(
        "Area, m²", 800, most=MAX_SPACE_M2, attribute="premises.area_m2", required=True
    )
    lease_start = f.Day("The lease starts", attribute="premises.lease_start", required=True)
    lease_end = f.Day(
        "The lease ends", "2029-11-30", attribute="premises.lease_end", allow_none=True
    )
    created_at = f.Moment("Written down", attribute="premises.created_at", required=True)


class _PremisesFacts(f.Body):
    district = f.Code(_DISTRICT, "nanhu")
    park = f.Code(_PARK, "nanhu", allow_none=True)
    address = f.Text(
        validate=f.Length(ADDRESS_LENGTH),
        metadata=f.about("Building and floor", f.EXAMPLES["address"]),
    )
    lease_end = f.Day("The lease ends", "2029-11-30", allow_none=True)


class NewPremisesSchema(_PremisesFacts):
    """Premises: a district or a park, an area and the start of the lease."""

    area_m2 = f.Whole("Area, m²", 800, least=1, most=MAX_SPACE_M2, required=True)
    lease_start = f.Day("The lease starts", required=True)


class PremisesChangesSchema(_PremisesFacts):
    """What is to change; what is left out stays as it is."""

    area_m2 = f.Whole("Area, m²", 800, least=1, most=MAX_SPACE_M2)
    lease_start = f.Day("The lease starts")


class AttachmentSchema(f.Record):
    """A file on a lead, a visit or an offer; `GET /attachments/{attachment_id}/content` has it."""

    id = f.Key("Id", attribute="public_id", required=True)
    lead = f.Key(
        "Id of the lead it hangs on",
        attribute="lead.public_id",
        dump_default=None,
        allow_none=True,
    )
    visit = f.Key(
        "Id of the visit it hangs on",
        attribute="visit.public_id",
        dump_default=None,
        allow_none=True,
    )
    offer = f.Key(
        "Id of the offer it hangs on",
        attribute="offer.public_id",
        dump_default=None,
        allow_none=True,
    )
    kind = f.Choice(AttachmentKind, "What it is to its record", "agreement", required=True)
    name = f.Text(required=True, metadata=f.about("Name of the file", f.EXAMPLES["file"]))
    media_type = f.Text(
        attribute="blob.media_type",
        required=True,
        metadata=f.about("What it is by its content", "application/pdf"),
    )
    size = f.Whole("Bytes", 48_213, most=f.LARGEST_WHOLE, attribute="blob.size", required=True)
    sha256 = f.Text(
        attribute="blob.sha256",
        required=True,
        metadata=f.about("Hash of the content", "9f86d081884c7d659a2feaa0c55ad015" * 2),
    )
    created_by = f.Key("Id of who brought it", attribute="created_by.public_id", required=True)
    created_at = f.Moment("Brought", required=True)


class _NewFileQuery(f.Body):
    name = f.Text(
        required=True,
        validate=f.Length(LONGEST_NAME, 1),
        metadata=f.about("Name of the file, with its ending", f.EXAMPLES["file"]),
    )


class NewFileQuery(_NewFileQuery):
    """What the file is called."""


class NewLeadFileQuery(_NewFileQuery):
    """What the file is called, and whether it is the signed agreement."""

    kind = f.Text(
        validate=f.Among(_KINDS),
        load_default=AttachmentKind.FILE.value,
        metadata=f.about("`agreement`: the signed agreement that the gate asks for", "agreement"),
    )
