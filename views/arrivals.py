"""The first local people of a lead and the day it landed: their own page."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead, writable_lead
from crm.landing.arrival import arrive, known_of
from crm.landing.rules import Arrival
from crm.leads.facts import facts_of
from crm.leads.moves import locked_lead
from crm.leads.queries import page_options
from models import db
from views.forms.base import answer
from views.forms.landing import ArrivalForm, emptied
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import toast

blueprint = Blueprint("arrivals", __name__)


@blueprint.route("/leads/<public_id>/landing", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def edit(public_id: str) -> ResponseReturnValue:
    """Write down first employees and landing date, or put them right."""
    lead = writable_lead(actor(), public_id, *page_options())
    form = ArrivalForm()
    form.offer_sources()
    if form.validate_on_submit() and not emptied(form, _known(public_id)):
        with form.refusals():
            held = locked_lead(public_id, actor())
            arrive(held, form.arrival() or Arrival(), clock.now(), form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存落地信息。")))
            return redirect(url_for("leads.show", public_id=public_id))
    lead = readable_lead(actor(), public_id, *page_options())
    if request.method == "GET":
        form.show(known_of(lead), clock.today())
    return answer(
        form, "landing/arrival.html", lead=lead, title=title_of(lead), today=clock.today()
    )


def _known(public_id: str) -> dict[str, object]:
    """What stands on record, by field."""
    lead = readable_lead(actor(), public_id)
    return {"employees": facts_of(lead).employees, "landed_on": lead.landed_on}
