"""The registration of a lead's local company: its own page."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead, writable_lead
from crm.companies.figures import latest_figure
from crm.landing.registration import known_of, register
from crm.landing.rules import Registration
from crm.leads.facts import FUNDS, facts_of
from crm.leads.moves import locked_lead
from crm.leads.queries import page_options
from models import db
from views.forms.base import answer
from views.forms.landing import RegistrationForm, emptied
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import toast

blueprint = Blueprint("registrations", __name__)


@blueprint.route("/leads/<public_id>/registration", methods=["GET", "POST"])
@needs(Right.WRITE_LEADS)
def edit(public_id: str) -> ResponseReturnValue:
    """Write down which local company the lead led to, or put it right."""
    lead = writable_lead(actor(), public_id, *page_options())
    form = RegistrationForm()
    if form.validate_on_submit() and not emptied(form, _known(public_id)):
        with form.refusals():
            held = locked_lead(public_id, actor())
            register(held, _given(form), clock.now(), form.has_read)
            db.session.commit()
            toast(form.saved(_("已保存注册信息。")))
            return redirect(url_for("leads.show", public_id=public_id))
    lead = readable_lead(actor(), public_id, *page_options())
    if request.method == "GET":
        form.show(known_of(lead))
    form.offer_known(lead)
    return answer(
        form, "landing/registration.html", lead=lead, title=title_of(lead), today=clock.today()
    )


def _given(form: RegistrationForm) -> Registration:
    return form.registration() or Registration()


def _known(public_id: str) -> dict[str, object]:
    """What stands on record, by field."""
    lead = readable_lead(actor(), public_id)
    facts = facts_of(lead)
    local = facts.local_company_id
    return {
        "local_company": local,
        "credit_code": facts.credit_code_holds,
        "registered_capital_cny": facts.registered_capital_cny,
        "funds_in_place_cny": latest_figure(local, FUNDS) if local else None,
        "registered_on": lead.registered_on,
    }
