"""Promises: the promise book; one made on a lead, kept, withdrawn, given another day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead
from crm.access.scopes import own_first
from crm.access.words import SCOPE_WORDS
from crm.companies.contacts import contacts_of
from crm.errors import Forbidden
from crm.formats import say, short_day
from crm.leads.queries import page_options
from crm.leads.to_do import could_do
from crm.promises import queries, service
from crm.promises.queries import BookFilter, Promised
from crm.promises.rules import SIDE_WORDS, STANDING_WORDS
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from views import export_links
from views.errors import wants_json
from views.forms.base import Form, answer
from views.forms.promise import PromiseDayForm, PromiseForm, WithdrawForm, who_could
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.scope_selects import scope_selects
from views.toasts import in_place, page_before, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("promises", __name__)


@blueprint.get("/promises")
@needs(Right.READ_LEADS)
def index() -> ResponseReturnValue:
    """The promise book: whose promises, and where they stand."""
    today = clock.today()
    wanted = queries.read_book_filter(request.args, actor())
    args = wanted.as_args()
    return render_template(
        "promises/index.html",
        page=queries.book_page(actor(), wanted, today, request.args.get("cursor")),
        total=queries.book_total(actor(), wanted, today),
        wanted=wanted,
        args=args,
        sides=[
            {"label": say(words), "url": _address(args, side=side), "active": side is wanted.side}
            for side, words in SIDE_WORDS.items()
        ],
        scopes=_scopes(wanted),
        selects=_selects(wanted, today),
        standing_words=STANDING_WORDS,
        files=export_links.of_list("exports.promises", **args),
        here=request.full_path.rstrip("?"),
        today=today,
        local_date=clock.local_date,
    )


@blueprint.get("/leads/<public_id>/promises/new")
@needs(Right.LOG_VISITS)
def new(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    return _page(PromiseForm(formdata=None, data={"who": "ours:"}), public_id)


@blueprint.post("/leads/<public_id>/promises")
@needs(Right.LOG_VISITS)
def create(public_id: str) -> ResponseReturnValue:
    """Write down what was promised."""
    readable_lead(actor(), public_id)
    form = PromiseForm()
    if form.validate_on_submit():
        with form.refusals():
            fresh = first_time(form.client_key.data)
            home = url_for("leads.show", public_id=public_id)
            if fresh:
                service.make(public_id, form.entry(), actor(), now=clock.now())
            db.session.commit()
            if wants_json():
                return received(form.client_key.data or public_id, home, fresh=fresh)
            toast(_("已记入承诺台账，到日子会提醒。"))
            return redirect(home)
    return _page(form, public_id)


@blueprint.post("/promises/<public_id>/completion")
@needs(Right.READ_LEADS)
def keep(public_id: str) -> ResponseReturnValue:
    """It was kept, with a way back."""
    if not first_time(request.form.get("client_key")):
        return received(public_id, url_for("promises.index"), fresh=False)
    lead = service.keep(public_id, actor(), now=clock.now())
    db.session.commit()
    if wants_json():
        return received(public_id, _back(lead), fresh=True)
    toast(_("记为做到了。"), _way_back("promises.reopen", public_id))
    return redirect(_back(lead))


@blueprint.post("/promises/<public_id>/reopening")
@needs(Right.READ_LEADS)
def reopen(public_id: str) -> ResponseReturnValue:
    """It was neither kept nor withdrawn after all."""
    lead = service.reopen(public_id, actor())
    db.session.commit()
    toast(_("承诺改回没做到。"))
    return redirect(_back(lead))


@blueprint.get("/promises/<public_id>/withdrawal/new")
@needs(Right.READ_LEADS)
def ask_why(public_id: str) -> ResponseReturnValue:
    """Asks why it does not hold any more."""
    return _of_one(WithdrawForm(formdata=None), _changeable(public_id), "withdraw")


@blueprint.post("/promises/<public_id>/withdrawal")
@needs(Right.READ_LEADS)
def withdraw(public_id: str) -> ResponseReturnValue:
    """It does not hold any more; it stays in the book with the reason."""
    form = WithdrawForm()
    if form.validate_on_submit():
        with form.refusals():
            lead = service.withdraw(public_id, form.reason.data, actor(), now=clock.now())
            db.session.commit()
            toast(_("承诺已收回。"), _way_back("promises.reopen", public_id))
            return redirect(_back(lead))
    return _of_one(form, _changeable(public_id), "withdraw")


@blueprint.get("/promises/<public_id>/days/new")
@needs(Right.READ_LEADS)
def another_day(public_id: str) -> ResponseReturnValue:
    """Asks for another day and why."""
    return _of_one(PromiseDayForm(formdata=None), _changeable(public_id), "day")


@blueprint.post("/promises/<public_id>/days")
@needs(Right.READ_LEADS)
def put_off(public_id: str) -> ResponseReturnValue:
    """Give it another day; with ``was``, back to the day it had."""
    if "was" in request.values:
        before, after = (date.fromisoformat(text) for text in unsealed(f"promise-{public_id}"))
        lead = service.put_back(public_id, before, after, actor(), now=clock.now())
        db.session.commit()
        toast(_("已撤销。"))
        return redirect(_back(lead))
    one, form = _changeable(public_id), PromiseDayForm()
    if form.validate_on_submit():
        with form.refusals():
            due_on, was_on = form.due_on.data, one.task.due_on
            lead = service.give_another_day(
                public_id, due_on, form.reason.data, actor(), now=clock.now()
            )
            db.session.commit()
            days = [day.isoformat() for day in (was_on, due_on) if day]
            undo = _way_back(
                "promises.put_off", public_id, was=sealed(f"promise-{public_id}", days)
            )
            toast(_("承诺改到 %(day)s。", day=short_day(due_on)), undo)
            return redirect(_back(lead))
    return _of_one(form, one, "day")


def _changeable(public_id: str) -> Promised:
    one = queries.readable_promise(public_id, actor())
    if not one.changeable:
        raise Forbidden
    return one


def _of_one(form: Form, one: Promised, what: str) -> ResponseReturnValue:
    """The form about one promise, as a page or in a dialog."""
    today = clock.today()
    return answer(
        form,
        f"promises/_{what}.html" if in_place() else f"promises/{what}.html",
        one=one,
        back=page_before() or url_for("leads.show", public_id=one.lead),
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
    )


def _page(form: PromiseForm, public_id: str) -> ResponseReturnValue:
    lead = readable_lead(actor(), public_id, *page_options())
    today = clock.today()
    mates = could_do(lead, today)
    form.who.choices = who_could(
        [(one.public_id, one.name) for one in mates if one.id != actor().id],
        lead.company,
        contacts_of(lead.company_id),
    )
    return answer(
        form,
        "promises/_form.html" if in_place() else "promises/new.html",
        lead=lead,
        title=title_of(lead),
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
    )


def _way_back(endpoint: str, public_id: str, **more: Any) -> str:
    return url_for(endpoint, public_id=public_id, back=page_before(), **more)


def _back(lead: Lead) -> str:
    return page_before() or url_for("leads.show", public_id=lead.public_id, _anchor="promises")


def _address(args: dict[str, str], **changed: Any) -> str:
    values: dict[str, Any] = {**args, **changed}
    return url_for("promises.index", **values)


def _scopes(wanted: BookFilter) -> list[dict[str, Any]]:
    kept = {"side": wanted.side.value, "standing": wanted.standing.value}
    return [
        {
            "label": say(SCOPE_WORDS[scope]),
            "url": _address(kept, scope=scope.value),
            "active": scope is wanted.scope,
        }
        for scope in own_first(actor())
    ]


def _selects(wanted: BookFilter, today: date) -> list[dict[str, Any]]:
    standing = {
        "name": "standing",
        "label": _("状态"),
        "options": [(key.value, say(words)) for key, words in STANDING_WORDS.items()],
        "chosen": wanted.standing.value,
        "plain": True,
    }
    narrower = scope_selects(
        wanted.scope, today, team=wanted.team, person=wanted.person, park=wanted.park
    )
    return [standing, *narrower]
