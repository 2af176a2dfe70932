"""Changes of many leads: prepared from the list, previewed, applied, undone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Actor, Right
from crm.errors import Conflict, Refusal
from crm.leads import bulk
from crm.leads.bulk_queries import BulkPage, bulk_page
from crm.leads.bulk_values import BulkChange
from crm.leads.filters import read_filter
from crm.messages import msg
from crm.working_days import HOLDS, hold_days, quick_days
from crm.working_days.queries import working_calendar
from models import db
from models.bulk_edit import BulkEdit, BulkKind, BulkState, LineState
from models.enums import Role
from views.addresses import kept
from views.forms.base import answer
from views.forms.bulk_edit import BulkEditForm
from views.guard import actor, needs
from views.toasts import toast, toast_refusal

blueprint = Blueprint("bulk_edits", __name__, url_prefix="/bulk-edits")


def kinds(who: Actor) -> list[tuple[str, str]]:
    """What the bar over the list offers; who may not hand leads over is not offered it."""
    found = [
        (BulkKind.OWNER.value, _("移交")),
        (BulkKind.TASK.value, _("加待办")),
        (BulkKind.PLACE.value, _("改意向地")),
        (BulkKind.STEP.value, _("定下一步")),
        (BulkKind.STEP_DAY.value, _("改下一步日期")),
        (BulkKind.HOLD.value, _("暂缓")),
    ]
    return found if who.role in {Role.TEAM_LEAD, Role.MANAGER} else found[1:]


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def create() -> ResponseReturnValue:
    """Begin with the rows that were chosen, or with all that the list in the address shows."""
    wanted = read_filter(request.args, actor()).filter
    try:
        kind = _kind(request.form.get("kind", ""))
        if request.form.get("all"):
            batch = bulk.choose_all(wanted, kind, actor(), clock.now())
        else:
            batch = bulk.choose(request.form.getlist("lead", type=kept), kind, actor(), clock.now())
    except Refusal as refused:
        toast_refusal(refused)
        args: dict[str, Any] = dict(wanted.as_args())
        return redirect(url_for("leads.index", **args))
    db.session.commit()
    return redirect(url_for("bulk_edits.show", public_id=batch.public_id))


def _kind(text: str) -> BulkKind:
    if text not in set(BulkKind):
        raise Refusal({}, msg("请先选要改什么。"))
    return BulkKind(text)


@blueprint.get("/<public_id>")
@needs(Right.WRITE_LEADS)
def show(public_id: str) -> ResponseReturnValue:
    """What is asked for, and what it does, would do or did to each lead."""
    found = bulk_page(public_id, actor())
    form = BulkEditForm(formdata=None)
    form.only(found.batch.kind, actor(), clock.today())
    form.show(BulkChange.from_json(found.batch.change))
    return _page(form, found)


@blueprint.post("/<public_id>/preview")
@needs(Right.WRITE_LEADS)
def preview(public_id: str) -> ResponseReturnValue:
    """See what the change would do, lead by lead."""
    batch = bulk.own_batch(public_id, actor())
    form = BulkEditForm()
    form.only(batch.kind, actor(), clock.today())
    if form.validate_on_submit():
        try:
            with form.refusals():
                bulk.preview(public_id, form.change(), actor(), clock.now())
                db.session.commit()
                return _back(public_id)
        except Conflict as conflict:
            return _said(public_id, conflict)
    return _page(form, bulk_page(public_id, actor()))


@blueprint.post("/<public_id>/application")
@needs(Right.WRITE_LEADS)
def apply(public_id: str) -> ResponseReturnValue:
    """Change the leads."""
    try:
        batch = bulk.apply(public_id, actor(), clock.now())
    except Conflict as conflict:
        return _said(public_id, conflict)
    done = _count(batch, LineState.APPLIED)
    db.session.commit()
    undo = url_for("bulk_edits.reverse", public_id=public_id) if done else None
    toast(ngettext("已改 %(num)s 条。", "已改 %(num)s 条。", done), undo)
    return _back(public_id)


@blueprint.post("/<public_id>/reversal")
@needs(Right.WRITE_LEADS)
def reverse(public_id: str) -> ResponseReturnValue:
    """Put back what the batch changed."""
    try:
        batch = bulk.undo(public_id, actor(), clock.now())
    except Conflict as conflict:
        return _said(public_id, conflict)
    done, left = _count(batch, LineState.UNDONE), _count(batch, LineState.KEPT)
    db.session.commit()
    text = ngettext("已撤销 %(num)s 条。", "已撤销 %(num)s 条。", done)
    if left:
        text += ngettext("%(num)s 条没有动，原因见下。", "%(num)s 条没有动，原因见下。", left)
    toast(text)
    return _back(public_id)


def _count(batch: BulkEdit, state: LineState) -> int:
    return bulk.counts(batch).get(state, 0)


def _back(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("bulk_edits.show", public_id=public_id))


def _said(public_id: str, conflict: Conflict) -> ResponseReturnValue:
    toast_refusal(conflict)
    return _back(public_id)


def _page(form: BulkEditForm, found: BulkPage) -> ResponseReturnValue:
    today = clock.today()
    calendar = working_calendar(today, today + HOLDS)
    return answer(
        form,
        "bulk_edits/show.html",
        batch=found.batch,
        page=found,
        heading=dict(kinds(actor())).get(found.batch.kind.value, _("移交")),
        hands_over=found.batch.kind is BulkKind.OWNER,
        quick=quick_days(calendar, today),
        hold=hold_days(calendar, today),
        today=today,
        BulkState=BulkState,
        LineState=LineState,
    )
