"""One's own account: language and password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from models import db
from views.locale import LOCALES

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def show() -> ResponseReturnValue:
    """Who I am here, my language, a way to change the password and to sign out."""
    return render_template("account/show.html")


@blueprint.post("/account/language")
def language() -> ResponseReturnValue:
    """Keep the chosen language with the account."""
    chosen = request.form.get("lang", "zh")
    if chosen in LOCALES:
        current_user.locale = LOCALES[chosen]
        session["lang"] = chosen
        db.session.commit()
    return redirect(url_for("account.show"))
