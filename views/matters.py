"""Matters of a lead that have to be coordinated: noted, done, taken up again."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, writable_lead
from crm.leads import matters
from crm.leads.queries import page_options
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from views.errors import wants_json
from views.forms.base import answer
from views.forms.talk import MatterForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.toasts import in_place, toast

blueprint = Blueprint("matters", __name__)


@blueprint.get("/leads/<public_id>/matters/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    return _page(MatterForm(formdata=None), _lead(public_id))


@blueprint.post("/leads/<public_id>/matters")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Write down what has to be coordinated."""
    _lead(public_id)
    form = MatterForm()
    if form.validate_on_submit():
        with form.refusals():
            if not first_time(form.client_key.data):
                return received(public_id, url_for("leads.show", public_id=public_id), fresh=False)
            matters.note(
                public_id, form.text.data, actor(), now=clock.now(), due_on=form.due_on.data
            )
            db.session.commit()
            toast(_("已记下，会列在线索和台账的“需协调事项”里。"))
            return redirect(url_for("leads.show", public_id=public_id))
    return _page(form, _lead(public_id))


@blueprint.post("/matters/<public_id>/completion")
@needs(Right.WRITE_LEADS)
def complete(public_id: str) -> ResponseReturnValue:
    """It is done, with a way back."""
    if not first_time(request.form.get("client_key")):
        return received(public_id, url_for("today.show"), fresh=False)
    lead = matters.finish(public_id, actor(), now=clock.now())
    db.session.commit()
    home = url_for("leads.show", public_id=lead.public_id)
    if wants_json():
        return received(public_id, home, fresh=True)
    toast(_("这件事已办结。"), url_for("matters.reopen", public_id=public_id))
    return redirect(home)


@blueprint.post("/matters/<public_id>/reopening")
@needs(Right.WRITE_LEADS)
def reopen(public_id: str) -> ResponseReturnValue:
    """It was not done after all."""
    lead = matters.reopen(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(_("已改回待协调。"))
    return redirect(url_for("leads.show", public_id=lead.public_id))


def _lead(public_id: str) -> Lead:
    return writable_lead(actor(), public_id, *page_options())


def _page(form: MatterForm, lead: Lead) -> ResponseReturnValue:
    fragment = in_place()
    template = "matters/_form.html" if fragment else "matters/new.html"
    today = clock.today()
    return answer(
        form,
        template,
        lead=lead,
        title=title_of(lead),
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
    )
