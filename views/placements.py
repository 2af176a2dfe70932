"""The district a lead is headed for, changed by a drag on the board."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead
from crm.errors import Refusal
from crm.formats import say
from crm.leads.cards import place_name
from crm.leads.edit_reversals import put_back
from crm.leads.edits import edit_lead
from crm.leads.inputs import LeadEdit
from crm.leads.queries import page_options
from crm.messages import msg
from models import db
from models.columns import UNKEEPABLE
from models.lead import Lead
from views.addresses import NOT_KEPT
from views.forms.stage_change import whole_number
from views.guard import actor, needs
from views.lead_forms import place_choice
from views.ways_back import before_of, way_back

blueprint = Blueprint("placements", __name__, url_prefix="/leads/<public_id>/placements")


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Put a lead in another district, as JSON; with ``was``, back where it stood."""
    lead = readable_lead(actor(), public_id, *page_options())
    back = before_of(public_id)
    if back:
        put_back(public_id, *back, actor(), clock.now())
        db.session.commit()
        return jsonify(version=lead.version, text=_("已撤销。")), 201
    values = request.get_json(silent=True)
    if not isinstance(values, dict) or not isinstance(values.get("place"), str):
        raise Refusal({"place": [msg("请选一个区县或园区。")]})
    if UNKEEPABLE.search(values["place"]):
        raise Refusal({"place": [NOT_KEPT]})
    before = LeadEdit(place=place_choice(lead))
    after = LeadEdit(place=values["place"])
    read_at = whole_number(values.get("version"))
    edit_lead(public_id, after, actor(), clock.now(), version=read_at)
    db.session.commit()
    return jsonify(_as_json(lead, before, after)), 201


def _as_json(lead: Lead, before: LeadEdit, after: LeadEdit) -> dict[str, Any]:
    now = readable_lead(actor(), lead.public_id, *page_options())
    was = way_back(now, before, after)
    return {
        "version": now.version,
        "text": _("意向地改为%(place)s。", place=say(place_name(now.park, now.district))),
        "undo_url": url_for("placements.create", public_id=now.public_id, was=was),
    }
