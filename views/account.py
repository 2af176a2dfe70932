"""One's own account: language and password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from crm import clock
from crm.access.queries import account_with_places
from crm.access.words import ROLE_WORDS
from models import db
from views.locale import LOCALES

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def show() -> ResponseReturnValue:
    """Who I am here, my language, a way to change the password and to sign out."""
    me = account_with_places(current_user.id, clock.today())
    return render_template("account/show.html", me=me, role_words=ROLE_WORDS)


@blueprint.post("/account/language")
def language() -> ResponseReturnValue:
    """Keep the chosen language with the account."""
    chosen = request.form.get("lang", "zh")
    if chosen in LOCALES:
        current_user.locale = LOCALES[chosen]
        session["lang"] = chosen
        db.session.commit()
    return redirect(url_for("account.show"))
