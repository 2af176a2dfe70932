"""The trash: a lead is put away and brought back, the administrator purges."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, allowed, may_write, readable_lead
from crm.errors import Forbidden, NotFound, Refusal
from crm.formats import say
from crm.leads import archiving
from crm.leads.queries import page_options
from crm.trash import queries
from crm.trash.purging import purge_lead
from crm.trash.queries import Kind
from models import db
from views.errors import wants_json
from views.forms.base import answer
from views.forms.trash import ReasonForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast
from views.uploads import store

blueprint = Blueprint("trash", __name__)


@blueprint.get("/trash")
@needs(Right.TRASH)
def index() -> ResponseReturnValue:
    """What this person may bring back, a kind at a time."""
    known = queries.kinds(actor())
    asked = request.args.get("kind", "")
    kind = Kind(asked) if asked in set(known) else known[0]
    return render_template(
        "trash/index.html",
        page=queries.trash_page(actor(), kind, request.args.get("cursor")),
        kind=kind,
        kinds=[(one, words) for one, words in _words() if one in known],
        purges=allowed(actor(), Right.PURGE),
        Kind=Kind,
    )


@blueprint.get("/leads/<public_id>/removal")
@needs(Right.WRITE_LEADS)
def remove(public_id: str) -> ResponseReturnValue:
    """Asks why, as a page or in a dialog."""
    return _asking(ReasonForm(formdata=None), public_id)


@blueprint.post("/leads/<public_id>/removal")
@needs(Right.WRITE_LEADS)
def archive(public_id: str) -> ResponseReturnValue:
    """Put a lead into the trash, with a way back."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals():
            archiving.archive_lead(public_id, form.reason.data or "", actor(), clock.now())
            db.session.commit()
            undo = url_for("trash.restore", public_id=public_id)
            toast(_("线索已归档，企业可以由别人登记。"), undo)
            return redirect(url_for("leads.index"))
    return _asking(form, public_id)


@blueprint.post("/leads/<public_id>/restoration")
@needs(Right.WRITE_LEADS)
def restore(public_id: str) -> ResponseReturnValue:
    """Bring a lead back; refused, with the holder's name, when another is open."""
    try:
        archiving.restore_lead(public_id, actor(), clock.now())
        db.session.commit()
    except Refusal as refusal:
        if wants_json():
            raise
        db.session.rollback()
        toast(_("不能恢复。%(why)s", why=say(refusal.message)))
        return redirect(url_for("trash.index"))
    if wants_json():
        return jsonify(text=_("线索已恢复。")), 201
    toast(_("线索已恢复。"))
    return redirect(url_for("leads.show", public_id=public_id))


@blueprint.route("/trash/<entry_id>/purge", methods=["GET", "POST"])
@needs(Right.PURGE)
def purge(entry_id: str) -> ResponseReturnValue:
    """Asks first and wants a reason; then the lead is gone for good."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals():
            purge_lead(entry_id, form.reason.data or "", actor(), store())
            db.session.commit()
            toast(_("已清除，不能再恢复。记录里留有是谁、何时、为什么。"))
            return redirect(url_for("trash.index"))
    return answer(form, "trash/purge.html", entry=queries.entry_or_404(entry_id))


def archived_page(public_id: str) -> ResponseReturnValue:
    """The page of a lead that lies in the trash, for who may bring it back. Raises NotFound."""
    if not allowed(actor(), Right.WRITE_LEADS):
        raise NotFound
    entry = archiving.archived_lead(public_id, actor())
    return render_template("trash/lead.html", entry=entry, title=title_of(entry.lead))


def _asking(form: ReasonForm, public_id: str) -> ResponseReturnValue:
    lead = readable_lead(actor(), public_id, *page_options())
    if not may_write(lead, actor()) or not archiving.may_archive(lead, actor()):
        raise Forbidden
    fragment = in_place()
    return answer(
        form,
        "trash/_remove.html" if fragment else "trash/remove.html",
        lead=lead,
        title=title_of(lead),
    )


def _words() -> list[tuple[Kind, str]]:
    return [
        (Kind.LEADS, _("线索")),
        (Kind.COMMENTS, _("评论")),
        (Kind.FILES, _("附件")),
        (Kind.VIEWS, _("视图")),
    ]
