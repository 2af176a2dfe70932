"""Premises of leads: added on the lead, changed and taken back by themselves."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead, writable_premises
from crm.errors import Forbidden, NotFound, Refusal
from crm.landing.premises import (
    add_premises,
    bring_back,
    edit_premises,
    known_of,
    may_write_premises,
    readable_premises,
    remove_premises,
)
from crm.landing.rules import Space
from crm.leads import choices
from crm.leads.moves import locked_lead
from crm.leads.queries import page_options
from models import db
from models.lead import Lead
from models.premises import Premises
from views.forms.base import answer
from views.forms.landing import PremisesForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.lead_forms import place_choice
from views.toasts import toast, toast_refusal
from views.ways_back import sealed, unsealed

blueprint = Blueprint("premises", __name__)


@blueprint.route("/leads/<public_id>/premises/new", methods=["GET", "POST"])
@needs(Right.WRITE_PREMISES)
def new(public_id: str) -> ResponseReturnValue:
    """Add premises to a lead; the place it is headed for is chosen already."""
    lead = _writable(readable_lead(actor(), public_id, *page_options()))
    form = _form()
    if request.method == "GET":
        form.premises.data = place_choice(lead)
    if form.validate_on_submit():
        with form.refusals():
            held = locked_lead(public_id, actor(), writable_premises)
            add_premises(held, form.space(), actor(), clock.now())
            db.session.commit()
            toast(_("已添加场地。"))
            return redirect(url_for("leads.show", public_id=public_id))
    return _page(form, public_id, None)


@blueprint.route("/premises/<public_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_PREMISES)
def edit(public_id: str) -> ResponseReturnValue:
    """Change premises, or take them back."""
    premises, lead = readable_premises(public_id, actor())
    lead_id = _writable(lead).public_id
    form = _form()
    if form.validate_on_submit():
        with form.refusals():
            edit_premises(public_id, form.space(), actor(), clock.now(), form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存场地。")))
            return redirect(url_for("leads.show", public_id=lead_id))
        premises, _lead = readable_premises(public_id, actor())
    if request.method == "GET":
        form.show(known_of(premises))
    return _page(form, lead_id, premises)


@blueprint.post("/premises/<public_id>/removal")
@needs(Right.WRITE_PREMISES)
def remove(public_id: str) -> ResponseReturnValue:
    """Take back premises that were recorded wrongly."""
    gone, lead = readable_premises(public_id, actor())
    was, page = known_of(gone), url_for("leads.show", public_id=lead.public_id)
    sealed_was = sealed("premises", [lead.public_id, was.as_json()])
    undo = url_for("premises.restore", public_id=lead.public_id, was=sealed_was)
    try:
        remove_premises(public_id, actor(), clock.now())
    except Refusal as refused:
        toast_refusal(refused)
        return redirect(page)
    db.session.commit()
    toast(_("已去掉这处场地。"), undo)
    return redirect(page)


@blueprint.post("/leads/<public_id>/premises/restorations")
@needs(Right.WRITE_PREMISES)
def restore(public_id: str) -> ResponseReturnValue:
    """Bring premises back that were just taken away."""
    held = locked_lead(public_id, actor(), writable_premises)
    of_lead, was = unsealed("premises")
    if of_lead != public_id:
        raise NotFound
    bring_back(held, Space.from_json(was), actor(), clock.now())
    db.session.commit()
    toast(_("已恢复这处场地。"))
    return redirect(url_for("leads.show", public_id=public_id))


def _form() -> PremisesForm:
    form = PremisesForm()
    form.offer_places(choices.places())
    return form


def _writable(lead: Lead) -> Lead:
    if not may_write_premises(lead, actor()):
        raise Forbidden
    return lead


def _page(form: PremisesForm, lead_id: str, premises: Premises | None) -> ResponseReturnValue:
    lead = readable_lead(actor(), lead_id, *page_options())
    return answer(form, "landing/premises.html", lead=lead, title=title_of(lead), premises=premises)
