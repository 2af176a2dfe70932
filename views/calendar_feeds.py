"""One's own calendar for phones and Outlook: its private address made, ended, and opened."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from crm import clock
from crm.access import Right, load_actor
from crm.formats import say
from crm.visits.calendar import feeds
from crm.visits.calendar.queries import days_between
from crm.visits.calendar.whose import Whose, own_scope
from models import db
from views.calendar import ics_answer
from views.edge import settings
from views.guard import needs
from views.locale import ZH
from views.toasts import toast

blueprint = Blueprint("calendar_feeds", __name__)

# What a phone is told: enough to look back on, and a year ahead.
BACK, AHEAD = timedelta(days=62), timedelta(days=366)
# More of a day no phone shows.
IN_FEED = 40


@blueprint.post("/account/calendar-feeds")
@needs(Right.READ_LEADS)
def create() -> ResponseReturnValue:
    """Make an address; it is shown this once, and the one of before opens nothing any more."""
    secret = feeds.open_feed(current_user, now=clock.now())
    db.session.commit()
    path = url_for("calendar_feeds.show", secret=secret)
    return render_template("calendar_feeds/made.html", address=settings().base_url + path), 201


@blueprint.post("/account/calendar-feeds/revocations")
@needs(Right.READ_LEADS)
def revoke() -> ResponseReturnValue:
    """End the address."""
    feeds.end_feed(current_user.id, now=clock.now())
    db.session.commit()
    toast(_("日历地址已停用，手机上不再更新。"))
    return redirect(url_for("account.show"))


@blueprint.get("/calendar/<secret>.ics")
def show(secret: str) -> ResponseReturnValue:
    """The calendar of whose address it is, as they may see it today."""
    owner = feeds.owner_of(secret)
    today = clock.today()
    actor = load_actor(owner, today)
    scope = own_scope(actor)
    days = today - BACK, today + AHEAD
    # What was called off is said to be: a phone would keep what it merely does not find again.
    entries = (
        days_between(actor, Whose(scope), *days, IN_FEED, called_off=True).entries if scope else []
    )
    with force_locale(owner.locale or ZH):
        site = settings().site_name_en if owner.locale == "en" else settings().site_name_zh
        response = ics_answer(entries, f"{site} · {say(owner.name)}")
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.add_etag()
    return response.make_conditional(request)
