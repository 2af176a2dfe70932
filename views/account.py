"""One's own account: language, password, tokens."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from crm import clock
from crm.access import tokens
from crm.access.words import ROLE_WORDS
from crm.accounts.queries import account_with_places
from crm.visits.calendar.feeds import feed_of
from models import db
from views.locale import LOCALES

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def show() -> ResponseReturnValue:
    """Who I am here, my language and tokens, a way to change the password and to sign out."""
    return render_template(
        "account/show.html",
        me=account_with_places(current_user.id, clock.today()),
        role_words=ROLE_WORDS,
        tokens=tokens.tokens_of(current_user.id),
        ended=tokens.ended,
        feed=feed_of(current_user.id),
        local_date=clock.local_date,
        now=clock.now(),
    )


@blueprint.post("/account/language")
def language() -> ResponseReturnValue:
    """Keep the chosen language with the account."""
    chosen = request.form.get("lang", "zh")
    if chosen in LOCALES:
        current_user.locale = LOCALES[chosen]
        session["lang"] = chosen
        db.session.commit()
    return redirect(url_for("account.show"))
