"""The trash: what lies in it is found and brought back; the administrator purges."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import current_user

from crm import clock
from crm.access import Right, allowed
from crm.errors import NotFound, Refusal
from crm.formats import say
from crm.leads import archiving
from crm.messages import msg
from crm.trash import queries
from crm.trash.kinds import Kind, kinds
from crm.trash.purging import purge as purge_entry
from crm.trash.restoring import restore as restore_entry
from models import db
from models.archive import ArchiveEntry
from models.company import Company
from models.contact import Contact
from views.errors import refused, wants_json
from views.forms.base import answer
from views.forms.trash import ReasonForm
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import in_place, toast
from views.uploads import store

blueprint = Blueprint("trash", __name__)
_OF_A_LEAD = "/leads/<public_id>/"


@blueprint.get("/trash")
@needs(Right.TRASH)
def index() -> ResponseReturnValue:
    """What this person may bring back, all of it or a kind."""
    known = kinds(actor())
    asked = request.args.get("kind", "")
    kind = Kind(asked) if asked in set(known) else None
    return render_template(
        "trash/index.html",
        page=queries.trash_page(actor(), kind, request.args.get("cursor")),
        kind=kind,
        kinds=known,
        kind_words=_words(),
        purges=allowed(actor(), Right.PURGE),
        acts=allowed(actor(), Right.RESTORE),
    )


@blueprint.post("/trash/<entry_id>/restoration")
@needs(Right.RESTORE)
def bring_back(entry_id: str) -> ResponseReturnValue:
    """Bring back what an entry is of; refused with what stands in the way."""
    try:
        home = _home_of(queries.entry_or_404(entry_id))
        restore_entry(entry_id, actor(), clock.now())
        db.session.commit()
    except Refusal as refusal:
        if wants_json():
            raise
        db.session.rollback()
        toast(_("不能恢复。%(why)s", why=say(refusal.message)))
        return redirect(url_for("trash.index"))
    if wants_json():
        return jsonify(text=_("已恢复。")), 201
    toast(_("已恢复。"))
    return redirect(home)


@blueprint.post("/leads/<public_id>/restoration")
@needs(Right.WRITE_LEADS)
def restore(public_id: str) -> ResponseReturnValue:
    """Bring a lead back by its own address."""
    entry = archiving.archived_lead(public_id, actor())
    return bring_back(entry.public_id)


@blueprint.route("/trash/<entry_id>/purge", methods=["GET", "POST"])
@needs(Right.PURGE)
def purge(entry_id: str) -> ResponseReturnValue:
    """Asks first and wants a reason; then it is gone for good."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals():
            purge_entry(entry_id, form.reason.data or "", actor(), store())
            db.session.commit()
            toast(_("已清除，不能再恢复。记录里留有是谁、何时、为什么。"))
            return redirect(url_for("trash.index"))
    thing = queries.purgeable(entry_id, actor())
    return answer(form, "trash/purge.html", thing=thing, word=_words()[thing.kind], Kind=Kind)


def archived_page(
    entry: ArchiveEntry, title: str, *, kept: str, restorable: bool = True
) -> ResponseReturnValue:
    """The page of a record that lies in the trash; ``kept`` says what became of it."""
    return render_template(
        "trash/archived.html",
        entry=entry,
        title=title,
        kept=kept,
        restorable=restorable,
        lost=_not_saved() if request.method == "POST" else "",
    )


def archived_lead_page(public_id: str) -> ResponseReturnValue:
    """The page of a lead in the trash, for who may bring it back. Raises NotFound."""
    entry = _entry_of(public_id)
    assert entry.lead  # noqa: S101 (asked for)
    kept = _("看板、列表、数字和提醒里都不再有它，走访、附件和评论都留着。")
    return archived_page(entry, title_of(entry.lead), kept=kept)


def _entry_of(public_id: str) -> ArchiveEntry:
    if not allowed(actor(), Right.WRITE_LEADS):
        raise NotFound
    return archiving.archived_lead(public_id, actor())


@blueprint.app_errorhandler(NotFound)
def say_where_it_is(error: NotFound) -> ResponseReturnValue:
    """What is sent to a lead that somebody archived meanwhile is answered by the lead's page."""
    db.session.rollback()
    rule = request.url_rule.rule if request.url_rule else ""
    if request.method != "POST" or not rule.startswith(_OF_A_LEAD):
        return refused(error)
    public_id = str((request.view_args or {})["public_id"])
    try:
        if not current_user.is_authenticated:
            raise NotFound
        entry = _entry_of(public_id)
    except NotFound:
        return refused(error)
    if wants_json():
        text = msg("%(who)s已归档这条线索，没有保存。请先恢复它。", who=entry.archived_by.name)
        return refused(NotFound(text))
    if not in_place():
        return current_app.make_response(archived_lead_page(public_id)), error.status
    answer = current_app.make_response(("", error.status))
    # What comes behind a page by itself leads nobody away from it.
    if "X-Behind" not in request.headers:
        g.draft_kept = True
        toast(_not_saved())
        answer.headers["HX-Redirect"] = url_for("leads.show", public_id=public_id)
    return answer


def _not_saved() -> str:
    """What became of what was sent to a lead that was archived meanwhile."""
    if "draft" in request.form:
        return str(_("没有保存。您填的还在，恢复后再打开就接着填。"))
    return str(_("没有保存。恢复后再试一次。"))


def _home_of(entry: ArchiveEntry) -> str:
    """Where what was brought back stands."""
    file, comment, contact = entry.attachment, entry.comment, entry.contact
    if entry.event:
        return url_for("events.show", public_id=entry.event.public_id)
    if entry.view:
        return url_for("leads.index", view=entry.view.public_id)
    if visit := entry.visit or (file and file.visit):
        return url_for("visits.show", public_id=visit.public_id)
    if file and file.offer:
        return url_for("offers.show", public_id=file.offer.public_id)
    if company := entry.company or (contact and _company_of(contact)):
        return url_for("companies.show", public_id=company.public_id)
    lead = entry.lead or (comment and comment.lead) or (file and file.lead)
    assert lead  # noqa: S101 (it is of exactly one record)
    anchor = None if entry.lead else "timeline"
    show = "files" if file else None
    return url_for("leads.show", public_id=lead.public_id, show=show, _anchor=anchor)


def _company_of(contact: Contact) -> Company:
    standing = sorted(contact.roles, key=lambda role: (role.to_on is not None, -role.id))
    return standing[0].company


def _words() -> dict[Kind, str]:
    return {
        Kind.LEADS: pgettext("trash", "线索"),
        Kind.VISITS: pgettext("trash", "走访"),
        Kind.CONTACTS: pgettext("trash", "联系人"),
        Kind.COMPANIES: pgettext("trash", "企业"),
        Kind.COMMENTS: pgettext("trash", "评论"),
        Kind.FILES: pgettext("trash", "附件"),
        Kind.VIEWS: pgettext("trash", "视图"),
        Kind.EVENTS: pgettext("trash", "活动"),
    }
