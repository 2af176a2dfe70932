"""Hand-overs: a lead goes to another team, or to another person of its own."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import clock
from crm.access import Right, may_write, readable_lead
from crm.errors import Conflict, Forbidden, NotFound, Refusal
from crm.formats import say
from crm.leads import choices
from crm.leads.edit_reversals import put_back
from crm.leads.edits import may_hand_over
from crm.leads.hand_overs import hand_over
from crm.leads.inputs import LeadEdit
from crm.leads.queries import held_by, page_options
from crm.messages import Name, Value, msg
from models import db
from models.lead import Lead
from views.errors import wants_json
from views.forms.base import answer
from views.forms.hand_over import HandOverForm
from views.forms.stage_change import whole_number
from views.guard import actor, needs
from views.lead_cards import title_of
from views.toasts import asked_on_board, in_place, toast, toast_refusal, told_board
from views.ways_back import before_of, way_back

blueprint = Blueprint("hand_overs", __name__, url_prefix="/leads/<public_id>/hand-overs")


@blueprint.get("/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """Who of the team takes it; without a team it stays in its own."""
    lead = _handable(public_id)
    form = HandOverForm(formdata=None)
    form.team.data = request.args.get("team") or lead.team.code
    form.version.data = str(lead.version)
    return _page(form, lead)


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Hand a lead over; with ``was``, back to who had it."""
    lead = _handable(public_id)
    if back := before_of(public_id):
        return _take_back(public_id, *back)
    form = HandOverForm()
    stale = None
    if form.validate_on_submit():
        before = LeadEdit(team=lead.team.code, owner=lead.owner.public_id)
        edit = LeadEdit(team=form.team.data or "", owner=form.owner.data or "")
        read_at = whole_number(form.version.data)
        try:
            with form.refusals():
                note = form.note.data
                hand_over(public_id, edit, actor(), clock.now(), version=read_at, note=note)
                db.session.commit()
                return _handed_over(public_id, before, edit)
        except Conflict as conflict:
            db.session.rollback()
            stale = conflict
    return _page(form, _handable(public_id), stale)


def _handable(public_id: str) -> Lead:
    """A lead that this person may hand over."""
    lead = readable_lead(actor(), public_id, *page_options())
    if not may_hand_over(lead, actor()):
        raise Forbidden(msg("移交线索，请找队长或局领导。"))
    return lead


def _handed_over(public_id: str, before: LeadEdit, after: LeadEdit) -> ResponseReturnValue:
    """Say it, with a way back for who may still write; who may not sees the lead no more."""
    lead = held_by(public_id)
    team = say(Name(lead.team.short_zh, lead.team.short_en))
    text = _("已移交给%(team)s %(name)s。", team=team, name=lead.owner.name)
    mine = may_write(lead, actor())
    was = way_back(lead, before, after) if mine else None
    undo = url_for("hand_overs.create", public_id=public_id, was=was) if was else None
    if asked_on_board():
        return told_board(public_id, text, undo)
    toast(text, undo)
    return redirect(url_for("leads.show", public_id=public_id) if mine else url_for("leads.index"))


def _take_back(public_id: str, before: LeadEdit, after: LeadEdit) -> ResponseReturnValue:
    """Owner and team as they were; what else was edited since stays."""
    try:
        put_back(public_id, before, after, actor(), clock.now())
        db.session.commit()
    except (Conflict, Refusal) as refused:
        toast_refusal(refused)
        return redirect(url_for("leads.show", public_id=public_id))
    if wants_json():
        return jsonify(text=_("已撤销。")), 201
    toast(_("已撤销。"))
    return redirect(url_for("leads.show", public_id=public_id))


def _page(form: HandOverForm, lead: Lead, stale: Conflict | None = None) -> ResponseReturnValue:
    form.team.data = form.team.data or lead.team.code
    people = choices.members(form.team.data, clock.today())
    teams = dict(choices.teams())
    team = teams.pop(form.team.data, None)
    if team is None:
        raise NotFound
    form.owner.offer_people([one for one in people if one.id != lead.owner_id], _("请选负责人"))
    if stale is not None:
        form.version.data, form.version.raw_data = str(lead.version), None
    fragment = in_place()
    return answer(
        form,
        "hand_overs/dialog.html" if fragment else "hand_overs/new.html",
        stale,
        lead=lead,
        heading=_heading(lead, form.team.data, team),
        others=teams.items(),
        leaves=lead.team.code != form.team.data and not _stays(),
    )


def _heading(lead: Lead, code: str, team: Value) -> str:
    if code == lead.team.code:
        return str(_("移交%(name)s", name=title_of(lead)))
    return str(_("把%(name)s移交给%(team)s", name=title_of(lead), team=say(team)))


def _stays() -> bool:
    """Whether the person goes on seeing a lead of another team."""
    return not actor().teams
