"""Links of mails that act without a sign-in: a page to confirm, then the deed, once, with undo.

Their signature stands for the session and for the form's token alike: who has the link may do the
one thing that it is for, and no foreign page can make one up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm import audit, clock
from crm.access.sign_in import allowance, note_attempt
from crm.errors import CrmError, NotFound
from crm.messages import msg
from crm.reminders import by_mail
from crm.reminders.by_mail import Carried, LinkChanged, Purpose
from crm.reminders.later import FURTHEST
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.enums import Via
from views.forms.base import answer
from views.forms.snooze import SnoozeForm

T = TypeVar("T")

blueprint = Blueprint("mail_links", __name__, url_prefix="/by-mail")


class TooMany(CrmError):
    """Wrong links came from one place too often (429)."""

    code = "too_many"
    status = 429


@blueprint.record
def _without_form_token(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined]
    app.extensions["csrf"].exempt(blueprint)


@blueprint.get("/<purpose>/<word>")
def show(purpose: str, word: str) -> ResponseReturnValue:
    """Ask whether it is meant; a scanner that follows the link changes nothing."""
    what, now = _purpose(purpose), clock.now()
    try:
        matter = by_mail.look(what, word, now)
    except CrmError as error:
        return _ended(error)
    return _asked(what, word, matter, _form(offered=True))


@blueprint.post("/<purpose>/<word>")
def act(purpose: str, word: str) -> ResponseReturnValue:
    """Do it, as the person whom the link names; a day that will not do is asked for again."""
    what, now, form = _purpose(purpose), clock.now(), _form()

    def deed() -> Carried:
        if what is Purpose.DONE:
            return by_mail.done(word, now)
        return by_mail.later(word, form.day, now, reason=form.reason.data or "")

    made = None
    try:
        if what is Purpose.DONE or form.validate():
            with form.refusals():
                made = _as_its_person(what, word, deed)
        if made is None:
            return _asked(what, word, by_mail.look(what, word, now), form)
    except CrmError as error:
        return _ended(error)
    return render_template(
        "mail_links/made.html",
        said=made.said,
        undo_url=url_for("mail_links.reverse", purpose=what.value, word=made.undo),
        lead_url=url_for("leads.show", public_id=made.lead),
    )


@blueprint.post("/<purpose>/<word>/reversals")
def reverse(purpose: str, word: str) -> ResponseReturnValue:
    """Take back what a link did."""
    what = _purpose(purpose)
    try:
        _as_its_person(f"undo {what}", word, lambda: by_mail.take_back(what, word, clock.now()))
    except CrmError as error:
        return _ended(error)
    return render_template("mail_links/made.html", said=msg("已撤销。"), undo_url=None)


def _as_its_person(purpose: str, word: str, deed: Callable[[], T]) -> T:
    """Do it in one transaction that is theirs in the trail; wrong links are counted."""
    now, address = clock.now(), request.remote_addr or ""
    counted = f"link {address}"
    if allowance(counted, address, now).blocked:
        raise TooMany(msg("错的次数太多，请 15 分钟后再试。"))
    try:
        person = by_mail.whose(purpose, word, now)
    except LinkChanged:
        note_attempt(counted, address, now, succeeded=False)
        db.session.commit()
        raise
    with audit.acting(person, Via.MAIL, request_id=g.request_id):
        found = deed()
        db.session.commit()
    return found


def _asked(
    what: Purpose, word: str, matter: by_mail.Matter, form: SnoozeForm
) -> ResponseReturnValue:
    today = clock.today()
    calendar = working_calendar(today, today + timedelta(days=30))
    return answer(
        form,
        "mail_links/show.html",
        matter=matter,
        first=today + timedelta(days=1),
        last=today + FURTHEST,
        here=url_for("mail_links.act", purpose=what.value, word=word),
        quick=quick_days(calendar, today) if what is Purpose.LATER else [],
    )


def _ended(error: CrmError) -> ResponseReturnValue:
    db.session.rollback()
    return render_template("mail_links/ended.html", error=error), error.status


def _purpose(purpose: str) -> Purpose:
    try:
        return Purpose(purpose)
    except ValueError:
        raise NotFound from None


def _form(*, offered: bool = False) -> SnoozeForm:
    """Until when and why; the word in the address is its token."""
    meta = {"csrf": False}
    return SnoozeForm(formdata=None, meta=meta) if offered else SnoozeForm(meta=meta)
