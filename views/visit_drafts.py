"""Drafts of visits out of text that was copied from a chat; nothing of it is kept."""

from __future__ import annotations

import secrets

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from crm import clock
from crm.access import Right
from crm.visits.drafting.reading import read_text
from views.forms.base import answer
from views.forms.visit_draft import PasteForm, drafted
from views.guard import actor, needs
from views.pasted import pasted
from views.visits import form_page

blueprint = Blueprint("visit_drafts", __name__, url_prefix="/visits/drafts")


@blueprint.get("/new")
@needs(Right.LOG_VISITS)
def new() -> ResponseReturnValue:
    """Where the text is pasted."""
    return answer(PasteForm(), "visit_drafts/new.html")


@blueprint.post("")
@needs(Right.LOG_VISITS)
def create() -> ResponseReturnValue:
    """The form of a visit, filled from the text, for a person to confirm."""
    form = PasteForm()
    if form.validate_on_submit():
        with form.refusals():
            now = clock.now()
            reading = read_text(form.text.data, actor(), now)
            filled = drafted(reading, now, secrets.token_hex(12), current_user.public_id)
            return form_page(filled, pasted(reading))
    return answer(form, "visit_drafts/new.html")
