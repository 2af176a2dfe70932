"""One's own tokens: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from crm import clock
from crm.access import tokens
from models import db
from models.enums import ApiScope
from views import drafts
from views.forms.base import answer
from views.forms.token import TokenForm
from views.toasts import toast

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form of a new token."""
    return render_template("tokens/new.html", form=TokenForm())


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a token; it is shown this once."""
    form = TokenForm()
    if form.validate_on_submit():
        with form.refusals():
            made = tokens.issue(
                current_user,
                form.name.data,
                now=clock.now(),
                scope=ApiScope(form.scope.data),
                days=form.chosen_days,
            )
            db.session.commit()
            drafts.taken()
            return render_template("tokens/made.html", made=made), 201
    return answer(form, "tokens/new.html")


@blueprint.post("/<public_id>/revocations")
def revoke(public_id: str) -> ResponseReturnValue:
    """End a token of one's own; it opens nothing from now on."""
    token = tokens.revoke(public_id, now=clock.now(), user_id=current_user.id)
    db.session.commit()
    toast(_("已作废令牌“%(name)s”", name=token.name))
    return redirect(url_for("account.show"))
