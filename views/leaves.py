"""My leave, and who is reminded in my place."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.errors import Conflict
from crm.formats import say, short_day
from crm.messages import msg
from crm.reminders.leaves import service
from crm.reminders.leaves.queries import could_stand_in
from crm.reminders.leaves.rules import LONGEST
from models import db
from views.forms.base import answer
from views.forms.reminder_setting import LeaveForm
from views.guard import actor, needs
from views.toasts import toast, toast_refusal

blueprint = Blueprint("leaves", __name__)


@blueprint.get("/notices/leaves/new")
@needs(Right.READ_TODAY)
def new() -> ResponseReturnValue:
    """The days and the deputy to fill in."""
    return _page(LeaveForm(formdata=None))


@blueprint.post("/notices/leaves")
@needs(Right.READ_TODAY)
def create() -> ResponseReturnValue:
    """Take a leave down."""
    form = LeaveForm()
    if form.validate_on_submit():
        with form.refusals():
            leave = service.take_leave(actor().id, form.entry(), clock.now())
            said = msg(
                "休假登记了。%(first)s 到 %(last)s 的提醒发给%(deputy)s。",
                first=short_day(leave.from_on),
                last=short_day(leave.to_on),
                deputy=leave.deputy.name,
            )
            db.session.commit()
            toast(say(said))
            return redirect(url_for("reminder_settings.show", _anchor="leaves"))
    return _page(form)


@blueprint.post("/notices/leaves/<public_id>/endings")
@needs(Right.READ_TODAY)
def end(public_id: str) -> ResponseReturnValue:
    """Back from today on; or not away at all."""
    leave, last = service.end_leave(public_id, actor().id, clock.now())
    db.session.commit()
    undo = url_for("leaves.restore", public_id=leave.public_id, to_on=last.isoformat())
    toast(_("休假取消了，从今天起提醒照常发给您。"), undo)
    return redirect(url_for("reminder_settings.show", _anchor="leaves"))


@blueprint.post("/notices/leaves/<public_id>/restorations")
@needs(Right.READ_TODAY)
def restore(public_id: str) -> ResponseReturnValue:
    """Away again, until the day that stood there before."""
    try:
        leave = service.restore_leave(public_id, actor().id, _last_day(), clock.now())
    except Conflict as conflict:
        toast_refusal(conflict)
    else:
        said = _(
            "休假恢复了，%(last)s 前的提醒发给%(deputy)s。",
            last=short_day(leave.to_on),
            deputy=leave.deputy.name,
        )
        db.session.commit()
        toast(said)
    return redirect(url_for("reminder_settings.show", _anchor="leaves"))


def _last_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("to_on", ""))
    except ValueError:
        return None


def _page(form: LeaveForm) -> ResponseReturnValue:
    today = clock.today()
    form.offer(could_stand_in(actor(), today))
    return answer(form, "leaves/new.html", first=today, last=today + LONGEST)
