"""Files: hung on leads, visits and offers, given out as downloads, taken away, put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from crm import clock
from crm.access import Actor, Right, may_write
from crm.errors import Refusal
from crm.files import Received
from crm.leads import attachments as service
from crm.leads.queries import titled_lead
from crm.messages import msg
from crm.visits.queries import readable_visit
from models import db
from models.attachment import Attachment, AttachmentKind
from views.forms.attachment import AttachmentForm
from views.forms.base import answer
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast, toast_refusal
from views.uploads import allow_uploads, chooser, receiving, store

blueprint = Blueprint("attachments", __name__)
allow_uploads(blueprint)

# A browser that is made to show the file all the same may run nothing of it.
CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'"

Attach = Callable[[Received, Actor, datetime], Attachment]


@dataclass(frozen=True)
class Home:
    """The record that files are hung on: what it is called, and where its page and form are."""

    title: str
    page: str
    action: str
    attach: Attach
    agreements: bool = False


@blueprint.get("/leads/<public_id>/attachments/new")
@needs(Right.ATTACH_FILES)
def new_on_lead(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    form = AttachmentForm(formdata=None)
    if request.args.get("kind") == AttachmentKind.AGREEMENT:
        form.kind.data = AttachmentKind.AGREEMENT.value
    return page(form, _lead(public_id, form))


@blueprint.post("/leads/<public_id>/attachments")
@needs(Right.ATTACH_FILES)
def create_on_lead(public_id: str) -> ResponseReturnValue:
    """Hang files on a lead."""
    form = AttachmentForm()
    return create(form, _lead(public_id, form))


@blueprint.get("/visits/<public_id>/attachments/new")
@needs(Right.ATTACH_FILES)
def new_on_visit(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    return page(AttachmentForm(formdata=None), _visit(public_id))


@blueprint.post("/visits/<public_id>/attachments")
@needs(Right.ATTACH_FILES)
def create_on_visit(public_id: str) -> ResponseReturnValue:
    """Hang files on a visit."""
    return create(AttachmentForm(), _visit(public_id))


@blueprint.get("/attachments/<public_id>")
@needs(Right.READ_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """The file, as a download and nothing else."""
    found = service.readable_attachment(actor(), public_id)
    response: Response = send_file(
        store().open(found.blob.sha256),
        mimetype=found.blob.media_type,
        as_attachment=True,
        download_name=found.name,
        etag=False,
    )
    response.content_length = found.blob.size
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/attachments/<public_id>/removal")
@needs(Right.ATTACH_FILES)
def remove(public_id: str) -> ResponseReturnValue:
    """Take a file out of sight, with a way back."""
    try:
        removed = service.remove_attachment(public_id, actor(), clock.now())
    except Refusal as refused:
        toast_refusal(refused)
        return redirect(_home_of(public_id))
    text = _("已移除“%(name)s”。", name=removed.name)
    if service.was_evidence(removed):
        text += _("它是签约的依据，文件留存备查。")
    db.session.commit()
    toast(text, url_for("attachments.restore", public_id=public_id))
    return redirect(_home_of(public_id))


@blueprint.post("/attachments/<public_id>/restoration")
@needs(Right.ATTACH_FILES)
def restore(public_id: str) -> ResponseReturnValue:
    """Put a file back."""
    restored = service.restore_attachment(public_id, actor())
    db.session.commit()
    toast(_("已恢复“%(name)s”。", name=restored.name))
    return redirect(_home_of(public_id))


def _lead(public_id: str, form: AttachmentForm) -> Home:
    lead = titled_lead(actor(), public_id)

    def attach(file: Received, by: Actor, now: datetime) -> Attachment:
        return service.attach_to_lead(public_id, file, form.wanted, by, now)

    return Home(
        title_of(lead),
        url_for("leads.show", public_id=public_id),
        url_for("attachments.create_on_lead", public_id=public_id),
        attach,
        agreements=may_write(lead, actor()),
    )


def _visit(public_id: str) -> Home:
    visit = readable_visit(actor(), public_id)

    def attach(file: Received, by: Actor, now: datetime) -> Attachment:
        return service.attach_to_visit(public_id, file, by, now)

    return Home(
        visit.company.short_name,
        url_for("visits.show", public_id=public_id),
        url_for("attachments.create_on_visit", public_id=public_id),
        attach,
    )


def create(form: AttachmentForm, home: Home) -> ResponseReturnValue:
    """Hang the files that were sent on a record, all or none."""
    if form.validate_on_submit():
        with form.refusals(), receiving("file", form.file.data or []) as files:
            if not files:
                raise Refusal({"file": [msg("请选一个文件。")]})
            for file in files:
                home.attach(file, actor(), clock.now())
            db.session.commit()
            toast(ngettext("已上传 %(num)s 个文件。", "已上传 %(num)s 个文件。", len(files)))
            return redirect(home.page)
    return page(form, home)


def page(form: AttachmentForm, home: Home) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    fragment = in_place()
    template = "attachments/_form.html" if fragment else "attachments/new.html"
    return answer(form, template, home=home, chooser=chooser())


def _home_of(public_id: str) -> str:
    """The page of the record that the file hangs on, where its files are listed."""
    found = service.record_of(public_id)
    if found.visit is not None:
        return url_for("visits.show", public_id=found.visit.public_id)
    if found.offer is not None:
        return url_for("offers.show", public_id=found.offer.public_id)
    assert found.lead  # noqa: S101 (it hangs on exactly one record)
    return url_for("leads.show", public_id=found.lead.public_id, show="files", _anchor="timeline")
