"""What waits on the phone: the page that shows it, and what its sender has to know."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from crm import clock

blueprint = Blueprint("queue", __name__)

WRITER = "X-Queued-By"


@blueprint.get("/queue")
def show() -> ResponseReturnValue:
    """The frame; the entries are on the phone, and static/js/offline/list.js shows them in it."""
    return render_template("queue/show.html")


@blueprint.get("/queue/ticket")
def ticket() -> ResponseReturnValue:
    """Who is signed in here, a token that is good now, and the server's time."""
    return jsonify(
        user=current_user.public_id, csrf_token=generate_csrf(), now=clock.now().isoformat()
    )


@blueprint.before_app_request
def _only_its_writer_sends() -> ResponseReturnValue | None:
    """What one person wrote never goes under the name of another who signed in meanwhile."""
    writer = request.headers.get(WRITER)
    if writer is None or (current_user.is_authenticated and writer == current_user.public_id):
        return None
    text = _("这一条是另一位同事写的，请由本人登录后再发。")
    return jsonify(code="other_person", message=text, errors={}), 409
