"""One fact of a lead, changed where it stands on the lead's page."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead, writable_lead
from crm.errors import Forbidden, NotFound
from crm.leads.edit_reversals import number_of_edit
from crm.leads.edits import edit_lead, may_hand_over
from crm.leads.queries import page_options
from crm.messages import msg
from models import db
from models.lead import Lead
from views import lead_forms
from views.errors import wants_json
from views.fact_words import fact_of
from views.forms.base import answer as form_answer
from views.forms.lead import PLAIN, EditLeadForm
from views.guard import actor, needs
from views.toasts import in_place, page_before, toast, told_page

blueprint = Blueprint("lead_facts", __name__, url_prefix="/leads/<public_id>/facts/<name>")

# The facts that stand on the page one by one. Another team is a hand-over: it takes a new owner.
FACTS = frozenset({*PLAIN, "district"}) - {"team"}


@blueprint.get("")
@needs(Right.WRITE_LEADS)
def edit(public_id: str, name: str) -> ResponseReturnValue:
    """The fact's field as a fragment; for who wants a page the whole form has it."""
    lead = _lead(public_id, name)
    if not in_place():
        return redirect(url_for("leads.edit", public_id=public_id, _anchor=name))
    form = _form(lead, name)
    lead_forms.show(form, lead)
    return _field(form, lead, name)


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def update(public_id: str, name: str) -> ResponseReturnValue:
    """Change the fact by the form's own rules."""
    form = _form(_lead(public_id, name), name)
    if form.validate_on_submit():
        with form.refusals():
            lead = edit_lead(public_id, form.edit(), actor(), clock.now(), read=form.has_read)
            seq, version = number_of_edit(lead), lead.version
            db.session.commit()
            return _saved(public_id, name, form.saved(_("已保存。")), seq, version)
    return _field(form, _lead(public_id, name), name)


def _lead(public_id: str, name: str) -> Lead:
    """The lead, for somebody who may change this fact of it."""
    if name not in FACTS:
        raise NotFound
    lead = writable_lead(actor(), public_id, *page_options())
    if name in lead_forms.WHOSE and not may_hand_over(lead, actor()):
        raise Forbidden(msg("移交线索、换挂钩领导，请找队长或局领导。"))
    return lead


def _form(lead: Lead, name: str) -> EditLeadForm:
    """The form of a lead with this fact alone."""
    form = EditLeadForm()
    form.keep_only(name)
    lead_forms.offer_edit(form, lead, actor(), clock.today())
    return form


def _field(form: EditLeadForm, lead: Lead, name: str) -> ResponseReturnValue:
    return form_answer(
        form,
        "leads/_fact_form.html",
        back=page_before(),
        label=fact_of(lead, name).label,
        lead=lead,
        name=name,
        today=clock.today(),
    )


def _saved(
    public_id: str, name: str, text: str, seq: int | None, version: int
) -> ResponseReturnValue:
    """The value as it is now; the edit that changed it has a number, and with it a way back."""
    undo = undo_of(public_id, seq, fact=name)
    if wants_json():
        return jsonify(version=version, text=text, undo_url=undo)
    if back := page_before():
        toast(text, undo)
        answer = make_response("")
        answer.headers["HX-Redirect"] = back
        return answer
    if not in_place():
        toast(text, undo)
        return redirect(url_for("leads.show", public_id=public_id))
    return shown_fact(public_id, name, text, undo)


def undo_of(public_id: str, seq: int | None, fact: str | None = None) -> str | None:
    """The address that takes this edit back; None for one that changed nothing."""
    if seq is None:
        return None
    return url_for("lead_edits.reverse", public_id=public_id, seq=seq, fact=fact)


def shown_fact(public_id: str, name: str, text: str, undo: str | None = None) -> Response:
    """The fact as it stands on the page, as a fragment, and what to say of it."""
    lead = readable_lead(actor(), public_id, *page_options())
    fragment = render_template("leads/_fact_shown.html", lead=lead, fact=fact_of(lead, name))
    return told_page(fragment, text, undo)
