"""Moves of a lead, by form and as JSON."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import clock
from crm.access import Right
from crm.companies.contacts import told_apart
from crm.errors import Conflict, Refusal
from crm.files import Received
from crm.formats import moment, say
from crm.landing.filling import Filled, fill_and_move, keep, reverse_move
from crm.leads import choices
from crm.leads.moving import Moving, moving
from crm.leads.queries import short_name_of
from crm.leads.reversals import REASON, why_not
from crm.leads.stages import position, stage_name
from crm.leads.words import STATUS_WORDS
from crm.messages import Message, msg
from crm.offers.queries import offers_of
from crm.visits.appointments.losing import called_off_with, still_ahead
from crm.visits.appointments.words import Arranged, what
from crm.visits.queries import people_to_meet
from crm.working_days import HOLDS, hold_days
from crm.working_days.queries import working_calendar
from models import db
from models.enums import Stage, Status, VisitMode
from models.lead import Lead
from models.stage_change import StageChange
from views.errors import wants_json
from views.fact_words import met_by
from views.forms.base import answer
from views.forms.lead import undecided
from views.forms.stage_change import FILLABLE, VISITED, StageChangeForm, move_request
from views.guard import actor, needs
from views.lead_cards import title_of
from views.lead_forms import place_choice, way_out
from views.toasts import asked_on_board, in_place, toast, toast_refusal, told_board
from views.uploads import allow_uploads, chooser, receiving
from views.visit_words import logged

blueprint = Blueprint("stage_changes", __name__, url_prefix="/leads/<public_id>/stage-changes")
allow_uploads(blueprint)


@blueprint.get("/new")
@needs(Right.WRITE_LEADS)
def new(public_id: str) -> ResponseReturnValue:
    """The form of a move: what is met, what is missing, and why it is asked."""
    form = StageChangeForm(formdata=None)
    form.to_stage.data = request.args.get("to_stage", "")
    form.to_status.data = request.args.get("to_status", "")
    asked = form.request()
    found = moving(public_id, actor(), asked.to_stage, asked.to_status)
    form.version.data = str(found.lead.version)
    if found.suggestion:
        form.district.data = found.suggestion.place
    form.next_step.data = found.facts.next_step
    form.need.data = found.said_need
    form.premises.data = place_choice(found.lead)
    return _page(form, found)


@blueprint.post("/<int:seq>/reversal")
@needs(Right.WRITE_LEADS)
def reverse(public_id: str, seq: int) -> ResponseReturnValue:
    """Take a move back that was just made."""
    try:
        change = reverse_move(public_id, seq, actor(), clock.now())
    except (Conflict, Refusal) as refused:
        toast_refusal(refused)
        return redirect(_page_before(public_id))
    lead = db.session.get_one(Lead, change.lead_id)
    db.session.commit()
    if wants_json():
        return jsonify(_as_json(change, lead)), 201
    toast(_("已撤销。"))
    return redirect(_page_before(public_id))


def _page_before(public_id: str) -> str:
    """The board as it was filtered, when the person stands there; else the lead."""
    before = urlsplit(request.referrer or "")
    board = url_for("leads.board")
    if before.path == board and before.netloc == request.host:
        return f"{board}?{before.query}"
    return url_for("leads.show", public_id=public_id)


@blueprint.post("")
@needs(Right.WRITE_LEADS)
def create(public_id: str) -> ResponseReturnValue:
    """Move a lead; what the gate still asked for may come along."""
    if request.is_json:
        return _create_by_json(public_id)
    form = StageChangeForm()
    places = choices.places()
    form.district.offer(places, undecided())
    form.offer_places(places)
    form.offer_sources()
    stale = None

    def filled(paper: Received | None = None) -> StageChange | None:
        sent = form.filled(form.fill(), FILLABLE, paper, form.visit(public_id))
        if form.keeps:
            keep(public_id, sent, form.request(), actor(), clock.now())
            return None
        sent = replace(sent, call_off=tuple(form.call_off.data or ()))
        return fill_and_move(public_id, sent, form.request(), actor(), clock.now())

    def saved(commit: Callable[[], None] = lambda: None) -> StageChange | None:
        with receiving("agreement", form.agreement.files, besides=filled) as papers:
            change = filled(next(iter(papers), None))
            commit()  # the file takes its place in it
            return change

    if form.all_right(saved):
        try:
            with form.refusals():
                change = saved(db.session.commit)
                return _moved(public_id, change, form.met_in) if change else _kept(form, public_id)
        except Conflict as conflict:
            db.session.rollback()
            stale = conflict
    return _refused(form, public_id, stale)


def _create_by_json(public_id: str) -> ResponseReturnValue:
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise Refusal({}, msg("请发一个 JSON 对象。"))
    change = fill_and_move(public_id, Filled(), move_request(values), actor(), clock.now())
    lead = db.session.get_one(Lead, change.lead_id)
    db.session.commit()
    return jsonify(_as_json(change, lead)), 201


def _as_json(change: StageChange, lead: Lead) -> dict[str, Any]:
    return {
        "seq": change.seq,
        "version": lead.version,
        "stage": lead.stage,
        "status": lead.status,
        "hold_until": lead.hold_until.isoformat() if lead.hold_until else None,
        "text": say(_said(lead.public_id, change)),
        "undo_url": _undo_url(lead.public_id, change),
    }


def _undo_url(public_id: str, change: StageChange) -> str | None:
    if change.reason == REASON or why_not(change, clock.now()):
        return None
    return url_for("stage_changes.reverse", public_id=public_id, seq=change.seq)


def _moved(public_id: str, change: StageChange, met_in: VisitMode | None) -> ResponseReturnValue:
    said = say(_said(public_id, change))
    if change.to_status is Status.LOST and (n := len(called_off_with(change))):
        said += ngettext("%(num)s 个约定已取消。", "%(num)s 个约定已取消。", n)
    if met_in:
        said = logged(met_in, said)
    return _done(public_id, said, _undo_url(public_id, change))


def _kept(form: StageChangeForm, public_id: str) -> ResponseReturnValue:
    """What was filled in is saved: what the move still waits for."""
    found = _asked(form, public_id)
    stage = say(found.target.name)
    if [check.field for check in found.missing] == ["offer"]:
        said = _("已存下，测算批准后就能进入“%(stage)s”。", stage=stage)
    else:
        n = len(found.missing)
        said = _("已存下，进入“%(stage)s”还差 %(n)s 项。", stage=stage, n=n)
    return _done(public_id, str(said))


def _done(public_id: str, said: str, undo_url: str | None = None) -> ResponseReturnValue:
    """Say it where the form stood: on the board, over a page, on the lead's own."""
    if asked_on_board():
        return told_board(public_id, said, undo_url)
    toast(said, undo_url)
    if in_place():
        # The page below the dialog shows counts and cards that have changed with it.
        answer = make_response("", 200)
        if request.headers.get("HX-Current-URL", "").partition("?")[0].endswith("/new"):
            answer.headers["HX-Redirect"] = url_for("leads.show", public_id=public_id)
        else:
            answer.headers["HX-Refresh"] = "true"
        return answer
    return redirect(url_for("leads.show", public_id=public_id))


def _said(public_id: str, change: StageChange) -> Message:
    name = short_name_of(public_id)
    if change.from_stage and position(change.to_stage) < position(change.from_stage):
        return msg("%(name)s已退回“%(stage)s”。", name=name, stage=stage_name(change.to_stage))
    if change.from_stage is not change.to_stage:
        return msg("%(name)s已进入“%(stage)s”。", name=name, stage=stage_name(change.to_stage))
    if change.to_status is Status.ACTIVE:
        return msg("%(name)s已恢复跟进。", name=name)
    return msg("%(name)s已改为%(status)s。", name=name, status=STATUS_WORDS[change.to_status])


def _refused(form: StageChangeForm, public_id: str, stale: Conflict | None) -> ResponseReturnValue:
    """The form again, with what is wrong or what somebody else did meanwhile."""
    found = _asked(form, public_id)
    if not in_place():
        form.say_lost_file()
    if stale is not None:
        form.version.data, form.version.raw_data = str(found.lead.version), None
    return _page(form, found, stale)


def _asked(form: StageChangeForm, public_id: str) -> Moving:
    """The move that a form asks for; codes that nobody knows ask for none."""
    stage = Stage(form.to_stage.data) if form.to_stage.data in set(Stage) else None
    status = Status(form.to_status.data) if form.to_status.data in set(Status) else None
    return moving(public_id, actor(), stage, status)


def _page(
    form: StageChangeForm, found: Moving, stale: Conflict | None = None
) -> ResponseReturnValue:
    places = choices.places()
    form.district.offer(places, undecided())
    form.offer_landing(found.lead, places)
    asked = {check.field for check in found.missing}
    offers = offers_of(found.lead.public_id, actor()) if "offer" in asked else None
    sent = {name for name in FILLABLE if form[name].sent}
    visit = bool(asked & VISITED) or form.visit_sent
    if visit:
        people = told_apart(people_to_meet(found.lead.company_id))
        form.offer_visit(asked, people.items())
        if not form.visit_sent:
            form.open_visit(clock.now(), secrets.token_hex(12))
    today = clock.today()
    loses, holds = (
        found.status is status and not found.changes_stage
        for status in (Status.LOST, Status.ON_HOLD)
    )
    arranged = still_ahead(actor(), found.lead, clock.now()) if loses else []
    form.offer_to_call_off([(one.public_id, _arranged(one)) for one in arranged])
    fields = [name for name in FILLABLE if name in asked | sent]
    fragment = in_place()
    context: dict[str, Any] = {
        "moving": found,
        "lead": found.lead,
        "gates": _gates(form, found),
        "title": title_of(found.lead),
        "heading": _heading(found),
        "button": _button(found),
        "skipped": str(_("、")).join(f"“{say(one.name)}”" for one in found.skipped),
        "fields": [*fields, *VISITED] if visit else fields,
        "visit": visit,
        "stage_of": lambda lead: say(stage_name(lead.stage)),
        "met_by": partial(met_by, found),
        "way_out": partial(way_out, offers=offers),
        "offers": offers,
        "chooser": chooser(),
        "Status": Status,
        "today": today,
        "quick": hold_days(working_calendar(today, today + HOLDS), today) if holds else [],
        "local_date": clock.local_date,
    }
    template = "stage_changes/dialog.html" if fragment else "stage_changes/new.html"
    return answer(form, template, stale, **context)


def _gates(form: StageChangeForm, found: Moving) -> dict[str, str]:
    """Which gate asks for a field: also where what was sent is refused before a gate saw it."""
    missing = [check.field for check in found.missing]
    shown = {"contacts" if gate in VISITED else gate: gate for gate in reversed(missing)}
    return dict(form.gates) or shown


def _arranged(one: Arranged) -> str:
    return f"{moment(one.starts_at)} {say(what(one.mode, one.company))}"


def _heading(found: Moving) -> str:
    name = title_of(found.lead)
    stage = say(found.target.name)
    if found.changes_stage and found.missing:
        return str(
            _("%(name)s进入“%(stage)s”还差 %(n)s 项", name=name, stage=stage, n=len(found.missing))
        )
    if _goes_back(found):
        return str(_("%(name)s退回“%(stage)s”", name=name, stage=stage))
    if found.changes_stage:
        return str(_("%(name)s移到“%(stage)s”", name=name, stage=stage))
    if found.status is Status.ACTIVE:
        return str(_("恢复跟进%(name)s", name=name))
    words = say(STATUS_WORDS[found.status])
    return str(_("把%(name)s改为%(status)s", name=name, status=words))


def _goes_back(found: Moving) -> bool:
    return found.changes_stage and position(found.target.stage) < position(found.lead.stage)


def _button(found: Moving) -> str:
    if _goes_back(found):
        return str(_("退回%(stage)s", stage=say(found.target.name)))
    if found.changes_stage:
        return str(_("保存并进入%(stage)s", stage=say(found.target.name)))
    if found.status is Status.ACTIVE:
        return str(_("恢复跟进"))
    return str(_("改为暂缓") if found.status is Status.ON_HOLD else _("改为流失"))
