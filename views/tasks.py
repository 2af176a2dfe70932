"""Tasks beside a lead's next step: set, done, withdrawn, put on another day."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, writable_lead
from crm.formats import short_day
from crm.leads import to_do
from crm.leads.queries import page_options
from crm.working_days import quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.lead import Lead
from models.task import Task
from views.errors import wants_json
from views.forms.base import Form, answer
from views.forms.task import TaskDayForm, TaskForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.once import first_time, received
from views.toasts import in_place, page_before, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/leads/<public_id>/tasks/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """The form, as a page or in a dialog."""
    lead = _lead(public_id)
    return _page(TaskForm(formdata=None, data={"assignee": lead.owner.public_id}), lead)


@blueprint.post("/leads/<public_id>/tasks")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Set a task."""
    _lead(public_id)
    form = TaskForm()
    if form.validate_on_submit():
        with form.refusals():
            if not first_time(form.client_key.data):
                return received(form.client_key.data or "", _page_of(public_id), fresh=False)
            task = to_do.assign(public_id, form.entry(), actor(), now=clock.now())
            db.session.commit()
            if wants_json():
                return received(task.public_id, _page_of(public_id), fresh=True)
            toast(
                _("待办已记下，到日子会提醒要办的人。"),
                url_for("tasks.withdraw", public_id=task.public_id),
            )
            return redirect(_page_of(public_id))
    return _page(form, _lead(public_id))


@blueprint.post("/tasks/<public_id>/completion")
@needs(Right.READ_LEADS)
def complete(public_id: str) -> ResponseReturnValue:
    """It is done, with a way back; one that comes back says when."""
    if not first_time(request.form.get("client_key")):
        return received(public_id, url_for("today.show"), fresh=False)
    done = to_do.finish(public_id, actor(), now=clock.now())
    lead_id, following = done.lead.public_id, done.next
    db.session.commit()
    if wants_json():
        return received(public_id, _page_of(lead_id), fresh=True)
    said = (
        _("待办已办好，下一次在 %(day)s。", day=short_day(following.due_on))
        if following and following.due_on
        else _("待办已办好。")
    )
    toast(said, url_for("tasks.reopen", public_id=public_id, back=page_before()))
    return redirect(_page_of(lead_id))


@blueprint.post("/tasks/<public_id>/reopening")
@needs(Right.READ_LEADS)
def reopen(public_id: str) -> ResponseReturnValue:
    """It is to be done after all."""
    lead = to_do.reopen(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(_("已改回要办。"))
    return redirect(_page_of(lead.public_id))


@blueprint.post("/tasks/<public_id>/withdrawal")
@needs(Right.READ_LEADS)
def withdraw(public_id: str) -> ResponseReturnValue:
    """It need not be done, with a way back."""
    lead = to_do.withdraw(public_id, actor(), now=clock.now())
    db.session.commit()
    toast(
        _("待办已撤掉，也不再重复。"),
        url_for("tasks.reopen", public_id=public_id, back=page_before()),
    )
    return redirect(_page_of(lead.public_id))


@blueprint.get("/tasks/<public_id>/day")
@needs(Right.READ_LEADS)
def edit_day(public_id: str) -> ResponseReturnValue:
    """Asks for another day."""
    task, lead = to_do.changeable_task(public_id, actor())
    return _day_page(TaskDayForm(formdata=None, data={"due_on": task.due_on}), task, lead)


@blueprint.post("/tasks/<public_id>/day")
@needs(Right.READ_LEADS)
def update_day(public_id: str) -> ResponseReturnValue:
    """Put it on another working day; with ``was``, back on the day it had."""
    way = f"task-{public_id}"
    if "was" in request.values:
        before, after = (date.fromisoformat(text) for text in unsealed(way))
        lead = to_do.put_back(public_id, before, after, actor(), now=clock.now())
        db.session.commit()
        toast(_("已撤销。"))
        return redirect(_page_of(lead.public_id))
    task, lead = to_do.changeable_task(public_id, actor())
    form, was_on = TaskDayForm(), task.due_on
    if form.validate_on_submit():
        with form.refusals():
            due_on = form.due_on.data
            to_do.move(public_id, due_on, actor(), now=clock.now())
            assert due_on  # noqa: S101 (the service refuses none)
            lead_id = lead.public_id
            db.session.commit()
            undo = None
            if was_on and was_on != due_on:
                days = sealed(way, [was_on.isoformat(), due_on.isoformat()])
                undo = url_for(
                    "tasks.update_day", public_id=public_id, was=days, back=page_before()
                )
            toast(_("待办改到 %(day)s。", day=short_day(due_on)), undo)
            return redirect(_page_of(lead_id))
        task, lead = to_do.changeable_task(public_id, actor())
    return _day_page(form, task, lead)


def _lead(public_id: str) -> Lead:
    return writable_lead(actor(), public_id, *page_options())


def _page_of(lead_id: str) -> str:
    return page_before() or url_for("leads.show", public_id=lead_id, _anchor="tasks")


def _page(form: TaskForm, lead: Lead) -> ResponseReturnValue:
    people = to_do.could_do(lead, clock.today())
    form.assignee.choices = [
        (
            one.public_id,
            _("%(name)s（负责人）", name=one.name) if one.id == lead.owner_id else one.name,
        )
        for one in people
    ]
    return _answer(form, "form", "new", lead=lead, title=title_of(lead))


def _day_page(form: TaskDayForm, task: Task, lead: Lead) -> ResponseReturnValue:
    back = page_before() or url_for("leads.show", public_id=lead.public_id)
    return _answer(form, "day", "day", task=task, lead=lead, back=back)


def _answer(form: Form, part: str, whole: str, **context: object) -> ResponseReturnValue:
    today = clock.today()
    return answer(
        form,
        f"tasks/_{part}.html" if in_place() else f"tasks/{whole}.html",
        quick=quick_days(working_calendar(today, today + timedelta(days=30)), today),
        **context,
    )
