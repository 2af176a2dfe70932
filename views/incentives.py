"""What the policy gives: facts typed in a meeting, or known of a lead, and each rule's answer."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from crm.access import Right
from crm.leads.queries import titled_lead
from crm.offers.as_json import as_json
from crm.offers.facts import Known, known_of_lead
from crm.offers.incentives import Calculation, Verdict, calculate
from crm.offers.policy import policy
from models.lead import Lead
from views.errors import wants_json
from views.forms.base import as_refused
from views.forms.incentives import IncentivesForm, incentives_form
from views.guard import actor, needs
from views.lead_cards import title_of

blueprint = Blueprint("incentives", __name__)


@blueprint.get("/incentives")
@needs(Right.READ_LEADS)
def show() -> ResponseReturnValue:
    """The facts and what each rule gives for them; nothing is stored.

    ``?lead=`` fills in what the records say of it; once the form was sent (``given``) what stands
    in it counts.
    """
    lead = _lead()
    title = title_of(lead) if lead else None
    lead_id = lead.public_id if lead else None
    known: dict[str, Known] = known_of_lead(lead, policy()) if lead else {}
    sent = request.args if "given" in request.args else None
    form = incentives_form(policy(), sent, known)
    found = _calculate(form)
    if wants_json():
        return (jsonify(as_json(found)), 200) if found else (jsonify(as_refused(form)), 422)
    page = render_template(
        "incentives/show.html",
        form=form,
        found=found,
        policy=policy(),
        Verdict=Verdict,
        lead_id=lead_id,
        title=title,
    )
    return page, 200 if found else 422


def _lead() -> Lead | None:
    public_id = request.args.get("lead", "")
    return titled_lead(actor(), public_id) if public_id else None


def _calculate(form: IncentivesForm) -> Calculation | None:
    if form.validate():
        with form.refusals():
            return calculate(form.facts, policy(), switches=form.switches)
    return None
