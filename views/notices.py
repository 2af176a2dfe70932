"""What was said to whoever is signed in: a page and a small panel of it, and that it was read."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.packing import unpack
from crm.reminders import notices
from crm.reminders.queries import PAGE
from models import db
from views.addresses import whole
from views.guard import actor, needs
from views.toasts import in_place, page_before, toast

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
@needs(Right.READ_TODAY)
def index() -> ResponseReturnValue:
    """The reminders of this person, the newest first; in a panel the first few."""
    panel = in_place()
    page = notices.notices_page(
        actor(),
        request.args.get("cursor"),
        clock.today(),
        notices.IN_PANEL if panel else PAGE,
    )
    template = "notices/_panel.html" if panel else "notices/index.html"
    return render_template(template, page=page, scope=None)


@blueprint.post("/notices/<int:number>/readings")
@needs(Right.READ_TODAY)
def read(number: int) -> ResponseReturnValue:
    """Open what one reminder is about; it is read with that."""
    lead, company = notices.open_notice(number, actor(), clock.now())
    db.session.commit()
    if lead is not None:
        return redirect(url_for("leads.show", public_id=lead))
    return redirect(url_for("companies.show", public_id=company))


@blueprint.post("/notices/<int:number>/targets")
@needs(Right.READ_TODAY)
def read_targets(number: int) -> ResponseReturnValue:
    """Open what a row of targets is of; all of it is read with that."""
    notices.open_targets(number, actor(), clock.now())
    db.session.commit()
    return redirect(url_for("notices.targets", number=number))


@blueprint.get("/notices/<int:number>/targets")
@needs(Right.READ_TODAY)
def targets(number: int) -> ResponseReturnValue:
    """The targets of which one rule reminded on one day."""
    told = notices.targets_told(number, actor(), request.args.get("cursor"))
    return render_template("notices/targets.html", told=told, number=number, say_of=unpack)


@blueprint.post("/notices/readings")
@needs(Right.READ_TODAY)
def read_all() -> ResponseReturnValue:
    """Everything that was shown, and what is older, is read."""
    last = request.form.get("last", 0, type=whole)
    n = notices.read_all(last, actor(), clock.now())
    db.session.commit()
    g.unread = 0
    toast(ngettext("%(num)s 条标为已读。", "%(num)s 条标为已读。", n) if n else _("没有新的提醒。"))
    return redirect(page_before() or url_for("notices.index"))
