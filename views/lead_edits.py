"""Edits of a lead, taken back: from the toast that followed, or from the timeline."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.errors import Conflict, NotFound, Refusal
from crm.formats import say
from crm.leads.edit_reversals import reverse_edit
from models import db
from views.errors import wants_json
from views.guard import actor, needs
from views.lead_facts import FACTS, shown_fact
from views.toasts import in_place, toast

blueprint = Blueprint("lead_edits", __name__, url_prefix="/leads/<public_id>/edits")


@blueprint.post("/<int:seq>/reversal")
@needs(Right.WRITE_LEADS)
def reverse(public_id: str, seq: int) -> ResponseReturnValue:
    """Put back what one edit changed; refused where somebody changed the same again since."""
    try:
        lead = reverse_edit(public_id, seq, actor(), clock.now())
        version = lead.version
        db.session.commit()
    except (Conflict, Refusal) as refused:
        if wants_json():
            raise
        db.session.rollback()
        return _answer(public_id, _sentence(refused), refused.status)
    if wants_json():
        return jsonify(version=version, text=_("已撤销。")), 201
    return _answer(public_id, _("已撤销。"), 200)


def _answer(public_id: str, text: str, status: int) -> ResponseReturnValue:
    """The fact in its place, where one was changed there; else the lead's page."""
    if in_place() and (name := request.args.get("fact", "")):
        if name not in FACTS:
            raise NotFound
        answer = shown_fact(public_id, name, text)
        answer.status_code = status
        return answer
    toast(text)
    return redirect(url_for("leads.show", public_id=public_id))


def _sentence(refused: Conflict | Refusal) -> str:
    """What stands in the way: the first sentence at a field, or the refusal's own."""
    texts = [text for found in getattr(refused, "errors", {}).values() for text in found]
    return say(texts[0] if texts else refused.message)
