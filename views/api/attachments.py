"""Files on leads, visits and offers: brought as they are, given out as downloads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request, send_file
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Actor, Right, readable_lead
from crm.errors import Refusal
from crm.files import FileRefused, Received
from crm.leads import attachments as service
from crm.leads.file_extracts import files_page, readable_file
from crm.offers.extracts import readable_offer
from crm.visits.queries import readable_visit
from models import db
from models.attachment import Attachment, AttachmentKind
from views.api import answers
from views.api.fields import Paging
from views.api.noun import BYTES, Noun
from views.api.schemas.landing import AttachmentSchema, NewFileQuery, NewLeadFileQuery
from views.edge import settings
from views.guard import actor
from views.uploads import store

noun = Noun("attachments", "Attachments: files on leads, visits and offers.", path="")

Attach = Callable[[Received, Actor, datetime], Attachment]


@noun.get("/leads/<id:lead_id>/attachments")
@noun.needs(Right.READ_LEADS)
@noun.arguments(Paging, location="query")
@noun.pages(AttachmentSchema)
def index(query: dict[str, Any], lead_id: str) -> dict[str, Any]:
    """List the files of a lead

    Its own, those of its visits and of its offers that the caller may see, the newest first.
    """
    lead = readable_lead(actor(), lead_id)
    cursor = answers.check_cursor(query.get("cursor"), (answers.row_key,))
    found = files_page(lead, actor(), limit=query["limit"], cursor=cursor)
    return answers.page(found, found.items)


@noun.post("/leads/<id:lead_id>/attachments")
@noun.needs(Right.ATTACH_FILES)
@noun.arguments(NewLeadFileQuery, location="query")
@noun.takes_a_file
@noun.makes(AttachmentSchema)
def create_on_lead(query: dict[str, Any], lead_id: str) -> Response:
    """Hang a file on a lead

    The body is the file itself, as `application/octet-stream`. What it is is told by its content,
    which has to fit the ending of its name: any office file, PDF or picture.
    """
    readable_lead(actor(), lead_id)
    kind = AttachmentKind(query["kind"])
    return _received(
        query["name"], lambda file, by, now: service.attach_to_lead(lead_id, file, kind, by, now)
    )


@noun.post("/visits/<id:visit_id>/attachments")
@noun.needs(Right.ATTACH_FILES)
@noun.arguments(NewFileQuery, location="query")
@noun.takes_a_file
@noun.makes(AttachmentSchema)
def create_on_visit(query: dict[str, Any], visit_id: str) -> Response:
    """Hang a file on a visit

    The body is the file itself, as `application/octet-stream`; a picture is a photo of the visit.
    """
    readable_visit(actor(), visit_id)
    return _received(
        query["name"], lambda file, by, now: service.attach_to_visit(visit_id, file, by, now)
    )


@noun.post("/offers/<id:offer_id>/attachments")
@noun.needs(Right.PROPOSE_OFFERS)
@noun.arguments(NewFileQuery, location="query")
@noun.takes_a_file
@noun.makes(AttachmentSchema)
def create_on_offer(query: dict[str, Any], offer_id: str) -> Response:
    """Hang a file on an offer

    The body is the file itself, as `application/octet-stream`. A decided offer takes no more.
    """
    readable_offer(actor(), offer_id)
    return _received(
        query["name"], lambda file, by, now: service.attach_to_offer(offer_id, file, by, now)
    )


@noun.get("/attachments/<id:attachment_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(AttachmentSchema)
def show(attachment_id: str) -> Response:
    """Get what is known of a file"""
    return answers.read(_dumped(attachment_id))


@noun.get("/attachments/<id:attachment_id>/content")
@noun.needs(Right.READ_LEADS)
@noun.gives_a_file
def content(attachment_id: str) -> Response:
    """Download a file"""
    found = service.readable_attachment(actor(), attachment_id)
    tag = found.blob.sha256
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = send_file(
            store().open(tag),
            mimetype=BYTES,
            as_attachment=True,
            download_name=found.name,
            etag=False,
        )
        answer.content_length = found.blob.size
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@noun.delete("/attachments/<id:attachment_id>")
@noun.needs(Right.ATTACH_FILES)
@noun.gone
def remove(attachment_id: str) -> Response:
    """Take a file away

    One on which a signing or a decision rests stays. It can be put back on the page of its record.
    """
    answers.matched(
        lambda: service.removable_attachment(attachment_id, actor()),
        lambda _held: _dumped(attachment_id),
    )
    service.remove_attachment(attachment_id, actor(), clock.now())
    return answers.gone()


def _received(name: str, attach: Attach) -> Response:
    """Read the body as a file and hang it where it belongs; refused at ``file`` or ``name``."""
    if request.mimetype != BYTES:
        raise answers.FileWanted
    # However slowly it comes, nobody waits for a lock meanwhile.
    db.session.rollback()
    request.max_content_length = settings().upload_max_bytes
    try:
        with store().receive(name, request.stream) as file:

            def make() -> Response:
                made = attach(file, actor(), clock.now())
                return answers.made(_dumped(made.public_id), f"attachments/{made.public_id}")

            return answers.once(make, body=file.sha256.encode())
    except FileRefused as refused:
        raise Refusal({"file": [refused.message]}) from None


def _dumped(attachment_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = AttachmentSchema().dump(readable_file(actor(), attachment_id))
    return dumped
