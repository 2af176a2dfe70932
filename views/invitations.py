"""Guests of an event: invited one by one, pasted or from a list; answered, come, logged."""

from __future__ import annotations

import json
from typing import Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.companies.contacts import contacts_of
from crm.companies.queries import company_or_404
from crm.errors import NotFound, Refusal
from crm.events import invitations, matching, queries
from crm.events.invitations import Guest, invitation_or_404
from crm.events.rules import ATTENDANCE_WORDS, REPLY_WORDS
from crm.events.visiting import log_presence
from crm.formats import say
from crm.messages import msg
from crm.targets import queries as targets
from crm.targets.states import EntryState, state_of
from models import db
from models.company import Company
from models.event import Attendance, Reply
from views.addresses import number_of
from views.errors import wants_json
from views.events import about
from views.forms.base import answer
from views.forms.event import GuestForm, ListedForm, PastedForm
from views.guard import actor, needs
from views.toasts import in_place, toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("invitations", __name__, url_prefix="/events/<public_id>/invitations")

LONGEST_WORD = 100


def _event_url(public_id: str, guest: str | None = None) -> str:
    return url_for("events.show", public_id=public_id, _anchor=guest and f"guest-{guest}")


@blueprint.get("/new")
@needs(Right.WRITE_EVENTS)
def new(public_id: str) -> ResponseReturnValue:
    """The form of one guest; once the company is known its people are offered."""
    company, walk_in = request.args.get("company", ""), request.args.get("walk_in", "")
    return _guest_page(public_id, GuestForm(data={"company": company, "walk_in": walk_in}))


@blueprint.post("")
@needs(Right.WRITE_EVENTS)
def create(public_id: str) -> ResponseReturnValue:
    """Invite one, or write down that they came uninvited."""
    form = GuestForm()
    if form.validate_on_submit():
        with form.refusals():
            walk_in = form.walk_in.data == "1"
            done = invitations.invite(
                public_id, [form.guest()], actor(), clock.now(), walk_in=walk_in
            )
            db.session.commit()
            if not done.made:
                toast(_("已在名单里。"))
                return redirect(_event_url(public_id))
            _say_invited(public_id, done, came=walk_in)
            return redirect(_event_url(public_id, done.made[0].public_id))
    return _guest_page(public_id, form)


def _guest_page(public_id: str, form: GuestForm) -> ResponseReturnValue:
    event = queries.event_or_404(public_id)
    company = _company(form.company.data or "")
    people = contacts_of(company.id) if company else []
    form.offer([(role.contact.public_id, _called(role)) for role in people])
    return answer(form, "invitations/new.html", event=event, company=company)


def _called(role: Any) -> str:
    return f"{role.contact.name} {role.title}".strip()


def _company(named: str) -> Company | None:
    """The company that was chosen; None for a name that is not known yet."""
    try:
        return company_or_404(named) if named else None
    except NotFound:
        return None


def _say_invited(public_id: str, done: invitations.Invited, *, came: bool = False) -> None:
    """How many there are now, with the way back."""
    number = len(done.made)
    if came:
        text = _("已记到场。")
    else:
        text = ngettext("已邀请 %(num)s 家。", "已邀请 %(num)s 家。", number)
    if done.known:
        known = ngettext("%(num)s 家本来就在名单里。", "%(num)s 家本来就在名单里。", done.known)
        text = f"{text}{known}"
    was = sealed("invited", [[one.public_id for one in done.made]])
    back = url_for("invitations.take_back", public_id=public_id, was=was) if number else None
    toast(text, back)


@blueprint.post("/removals")
@needs(Right.WRITE_EVENTS)
def take_back(public_id: str) -> ResponseReturnValue:
    """Take those off the list again who were just invited."""
    queries.event_or_404(public_id)
    (made,) = unsealed("invited")
    number = invitations.remove_made(public_id, made, actor())
    db.session.commit()
    toast(ngettext("已撤回 %(num)s 份邀请。", "已撤回 %(num)s 份邀请。", number))
    return redirect(_event_url(public_id))


@blueprint.route("/pasted", methods=["GET", "POST"])
@needs(Right.WRITE_EVENTS)
def pasted(public_id: str) -> ResponseReturnValue:
    """Names pasted, then shown with the company of each, then invited."""
    event, form = queries.event_or_404(public_id), PastedForm()
    found: list[matching.Found] = []
    if form.validate_on_submit():
        with form.refusals():
            found = matching.look_up(form.text.data)
        if found and form.decided.data:
            with form.refusals():
                guests = matching.guests_of(found, form.choices(request.form))
                done = invitations.invite(public_id, guests, actor(), clock.now())
                db.session.commit()
                _say_invited(public_id, done)
                return redirect(_event_url(public_id))
            event = queries.event_or_404(public_id)
    return answer(
        form,
        "invitations/pasted.html",
        event=event,
        found=found,
        sent=request.form,
        field_of=matching.field_of,
    )


@blueprint.route("/listed", methods=["GET", "POST"])
@needs(Right.WRITE_EVENTS)
def listed(public_id: str) -> ResponseReturnValue:
    """Companies of a target list, those nobody has touched first of all."""
    event, form = queries.event_or_404(public_id), ListedForm()
    if form.validate_on_submit():
        with form.refusals():
            guests = [Guest(one) for one in dict.fromkeys(form.companies.data or ())]
            if not guests:
                raise Refusal({"companies": [msg("请至少选一家。")]})
            done = invitations.invite(public_id, guests, actor(), clock.now())
            db.session.commit()
            _say_invited(public_id, done)
            return redirect(_event_url(public_id))
        event = queries.event_or_404(public_id)
    editions = [one for found in targets.editions().values() for one in found]
    names = {one.id: one for one in targets.lists()}
    options = [
        (f"{names[one.list_id].code}/{one.year}", names[one.list_id], one.year) for one in editions
    ]
    chosen = request.args.get("list", "")
    code, _sep, year_text = chosen.partition("/")
    edition = None
    if year := number_of(year_text):
        edition = targets.edition_or_404(code, year)
    state = state_of(request.args.get("state", EntryState.UNTOUCHED.code))
    filters = targets.Filters(
        state=state, undecided=False, query=request.args.get("q", "").strip()[:LONGEST_WORD]
    )
    page = None
    if edition is not None:
        page = targets.entries_page(
            edition, filters, actor(), clock.now(), request.args.get("cursor")
        )
    return answer(
        form,
        "invitations/listed.html",
        event=event,
        options=options,
        chosen=chosen if edition else "",
        filters=filters,
        states=list(EntryState),
        page=page,
        there=invitations.companies_on_list(event),
    )


@blueprint.route("/<invitation_id>/edit", methods=["GET", "POST"])
@needs(Right.WRITE_EVENTS)
def edit(public_id: str, invitation_id: str) -> ResponseReturnValue:
    """Say who comes of the company."""
    guest, form = invitation_or_404(public_id, invitation_id), GuestForm()
    if form.validate_on_submit():
        with form.refusals():
            invitations.name_guest(public_id, invitation_id, form.guest(), actor(), clock.now())
            db.session.commit()
            toast(_("已保存。"))
            return redirect(_event_url(public_id, invitation_id))
        guest = invitation_or_404(public_id, invitation_id)
    if request.method == "GET" and guest.contact:
        form.contact.data = guest.contact.public_id
    people = contacts_of(guest.company_id)
    form.offer([(role.contact.public_id, _called(role)) for role in people])
    return answer(form, "invitations/edit.html", guest=guest, event=guest.event)


@blueprint.post("/<invitation_id>/reply")
@needs(Right.WRITE_EVENTS)
def reply(public_id: str, invitation_id: str) -> ResponseReturnValue:
    """What they answered; the same resource takes it back."""
    value = request.values.get("value", "")
    if value not in set(Reply):
        raise NotFound
    before = invitations.answer(public_id, invitation_id, Reply(value), actor())
    db.session.commit()
    undo = url_for(
        "invitations.reply", public_id=public_id, invitation_id=invitation_id, value=before.value
    )
    return _told(public_id, invitation_id, say(REPLY_WORDS[Reply(value)]), undo)


@blueprint.post("/<invitation_id>/attendance")
@needs(Right.WRITE_EVENTS)
def attendance(public_id: str, invitation_id: str) -> ResponseReturnValue:
    """Whether they came, by one tap; the same resource takes it back."""
    value = request.values.get("value", "")
    if value and value not in set(Attendance):
        raise NotFound
    wanted = Attendance(value) if value else None
    try:
        before = invitations.mark(public_id, invitation_id, wanted, actor(), clock.now())
    except Refusal as refusal:
        return _refused(public_id, invitation_id, refusal)
    db.session.commit()
    undo = url_for(
        "invitations.attendance",
        public_id=public_id,
        invitation_id=invitation_id,
        value=before.value if before else "",
    )
    words = say(ATTENDANCE_WORDS[wanted]) if wanted else _("未记到场")
    return _told(public_id, invitation_id, words, undo)


@blueprint.post("/<invitation_id>/visit")
@needs(Right.LOG_VISITS)
def log(public_id: str, invitation_id: str) -> ResponseReturnValue:
    """Log their presence as a visit, once."""
    try:
        logged = log_presence(public_id, invitation_id, actor(), clock.now())
    except Refusal as refusal:
        return _refused(public_id, invitation_id, refusal)
    db.session.commit()
    if wants_json():
        body = {"id": logged.visit.public_id, "created": logged.created}
        return jsonify(body), 201 if logged.created else 200
    words = _("已记成走访，算一次有效接触。") if logged.created else _("早先已经记成走访。")
    return _told(public_id, invitation_id, words, None, whole=True)


def _told(
    public_id: str, invitation_id: str, words: str, undo: str | None, *, whole: bool = False
) -> ResponseReturnValue:
    """The guest's row as it is now with what to say of it, or the page again."""
    guest = invitation_or_404(public_id, invitation_id)
    text = words if whole else f"{guest.company.short_name} {words}"
    if wants_json():
        return jsonify(text=text, undo_url=undo)
    if not in_place():
        toast(text, undo)
        return redirect(_event_url(public_id, invitation_id))
    event = queries.event_or_404(public_id)
    response: Response = make_response(
        render_template("invitations/_row.html", guest=guest, **about(event))
    )
    told = {"guest:saved": {"id": invitation_id, "text": text, "undo_url": undo}}
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def _refused(public_id: str, invitation_id: str, refusal: Refusal) -> ResponseReturnValue:
    """A tap that can not be: said where it was made."""
    if wants_json():
        raise refusal
    db.session.rollback()
    return _told(public_id, invitation_id, say(refusal.message), None, whole=True)


@blueprint.post("/<invitation_id>/removal")
@needs(Right.WRITE_EVENTS)
def remove(public_id: str, invitation_id: str) -> ResponseReturnValue:
    """Take a guest off the list, with a way back."""
    try:
        gone = invitations.remove(public_id, invitation_id, actor())
    except Refusal as refusal:
        return _refused(public_id, invitation_id, refusal)
    was = sealed("invitation", invitations.values_of(gone))
    db.session.commit()
    toast(_("已从名单去掉。"), url_for("invitations.restore", public_id=public_id, was=was))
    return redirect(_event_url(public_id))


@blueprint.post("/restorations")
@needs(Right.WRITE_EVENTS)
def restore(public_id: str) -> ResponseReturnValue:
    """Put a guest on the list again who was just taken off."""
    queries.event_or_404(public_id)
    invitations.bring_back(public_id, unsealed("invitation"), actor(), clock.now())
    db.session.commit()
    toast(_("已放回名单。"))
    return redirect(_event_url(public_id))
