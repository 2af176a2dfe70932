"""Directives on a lead: given by managers and its liaison leader, answered, taken back."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead, writers_of
from crm.errors import Forbidden
from crm.formats import short_day
from crm.leads import directives
from crm.leads.queries import page_options
from crm.messages import msg
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from models.user import User
from views.errors import wants_json
from views.forms.base import answer as answer_form
from views.forms.talk import AnswerForm, DirectiveDayForm, DirectiveForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.toasts import in_place, toast

blueprint = Blueprint("directives", __name__)


@blueprint.get("/leads/<public_id>/directives/new")
@needs(Right.DIRECT)
def new(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog; the owner is to answer unless another is chosen."""
    lead = _lead(public_id)
    return _page(DirectiveForm(formdata=None, data={"to": lead.owner.public_id}), lead)


@blueprint.post("/leads/<public_id>/directives")
@needs(Right.DIRECT)
def create(public_id: str) -> ResponseReturnValue:
    """Ask for an answer by a day."""
    lead = _lead(public_id)
    form = DirectiveForm()
    if form.validate_on_submit():
        with form.refusals():
            if not first_time(form.client_key.data):
                return received(public_id, url_for("leads.show", public_id=public_id), fresh=False)
            task = directives.give(
                public_id,
                form.text.data,
                form.due_on.data,
                form.to.data or "",
                actor(),
                now=clock.now(),
            )
            db.session.commit()
            assert task.due_on  # noqa: S101 (a directive has a day)
            undo = url_for("directives.retract", public_id=task.public_id)
            toast(_("已下批示，请在 %(day)s前回复。", day=short_day(task.due_on)), undo)
            return redirect(url_for("leads.show", public_id=public_id))
        lead = _lead(public_id)
    return _page(form, lead)


@blueprint.post("/directives/<public_id>/answers")
@needs(Right.READ_LEADS)
def answer(public_id: str) -> ResponseReturnValue:
    """Say where the matter stands; the directive is done."""
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusals():
            if not first_time(form.client_key.data):
                return received(public_id, url_for("today.show"), fresh=False)
            lead = directives.answer(public_id, form.answer.data, actor(), now=clock.now())
            db.session.commit()
            home = url_for("leads.show", public_id=lead.public_id)
            if wants_json():
                return received(public_id, home, fresh=True)
            toast(_("已回复。"))
            return redirect(home)
    return answer_form(
        form, "directives/answer.html", one=directives.readable_directive(public_id, actor())
    )


@blueprint.get("/directives/<public_id>/days/new")
@needs(Right.DIRECT)
def another_day(public_id: str) -> ResponseReturnValue:
    """Asks for another day and why, as a page or in a dialog."""
    return _day_page(DirectiveDayForm(formdata=None), public_id)


@blueprint.post("/directives/<public_id>/days")
@needs(Right.DIRECT)
def put_off(public_id: str) -> ResponseReturnValue:
    """Give it another day; the one it had stays in sight."""
    form = DirectiveDayForm()
    if form.validate_on_submit():
        with form.refusals():
            due_on, reason = form.due_on.data, form.reason.data or ""
            lead = directives.give_another_day(public_id, due_on, reason, actor(), now=clock.now())
            db.session.commit()
            toast(_("批示改到 %(day)s前回复。", day=short_day(due_on)))
            return redirect(url_for("leads.show", public_id=lead.public_id))
    return _day_page(form, public_id)


@blueprint.post("/directives/<public_id>/withdrawal")
@needs(Right.DIRECT)
def retract(public_id: str) -> ResponseReturnValue:
    """Take it back while nobody has answered."""
    lead = directives.retract(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(_("批示已收回。"), url_for("directives.restore", public_id=public_id))
    return redirect(url_for("leads.show", public_id=lead.public_id))


@blueprint.post("/directives/<public_id>/restoration")
@needs(Right.DIRECT)
def restore(public_id: str) -> ResponseReturnValue:
    """Ask again for what was taken back."""
    lead = directives.restore(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(_("批示已恢复。"))
    return redirect(url_for("leads.show", public_id=lead.public_id))


def _lead(public_id: str) -> Lead:
    lead = readable_lead(actor(), public_id, *page_options())
    if not directives.may_direct(lead, actor()):
        raise Forbidden
    return lead


def _page(form: DirectiveForm, lead: Lead) -> ResponseReturnValue:
    today = clock.today()
    form.to.choices = [(user.public_id, _named(user, lead)) for user in writers_of(lead, today)]
    return answer_form(
        form,
        "directives/_form.html" if in_place() else "directives/new.html",
        lead=lead,
        title=title_of(lead),
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
    )


def _day_page(form: DirectiveDayForm, public_id: str) -> ResponseReturnValue:
    one = directives.readable_directive(public_id, actor())
    if not one.retractable:
        raise Forbidden(msg("只有下批示的人能改期。"))
    today = clock.today()
    return answer_form(
        form,
        "directives/_day.html" if in_place() else "directives/day.html",
        one=one,
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
    )


def _named(user: User, lead: Lead) -> str:
    return _("%(name)s（负责人）", name=user.name) if user.id == lead.owner_id else user.name
