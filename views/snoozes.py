"""稍后: a lead of Today put off until a day, and taken back."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, readable_lead
from crm.errors import NotFound
from crm.formats import say
from crm.leads import next_steps
from crm.leads.queries import page_options, short_name_of
from crm.messages import msg
from crm.reminders import later, snoozing
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from views.errors import wants_json
from views.forms.base import answer
from views.forms.snooze import SnoozeForm
from views.guard import actor, needs
from views.toasts import in_place, page_before, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("snoozes", __name__)

_KIND = "snooze"


@blueprint.get("/leads/<public_id>/snoozes/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """The days to choose from, as a page or in a sheet."""
    return _page(SnoozeForm(formdata=None), _lead(public_id))


@blueprint.post("/leads/<public_id>/snoozes")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Put the lead off until the day that was chosen."""
    form = SnoozeForm()
    if form.validate_on_submit():
        with form.refusals():
            made = snoozing.put_off(
                public_id, form.day, actor(), clock.now(), reason=form.reason.data
            )
            db.session.commit()
            toast(_said(made, short_name_of(public_id)), _way_back(public_id, made))
            return redirect(_back())
    return _page(form, _lead(public_id))


@blueprint.post("/leads/<public_id>/snoozes/reversals")
@needs(Right.WRITE_LEADS)
def reverse(public_id: str) -> ResponseReturnValue:
    """Take back what was just put off, or all that this person has set aside on the lead."""
    made = _made(public_id) if "was" in request.values else None
    snoozing.take_back(public_id, actor(), clock.now(), made=made)
    db.session.commit()
    if wants_json():
        return {"text": _("已撤销。")}, 201
    if made is None:
        toast(_("已放回今日。"))
    return redirect(_back())


def _said(made: snoozing.PutOff, name: str) -> str:
    day = made.until
    if made.step is None:
        return say(msg("%(name)s放到 %(day)s 再提醒。", name=name, day=day))
    return say(msg("%(name)s的下一步改到 %(day)s。", name=name, day=day))


def _way_back(public_id: str, made: snoozing.PutOff) -> str:
    was = sealed(_KIND, [public_id, made.until.isoformat(), made.snoozes, made.step, made.before])
    return url_for("snoozes.reverse", public_id=public_id, was=was, back=request.values.get("back"))


def _made(public_id: str) -> snoozing.PutOff:
    """What the request takes back, as its maker was told it."""
    of_lead, until, snoozes, step, before = unsealed(_KIND)
    if of_lead != public_id:
        raise NotFound
    return snoozing.PutOff(date.fromisoformat(until), snoozes, step, before)


def _lead(public_id: str) -> Lead:
    return readable_lead(actor(), public_id, *page_options())


def _back() -> str:
    return page_before() or url_for("today.show")


def _page(form: SnoozeForm, lead: Lead) -> ResponseReturnValue:
    today = clock.today()
    item = snoozing.item_of(lead, actor(), today)
    never = later.why_not(item, today) if item else msg("这条线索现在没有要提醒的。")
    last = later.last_day(item, today) if item and not never else today
    calendar = working_calendar(today, today + timedelta(days=30))
    return answer(
        form,
        "snoozes/_form.html" if in_place() else "snoozes/new.html",
        lead=lead,
        item=item,
        never=never,
        step=next_steps.open_next_step(lead) if item and later.to_move(item) else None,
        quick=[day for day in quick_days(calendar, today)[:2] if day.day <= last],
        first=today + timedelta(days=1),
        last=last,
        back=request.values.get("back", ""),
    )
