"""The next step of a lead: set, put off, done."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from crm import clock
from crm.access import Right
from crm.errors import Conflict, NotFound, Refusal
from crm.formats import short_day
from crm.leads import next_steps
from crm.leads.cards import words_of
from crm.leads.moves import locked_lead
from crm.leads.queries import titled_lead
from crm.leads.step_history import step_history
from crm.messages import msg
from crm.visits.queries import recent_leads
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from crm.working_days.rules import QuickDay
from models import db
from models.lead import Lead
from models.task import Task
from views.errors import wants_json
from views.forms.base import answer
from views.forms.next_step import ChosenStepForm, NextStepForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.toasts import asked_on_board, in_place, page_before, toast, told_board, told_page
from views.why import why_of

blueprint = Blueprint("next_steps", __name__)

UNDO_SECONDS = 600
# What a clock says of the next step itself.
STEP_LATE = frozenset({"overdue", "due_today"})


@blueprint.get("/leads/<public_id>/next-steps")
@needs(Right.READ_LEADS)
def index(public_id: str) -> ResponseReturnValue:
    """What became of the lead's next steps, as a page or in a dialog."""
    changes = step_history(public_id, actor())
    lead = titled_lead(actor(), public_id)
    template = "next_steps/_history.html" if in_place() else "next_steps/index.html"
    return render_template(template, lead=lead, title=title_of(lead), changes=changes)


@blueprint.get("/leads/<public_id>/next-steps/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog: 稍后 asks for a day, the words are there already."""
    lead = titled_lead(actor(), public_id)
    step = next_steps.open_next_step(lead)
    known = {"next_step": step.text if step else _("再联系")}
    if _here() and step:
        known = {"next_step": step.text, "next_step_on": step.due_on}
    form = NextStepForm(data=known | {"client_key": secrets.token_hex(12)})
    form.stamp(next_steps.known_of(step))
    return _page(form, lead)


@blueprint.post("/leads/<public_id>/next-steps")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Set the next step; the open one is put off when its words stay, else replaced."""
    lead = locked_lead(public_id, actor())
    form = NextStepForm()
    if form.validate_on_submit():
        with form.refusals():
            return _save(lead, form)
    return _page(form, titled_lead(actor(), public_id))


@blueprint.get("/next-steps/new")
@needs(Right.WRITE_LEADS)
def blank() -> ResponseReturnValue:
    """The form from nowhere: a phone keeps it for leads that it holds no page of."""
    lead, key = request.args.get("lead", ""), secrets.token_hex(12)
    form = ChosenStepForm(data={"lead": lead, "client_key": key})
    return _blank(form)


@blueprint.post("/next-steps")
@needs(Right.WRITE_LEADS)
def create_chosen() -> ResponseReturnValue:
    """Set the next step of the lead that was chosen in the form."""
    form = ChosenStepForm()
    if form.validate_on_submit():
        lead = locked_lead(str(form.lead.data), actor())
        with form.refusals():
            return _save(lead, form)
    return _blank(form)


@blueprint.post("/next-steps/<public_id>/completions")
@needs(Right.WRITE_LEADS)
def complete(public_id: str) -> ResponseReturnValue:
    """The next step is done."""
    if not first_time(request.form.get("client_key")):
        return received(public_id, url_for("today.show"), fresh=False)
    lead, _step = next_steps.locked_step(public_id, actor())
    step = next_steps.finish_next_step(lead, now=clock.now())
    db.session.commit()
    if wants_json():
        return received(public_id, url_for("leads.show", public_id=lead.public_id), fresh=True)
    back = request.values.get("back") or None
    toast(_("下一步已办好。接下来做什么？"), _reversal(lead, None, step, back))
    return redirect(_back(lead))


@blueprint.post("/leads/<public_id>/next-steps/reversals")
@needs(Right.WRITE_LEADS)
def reverse(public_id: str) -> ResponseReturnValue:
    """Take back what was just set or done: the step of before is the next one again."""
    lead = locked_lead(public_id, actor())
    standing, before = _steps_of(public_id)
    step = next_steps.open_next_step(lead)
    if (step.id if step else None) != standing:
        raise Conflict(msg("之后又改过下一步，不能撤销了。请看最新情况。"))
    next_steps.bring_back(lead, before, now=clock.now())
    db.session.commit()
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    if _here():
        return _shown(lead, next_steps.open_next_step(lead), _("已撤销。"), None)
    return redirect(_back(lead))


@blueprint.post("/next-steps/<public_id>/dates")
@needs(Right.WRITE_LEADS)
def put_off(public_id: str) -> ResponseReturnValue:
    """Another day for the same next step; with ``was``, the way back to the day it had."""
    lead, _step = next_steps.locked_step(public_id, actor())
    if "was" in request.values:
        next_steps.put_back(lead, _day_before(public_id), now=clock.now())
        db.session.commit()
        if wants_json():
            return jsonify(text=_("已撤销。")), 201
        return redirect(_back(lead))
    try:
        due_on = date.fromisoformat(request.values.get("next_step_on", ""))
    except ValueError:
        raise Refusal({"next_step_on": [msg("请给下一步选一个日期。")]}) from None
    next_steps.reschedule(lead, due_on, now=clock.now())
    db.session.commit()
    toast(_("下一步改到 %(day)s。", day=short_day(due_on)))
    return redirect(_back(lead))


def _save(lead: Lead, form: NextStepForm) -> ResponseReturnValue:
    """Set the step and answer where the form was opened; the same form sent again sets nothing."""
    before = next_steps.open_next_step(lead)
    was = (before.text, before.due_on) if before else None
    fresh = first_time(form.client_key.data)
    step = _set(lead, form) if fresh else before
    db.session.commit()
    said = form.saved(_put_off_words(step))
    undo = _way_back(lead, step, before, was) if fresh else None
    if wants_json():
        url = url_for("leads.show", public_id=lead.public_id)
        known = step.public_id if step else lead.public_id
        return jsonify(id=known, created=fresh, url=url), 201 if fresh else 200
    if _here():
        return _shown(lead, step, said, undo)
    if asked_on_board():
        return told_board(lead.public_id, said, undo)
    toast(said, undo)
    return redirect(_back(lead))


def _blank(form: ChosenStepForm) -> ResponseReturnValue:
    form.lead.offer((lead.public_id, title_of(lead)) for lead in recent_leads(actor()))
    return answer(form, "next_steps/blank.html", quick=_quick(), today=clock.today())


def _set(lead: Lead, form: NextStepForm) -> Task | None:
    if form.next_step_on.data is None:
        raise Refusal({"next_step_on": [msg("请给下一步选一个日期。")]})
    return next_steps.change_next_step(
        lead,
        form.next_step.data,
        form.next_step_on.data,
        now=clock.now(),
        by=actor().id,
        read=form.has_read,
    )


def _put_off_words(step: Task | None) -> str:
    if step is None:
        return str(_("现在没有下一步。"))
    assert step.due_on  # noqa: S101 (a step that was just set has a day)
    return str(_("下一步定在 %(day)s。", day=short_day(step.due_on)))


def _way_back(
    lead: Lead, step: Task | None, before: Task | None, was: tuple[str, date | None] | None
) -> str | None:
    """To the earlier day of the same step, or to the step that stood there before."""
    if step is None:
        return None
    back = request.values.get("back") or None
    if before is step and was:
        if was[1] is None:
            return None
        day = _signer().dumps([step.public_id, was[1].isoformat()])
        return url_for("next_steps.put_off", public_id=step.public_id, was=day, back=back)
    return _reversal(lead, step, before, back)


def _reversal(lead: Lead, now: Task | None, before: Task | None, back: str | None) -> str:
    """The address that brings the step of before back, while the present one still stands."""
    keys = [task.id if task else None for task in (now, before)]
    was = _signer().dumps([lead.public_id, *keys])
    return url_for("next_steps.reverse", public_id=lead.public_id, was=was, back=back)


def _signer() -> URLSafeTimedSerializer:
    """Vouches for the day a step had: an overdue one may go back to it, none may be set to it."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="next-step-was")


def _day_before(step_id: str) -> date:
    try:
        of_step, day = _signer().loads(request.values["was"], max_age=UNDO_SECONDS)
    except BadSignature:
        raise Refusal({"next_step_on": [msg("已经过了撤销的时间，请重新选日期。")]}) from None
    if of_step != step_id:
        raise NotFound
    return date.fromisoformat(day)


def _steps_of(lead_id: str) -> tuple[int | None, int | None]:
    """The keys of the step that was set, and of the one before it."""
    try:
        of_lead, standing, before = _signer().loads(
            request.values.get("was", ""), max_age=UNDO_SECONDS
        )
    except (BadSignature, ValueError):
        raise Refusal({}, msg("已经过了撤销的时间，请在页面上改回来。")) from None
    if of_lead != lead_id:
        raise NotFound
    return standing, before


def _back(lead: Lead) -> str:
    if request.values.get("back") == "today":
        return url_for("today.show")
    return page_before() or url_for("leads.show", public_id=lead.public_id)


def _here() -> bool:
    """Whether the step is changed where it stands on the lead's page."""
    return in_place() and "here" in request.values


def _shown(lead: Lead, step: Task | None, text: str, undo: str | None) -> ResponseReturnValue:
    """The step as it is now, in its place; the way back leads there too."""
    words = words_of(lead, None, clock.today(), step.text if step else "")
    word = next((word for word in words if word.kind in STEP_LATE), None)
    why = why_of(word, lead.public_id)
    shown = render_template("next_steps/_shown.html", lead=lead, step=step, word=word, why=why)
    return told_page(shown, text, f"{undo}&here=1" if undo else None)


def _page(form: NextStepForm, lead: Lead) -> ResponseReturnValue:
    return answer(
        form,
        "next_steps/_form.html" if in_place() else "next_steps/new.html",
        lead=lead,
        back=request.values.get("back", ""),
        on_board=asked_on_board(),
        here=_here(),
        quick=_quick(),
        today=clock.today(),
    )


def _quick() -> list[QuickDay]:
    """The days that people reach for."""
    today = clock.today()
    return quick_days(working_calendar(today, today + timedelta(days=30)), today)
