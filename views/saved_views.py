"""Saved views of the list of leads."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right
from crm.leads import views
from crm.leads.columns import codes_of
from crm.leads.filters import read_filter
from crm.leads.orders import sort_of
from crm.leads.views import Shown
from models import db
from models.saved_view import SavedView, Visibility
from views.forms.base import answer
from views.forms.saved_view import SavedViewForm
from views.guard import actor, needs
from views.lead_lists import asked_columns
from views.toasts import in_place, toast

blueprint = Blueprint("saved_views", __name__, url_prefix="/views")


@blueprint.get("/new")
@needs(Right.READ_LEADS)
def new() -> ResponseReturnValue:
    """The form, as a page or in a dialog; the list stands in the address."""
    form = SavedViewForm(formdata=None)
    form.visibility.data = Visibility.PRIVATE.value
    return _page(form)


@blueprint.post("")
@needs(Right.READ_LEADS)
def create() -> ResponseReturnValue:
    """Save the list in the address."""
    form = SavedViewForm()
    form.offer(actor())
    if form.validate_on_submit():
        with form.refusals():
            view = views.save_view(
                form.name.data, form.visibility.data or "", _shown(), actor(), clock.now()
            )
            db.session.commit()
            toast(_("已存为“%(name)s”。", name=view.name))
            return _opened(view)
    return _page(form)


@blueprint.get("/<public_id>/edit")
@needs(Right.READ_LEADS)
def edit(public_id: str) -> ResponseReturnValue:
    """The form of a view, as a page or in a dialog."""
    view = views.changeable_view(public_id, actor())
    form = SavedViewForm(formdata=None)
    form.name.data, form.visibility.data = view.name, view.visibility.value
    form.stamp(views.known_of(view))
    return _page(form, view)


@blueprint.post("/<public_id>")
@needs(Right.READ_LEADS)
def change(public_id: str) -> ResponseReturnValue:
    """Another name, other readers, or the list in the address."""
    view = views.changeable_view(public_id, actor())
    form = SavedViewForm()
    form.offer(actor(), view)
    if form.validate_on_submit():
        with form.refusals():
            shown = _shown() if form.take_over.data else None
            asked = form.visibility.data or ""
            view = views.change_view(
                public_id, form.name.data, asked, shown, actor(), form.has_read
            )
            db.session.commit()
            toast(form.saved(_("已保存。")))
            return _opened(view)
    return _page(form, views.changeable_view(public_id, actor()))


@blueprint.post("/<public_id>/removal")
@needs(Right.READ_LEADS)
def remove(public_id: str) -> ResponseReturnValue:
    """Take a view off the tabs, with a way back."""
    view = views.remove_view(public_id, actor(), clock.now())
    db.session.commit()
    toast(
        _("已删除视图“%(name)s”。", name=view.name),
        url_for("saved_views.restore", public_id=public_id),
    )
    return redirect(url_for("leads.index"))


@blueprint.post("/<public_id>/restoration")
@needs(Right.READ_LEADS)
def restore(public_id: str) -> ResponseReturnValue:
    """Put a view back."""
    view = views.restore_view(public_id, actor())
    db.session.commit()
    toast(_("已恢复“%(name)s”。", name=view.name))
    return _opened(view)


def _shown() -> Shown:
    """The list in the address."""
    return Shown(
        filter=read_filter(request.args, actor()).filter.as_args(),
        sort=sort_of(request.args.get("sort", "")),
        columns=codes_of(asked_columns(request.args)),
    )


def _opened(view: SavedView) -> ResponseReturnValue:
    return redirect(url_for("leads.index", view=view.public_id))


def _page(form: SavedViewForm, view: SavedView | None = None) -> ResponseReturnValue:
    form.offer(actor(), view)
    args: dict[str, Any] = request.args.to_dict()
    args.pop("view", None)
    fragment = in_place()
    return answer(
        form,
        "saved_views/_form.html" if fragment else "saved_views/edit.html",
        view=view,
        args=args,
    )
