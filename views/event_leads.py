"""Leads that came of an event: linked, and taken off again."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.events import leads
from crm.events.queries import event_or_404
from models import db
from views.forms.event import EventLeadForm
from views.guard import actor, needs
from views.toasts import toast

blueprint = Blueprint("event_leads", __name__, url_prefix="/events/<public_id>/leads")


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def link(public_id: str) -> ResponseReturnValue:
    """Say that a lead came of this event."""
    event_or_404(public_id)
    form = EventLeadForm()
    lead_id = form.lead.data or ""
    if not lead_id:
        toast(_("请先选一条线索。"))
        return redirect(url_for("events.show", public_id=public_id, _anchor="leads"))
    return _linked(public_id, lead_id)


@blueprint.post("/<lead_id>/restoration")
@needs(Right.WRITE_LEADS)
def restore(public_id: str, lead_id: str) -> ResponseReturnValue:
    """Link a lead again that was just taken off."""
    return _linked(public_id, lead_id)


def _linked(public_id: str, lead_id: str) -> ResponseReturnValue:
    leads.link_lead(public_id, lead_id, actor(), clock.now())
    db.session.commit()
    back = url_for("event_leads.unlink", public_id=public_id, lead_id=lead_id)
    toast(_("已关联线索。"), back)
    return redirect(url_for("events.show", public_id=public_id, _anchor="leads"))


@blueprint.post("/<lead_id>/removal")
@needs(Right.WRITE_LEADS)
def unlink(public_id: str, lead_id: str) -> ResponseReturnValue:
    """Say that it did not come of this event."""
    leads.unlink_lead(public_id, lead_id, actor())
    db.session.commit()
    back = url_for("event_leads.restore", public_id=public_id, lead_id=lead_id)
    toast(_("已取消关联。"), back)
    return redirect(url_for("events.show", public_id=public_id, _anchor="leads"))
